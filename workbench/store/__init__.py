"""Where nouns rest: SQLAlchemy Core on SQLite or PostgreSQL; rows in, nouns out; no SQLAlchemy object leaves."""
