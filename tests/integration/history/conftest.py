"""Databases for the imports' tests."""

from tests.support.fixtures import anyio_backend, sqlite_template

__all__ = ["anyio_backend", "sqlite_template"]
