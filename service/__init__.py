"""What decides and records, live: scoring over HTTP with a durable store behind it."""
