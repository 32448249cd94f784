"""Learning from somebody else's table: any columns, any headers, named by a mapping."""
