"""What a plugin says of itself: readable without running it."""

from msgspec import Struct


class Manifest(Struct, frozen=True):
    """A plugin's declaration. ``provides`` lists ``channel:<kind>``, ``regulation:<tenant>``, ``notifier:<name>``."""

    name: str
    version: str
    summary: str
    provides: tuple[str, ...]
    contracts: int = 1
    """The version of these contracts it was written for."""
