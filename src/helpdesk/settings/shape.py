"""The checked settings as the rest of the service sees them."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from helpdesk.contracts.settings import MASK

ROLES: tuple[str, ...] = ("api", "channels", "deliveries", "indexer", "relay", "timekeeper")


class Secret:
    """A value that no log, trace or message may show; ``reveal()`` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return MASK if self._value else "''"

    __str__ = __repr__


class SecretUrl(Secret):
    """An address that may carry a password: shown without it."""

    __slots__ = ()

    def __repr__(self) -> str:
        parts = urlsplit(self.reveal())
        if parts.username is None and parts.password is None and not parts.query:
            return self.reveal()
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{MASK}@{host}" if "@" in parts.netloc else host
        return urlunsplit((parts.scheme, netloc, parts.path, MASK if parts.query else "", ""))

    __str__ = __repr__


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that a service's start depends on. ``docs/reference/settings.md`` says what each means."""

    data_dir: Path
    """Absolute."""
    database_url: SecretUrl
    """As SQLAlchemy takes it; never empty."""
    files_url: SecretUrl
    """Never empty."""
    nats_url: SecretUrl
    """Empty: a server of our own, as a child."""
    http_host: str
    http_port: int
    """0: any free port; the log and ``<data_dir>/service.json`` say which."""
    roles: frozenset[str]
    policies: tuple[Path, ...]
    """Folders that hold regulations, each in a folder of its own. Absolute."""
    log_level: str
    log_format: str
    drain_seconds: float
    channels: Mapping[str, Secret] = MappingProxyType({})
    """Every other ``HELPDESK_…`` variable: the plugins' own, checked against what they declare; some are passwords."""
