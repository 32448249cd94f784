"""Proofs that need a server or its store: long to run, so they are commands and not tests."""
