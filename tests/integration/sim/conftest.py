"""Databases for the simulator's tests."""

from tests.integration.desk.conftest import (
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
    world,
)

__all__ = ["anyio_backend", "database", "database_urls", "postgres", "postgres_template", "sqlite_template", "world"]
