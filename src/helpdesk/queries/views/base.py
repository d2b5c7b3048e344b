"""What reads return, as the API shows it: instants are aware datetimes in UTC, spans are whole seconds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from helpdesk.domain.states import State
from helpdesk.kernel.instants import Instant, to_datetime

Moment = Annotated[datetime, Meta(tz=True)]
"""An instant as it is shown; the API's description gives it the format ``date-time``."""


class View(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all views: nothing is shown that the type does not name."""


class KeptView(View, frozen=True):
    """What was added or changed."""

    id: UUID
    version: int | None
    """null for what has none of its own."""


def moment(instant: Instant | None) -> datetime | None:
    """Return ``instant`` as a datetime, None as None."""
    return None if instant is None else to_datetime(instant)


class Changed(View, frozen=True):
    """What a change did to a ticket."""

    number: int
    version: int
    state: State
    message_id: UUID | None
    """The message that was stored with it, where there is one."""
