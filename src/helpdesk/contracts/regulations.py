"""A company's regulation as a plugin: a tenant's name and the folder that holds its data."""

from importlib.resources.abc import Traversable

from msgspec import Struct


class RegulationPackage(Struct, frozen=True):
    """A regulation as data: ``root`` holds ``regulation.toml``, ``editions/``, ``messages/``, ``scenarios/``."""

    tenant: str
    root: Traversable
