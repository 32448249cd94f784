"""Proofs of what is learned: features, reasons, figures, each with a target."""
