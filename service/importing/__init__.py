"""Loading a history from files, checked as a whole first, then in short transactions."""
