"""Figures from logged propensities: what was found, what was there, and how sure that is."""
