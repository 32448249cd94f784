"""What decides: bundles, risk, reasons and rules. Pure functions and files, no web, no database."""
