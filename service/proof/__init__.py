"""Proofs that need a server or its store: killed in mid-write, raced, tampered with."""
