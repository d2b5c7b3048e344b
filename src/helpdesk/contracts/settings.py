"""Reading the settings that a plugin declares: each is a text under a common prefix, and a wrong one is named."""

from collections.abc import Mapping
from typing import Any

MASK = "••••••"
"""What is shown in a secret's place."""
_YES = frozenset({"yes", "true", "1", "on"})


class PluginSettings:
    """The settings that begin with ``prefix``; what is left out, or blank, has its default."""

    def __init__(self, given: Mapping[str, Any], prefix: str, defaults: Mapping[str, str] | None = None) -> None:
        self._given = given
        self._prefix = prefix
        self._defaults = defaults or {}

    def text(self, name: str) -> str:
        """Return a setting as it stands, without blanks around it."""
        return str(self._given.get(f"{self._prefix}{name}") or "").strip() or self._defaults.get(name, "")

    def yes(self, name: str) -> bool:
        """Say whether a setting says yes."""
        return self.text(name).lower() in _YES

    def number(self, name: str, least: int, most: int) -> int:
        """Return a whole number within bounds.

        Raises:
            ValueError: it is none.
        """
        value = self.text(name)
        if not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"{self._prefix}{name} must be a whole number from {least} to {most}, not {value!r}")
        return int(value)

    def endpoint(self, name: str, *, or_else: str = "") -> tuple[str, int]:
        """Return the host and port to listen on; ``or_else``: what the caller takes besides, for the error.

        Raises:
            ValueError: it is not ``host:port``.
        """
        value = self.text(name)
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdigit() or int(port) > 65_535:
            raise ValueError(f"{self._prefix}{name} must be host:port{or_else}, not {value!r}")
        return host.strip("[]"), int(port)
