"""Transactions on SQLite and PostgreSQL: threads, sessions, prepared statements, rows that are written together."""
