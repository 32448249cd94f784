"""HTTP: routes, schemas, and problems in the form of RFC 9457."""
