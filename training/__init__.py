"""Learns and proves, offline: simulation, fitting, evaluation."""
