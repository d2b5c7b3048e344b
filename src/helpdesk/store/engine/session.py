"""A session: one piece of work inside one transaction, bound to a principal."""

import sqlite3
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from helpdesk.kernel.errors import NotAllowed
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal
from helpdesk.store.engine.buffer import WriteBuffer

Raw = sqlite3.Connection | psycopg.Connection[Any]
"""A driver's connection."""


class Session:
    """What repositories are made of. It lives as long as the work it was given to, and never leaves its thread."""

    __slots__ = ("_callbacks", "_now", "_tenant_id", "buffer", "connection", "dialect", "principal", "raw")

    def __init__(
        self,
        principal: Principal,
        connection: Connection,
        now: Instant,
        raw: Raw,
        buffer: WriteBuffer | None = None,
    ) -> None:
        self.principal = principal
        self.connection = connection
        """SQLAlchemy's connection, inside the transaction. Neither commit nor roll it back."""
        self.raw = raw
        """The driver's connection under it, for ``Prepared``."""
        self.buffer = buffer
        """What is not written yet; None where nothing is written."""
        self.dialect = connection.dialect.name
        """The database's kind: ``sqlite`` or ``postgresql``."""
        self._tenant_id = principal.tenant_id
        self._now = now
        self._callbacks: list[Callable[[], None]] = []

    @property
    def tenant_id(self) -> UUID:
        """The principal's tenant.

        Raises:
            NotAllowed: the principal is bound to none.
        """
        if self._tenant_id is None:
            raise NotAllowed("this needs a principal bound to a tenant")
        return self._tenant_id

    def within(self, tenant_id: UUID) -> "Session":
        """Return a session of the same transaction, bound to ``tenant_id``: for the service's and operators' works.

        Callbacks for after the commit belong to the session that the work was given.

        Raises:
            NotAllowed: this session is bound to another tenant.
        """
        if self._tenant_id not in {None, tenant_id}:
            raise NotAllowed("a session bound to a tenant stays there")
        return Session(self.principal.within(tenant_id), self.connection, self._now, self.raw, self.buffer)

    @property
    def now(self) -> Instant:
        """The present, by the database's clock plus the stored offset; the same throughout the session.

        On PostgreSQL it is read when the transaction begins, on SQLite when the work starts, after the write lock is
        held: there, later works never see an earlier instant (unless the offset was moved back).
        """
        return self._now

    @property
    def callbacks(self) -> tuple[Callable[[], None], ...]:
        """What to call after commit, in the order it was asked for."""
        return tuple(self._callbacks)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called once the transaction is committed, never otherwise.

        It runs on the writer's thread: it must be quick, must not raise, and reaches an event loop only by
        ``loop.call_soon_threadsafe``. It is a wake-up, not a delivery: a crash may come between commit and call.
        """
        self._callbacks.append(callback)
