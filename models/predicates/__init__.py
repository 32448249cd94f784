"""Predicates of rules: an allow-listed part of SQL, run over tables and over live items alike."""
