"""Pages, and cursors: where a page ended, in a form that clients hand back and do not look into."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, Select

from helpdesk.kernel.errors import HelpdeskError
from helpdesk.store.engine.session import Session

T = TypeVar("T")

_MAX_LENGTH = 400


class BadCursor(HelpdeskError):
    """The cursor is not one that this list gave out."""

    code = "bad-cursor"


def page(session: Session, wanted: Select[Any], limit: int) -> tuple[list[Row[Any]], bool]:
    """Return at most ``limit`` rows of ``wanted``, and whether more follow."""
    rows = list(session.connection.execute(wanted.limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def encode(of: str, *position: Any) -> str:
    """Return a cursor of the list ``of`` after the row at ``position``."""
    packed = msgspec.msgpack.encode([of, *position])
    return urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def decode(of: str, cursor: str, kind: type[T]) -> T:
    """Return the position in ``cursor``, typed as ``kind`` (a tuple type).

    A cursor carries no rights: a forged one only starts the caller's own list elsewhere.

    Raises:
        BadCursor: garbage, or another list's.
    """
    try:
        if len(cursor) > _MAX_LENGTH:
            raise BadCursor
        packed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        name, *position = msgspec.msgpack.decode(packed, type=list)
        if name != of:
            raise BadCursor
        return msgspec.convert(position, kind)
    except (binascii.Error, UnicodeEncodeError, msgspec.MsgspecError, ValueError, RecursionError):
        raise BadCursor from None
