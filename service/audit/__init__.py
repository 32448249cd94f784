"""The audit: who did what, in a chain that cannot be rewritten without being found out."""
