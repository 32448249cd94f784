"""Proving: comparisons on worlds and tables that the caller names."""
