"""The demonstration: a small world from simulation to a ranked queue, on this machine alone."""
