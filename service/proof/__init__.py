"""Proofs that need a store: long to run, so they are commands and not tests."""
