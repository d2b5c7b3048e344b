"""Logging: one line per event on standard error, for people or for programs; other libraries' loggers included."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_QUIET = ("httpx2", "httpcore2", "mail.log", "alembic", "uvicorn.error", "uvicorn.access", "nats")
"""Loggers that say nothing below a warning: some of them would name addresses with passwords."""
_FOLDED = str.maketrans({"\n": "\\n", "\r": "\\r", "\x1b": "\\x1b"})


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Have everything that is logged from ``level`` on written to ``stream``, as ``text`` or ``json``.

    Our own events go straight there; other libraries' come through the standard library's root logger.
    """
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _fold,
    ]
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    structlog.configure(
        processors=[_add_logger, structlog.processors.add_log_level, *shared, renderer],
        logger_factory=lambda name="": _Line(name, out),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Line:
    """Writes finished lines, each by one call so that threads' lines do not mix."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    debug = info = warning = error = exception = critical = msg


def _add_logger(logger: _Line, _: str, event: EventDict) -> EventDict:
    event["logger"] = logger.name
    return event


def _fold(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep every event on one line: what came from outside must not look like lines of ours."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = value.translate(_FOLDED)
    return event


def _as_text(_: WrappedLogger, __: str, event: EventDict) -> str:
    moment, level = event.pop("timestamp"), event.pop("level")
    message, logger = event.pop("event"), event.pop("logger", "")
    trace = event.pop("exception", "")
    rest = " ".join(f"{key}={value!r}" for key, value in event.items())
    line = f"{moment} {level:<7} {logger}: {message}" + (f" {rest}" if rest else "")
    return f"{line}\n{trace}" if trace else line
