"""The service as a process, on SQLite and on a private PostgreSQL."""

from tests.support.fixtures import postgres, postgres_template

__all__ = ["postgres", "postgres_template"]
