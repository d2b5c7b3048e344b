"""The service's own rows: which installation this is, and how far its time source is moved."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update

from helpdesk.store.engine.session import Session
from helpdesk.store.schema import instance, time_source


class Installation(Struct, frozen=True):
    """The installation that a database belongs to."""

    instance_id: UUID
    epoch: int
    """Raised when a restored copy is released."""
    secret: bytes
    """32 random bytes that key the threading tokens. Never logged, never shown."""

    def __repr__(self) -> str:
        return f"Installation({self.instance_id}, epoch {self.epoch})"


_INSTALLATION = select(*(instance.c[name] for name in Installation.__struct_fields__))


def installation(session: Session) -> Installation:
    """Return the installation."""
    return Installation(*session.connection.execute(_INSTALLATION).one())


class TimeSource:
    """What is added to the database's clock. Zero in production; tests, demonstration and simulator move it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def offset_us(self) -> int:
        """Return the offset in microseconds."""
        offset = self._session.connection.execute(select(time_source.c.offset_us)).scalar_one()
        assert isinstance(offset, int)
        return offset

    def move_to_offset(self, offset_us: int) -> None:
        """Set the offset, for transactions that begin after this one's end."""
        self._session.connection.execute(update(time_source).values(offset_us=offset_us))
