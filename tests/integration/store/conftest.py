"""The store's tests run on both databases."""

from tests.support.fixtures import (
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
)

__all__ = ["anyio_backend", "database", "database_urls", "postgres", "postgres_template", "sqlite_template"]
