"""Every setting of the service itself: one entry, one paragraph. The reference page is generated from this table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from helpdesk.settings.shape import ROLES, SecretUrl

PREFIX = "HELPDESK_"


class Setting(Struct, frozen=True):
    """One setting; ``parse`` raises ValueError with a sentence that says what is allowed."""

    field: str
    takes: str
    """What kind of value, in two or three words."""
    default: str
    paragraph: str
    parse: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable's name."""
        return PREFIX + self.field.upper()


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _folders(text: str) -> tuple[Path, ...]:
    return tuple(_folder(part) for part in text.split(":") if part)


def _database(text: str) -> SecretUrl:
    if text and not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("starts with sqlite:/// or postgresql+psycopg://")
    return SecretUrl(text)


def _files(text: str) -> SecretUrl:
    if text and not text.startswith(("file:///", "s3://")):
        raise ValueError("starts with file:/// or s3://")
    return SecretUrl(text)


def _nats(text: str) -> SecretUrl:
    if text and not text.startswith(("nats://", "tls://")):
        raise ValueError("starts with nats:// or tls://")
    return SecretUrl(text)


def _host(text: str) -> str:
    if not text or any(letter.isspace() or letter == "/" for letter in text):
        raise ValueError("is a host name or an IP address")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError("is a number from 0 to 65535")
    return int(text)


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not roles or roles - set(ROLES):
        raise ValueError(f"is a comma-separated choice of {', '.join(ROLES)}")
    return roles


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is one of {', '.join(choices)}")
        return text

    return parse


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 600:
        raise ValueError("is a number of seconds from 0 to 600")
    return seconds


TABLE: tuple[Setting, ...] = (
    Setting(
        "data_dir",
        "folder",
        "./var",
        "Where the service keeps what is its own: the SQLite file, the store of its NATS server, "
        "and `service.json`, which says where its API and its NATS server are reached. Made at the first "
        "start, readable by its owner only, and one service's: a second one over it is refused. A relative folder "
        "counts from where the service is started.",
        _folder,
    ),
    Setting(
        "database_url",
        "URL",
        "",
        "The database, as SQLAlchemy names it: `sqlite:///` and a path, or "
        "`postgresql+psycopg://user:password@host/name`. Left empty, it is the SQLite file `helpdesk.sqlite3` in the "
        "data folder. Several instances need PostgreSQL. The password is never shown.",
        _database,
    ),
    Setting(
        "files_url",
        "URL",
        "",
        "Where attachments are kept: `file:///` and a folder, or `s3://bucket/prefix`, with the keys, region and "
        "endpoint in the usual `AWS_…` variables. Left empty, it is the folder `files` in the data folder. Several "
        "instances need one that all of them reach. `helpdesk db sweep-files` deletes what no message tells of.",
        _files,
    ),
    Setting(
        "nats_url",
        "URL",
        "",
        "A NATS server or cluster with JetStream: `nats://user:password@host:4222`. Left empty, the service starts a "
        "server of its own as a child, with its store in the data folder; that store may be wiped at any time without "
        "loss. The password is never shown.",
        _nats,
    ),
    Setting(
        "http_host",
        "address",
        "127.0.0.1",
        "The address on which the HTTP API listens. The default is reachable from this machine only; put a reverse "
        "proxy with TLS in front before opening it to others.",
        _host,
    ),
    Setting(
        "http_port",
        "port",
        "8080",
        "The TCP port of the HTTP API. 0 takes any free port; the log and `service.json` in the data folder say which.",
        _port,
    ),
    Setting(
        "roles",
        "names",
        ",".join(ROLES),
        "What this instance does, comma-separated: `api` serves HTTP, `channels` runs the channels' listeners, `relay` "
        "publishes the outbox to NATS, `deliveries` sends what is owed to the channels, `timekeeper` fires timers, "
        "`indexer` has search find new messages. The default is everything in one process. Any number of instances may "
        "hold the same role on PostgreSQL.",
        _roles,
    ),
    Setting(
        "policies",
        "folders",
        "",
        "Folders that hold regulations as plugins, colon-separated, each regulation in a folder of its own. Left "
        "empty, it is the folder `policies` where the command is started, else that of the checkout it runs from, if "
        "there is one. `helpdesk plugin list` shows what was found. Tenants that exist already do not need them: what "
        "judges their tickets is kept in the database.",
        _folders,
    ),
    Setting(
        "log_level",
        "level",
        "info",
        "The least severe messages that are logged, to standard error: `debug`, `info`, `warning` or `error`. Bodies "
        "of messages and requests are not logged at any level.",
        _one_of("debug", "info", "warning", "error"),
    ),
    Setting(
        "log_format",
        "name",
        "text",
        "How log lines look: `text` for people, `json` for programs, one object a line.",
        _one_of("text", "json"),
    ),
    Setting(
        "drain_seconds",
        "seconds",
        "5",
        "How long a stopping service waits for what it has taken in hand (open requests, mails being received, letters "
        "being sent) before it ends without them. Nothing acknowledged is lost either way. From 0 to 600.",
        _seconds,
    ),
)
