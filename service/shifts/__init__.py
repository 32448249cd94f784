"""Shifts: what a port can do in a window, what is chosen within it, and what is shown of it."""
