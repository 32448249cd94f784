"""What was known when: items, reference tables, filing law, history and the matrix."""
