"""The store: SQLite or PostgreSQL through SQLAlchemy Core, and the only place with SQL."""
