"""Proofs of what is learned: features, reasons, figures, and policies against hidden truth."""
