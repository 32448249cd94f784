"""Exact Shapley values of trees, cheap enough for every reply."""
