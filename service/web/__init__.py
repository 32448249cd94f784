"""The inspectors' pages, rendered here on top of the use cases, with no logic of their own."""
