"""Benchmarks that others can reproduce: policies judged against the hidden truth of worlds."""
