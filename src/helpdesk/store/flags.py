"""Flags on tickets: what an agent must look at before anything else."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, select, update

from helpdesk.domain.rights import Flag
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import Insert, insert_into
from helpdesk.store.schema import ticket_flags


def _raise(dialect: str) -> Insert:
    raised = insert_into(dialect, ticket_flags)
    again = {name: raised.excluded[name] for name in ("clause", "reason", "raised_at")} | {"cleared_at": None}
    return raised.on_conflict_do_update(index_elements=list(ticket_flags.primary_key.columns), set_=again)


_RAISE = Addition(ticket_flags, statement=_raise)


class Flags:
    """The tenant's tickets' flags. The log has them too: as they were raised, and as they were cleared."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def put_up(self, ticket_id: UUID, flags: Iterable[Flag]) -> None:
        """Raise flags; one that was cleared is up again."""
        rows = [
            {
                "tenant_id": self._tenant,
                "ticket_id": ticket_id,
                "flag": each.flag,
                "clause": each.clause,
                "reason": each.reason,
                "raised_at": self._session.now,
            }
            for each in flags
        ]
        _RAISE.add(self._session, rows)

    def of(self, ticket_id: UUID) -> tuple[Flag, ...]:
        """Return the flags that are up, by name."""
        wanted = (
            select(ticket_flags.c.flag, ticket_flags.c.clause, ticket_flags.c.reason)
            .where(
                ticket_flags.c.tenant_id == self._tenant,
                ticket_flags.c.ticket_id == ticket_id,
                ticket_flags.c.cleared_at.is_(None),
            )
            .order_by(ticket_flags.c.flag)
        )
        return tuple(Flag(*row) for row in self._connection.execute(wanted))

    def take_down(self, ticket_id: UUID, flag: str) -> bool:
        """Clear a flag; say whether it was up."""
        same = and_(
            ticket_flags.c.tenant_id == self._tenant,
            ticket_flags.c.ticket_id == ticket_id,
            ticket_flags.c.flag == flag,
            ticket_flags.c.cleared_at.is_(None),
        )
        cleared = update(ticket_flags).where(same).values(cleared_at=self._session.now).returning(ticket_flags.c.flag)
        return self._connection.execute(cleared).one_or_none() is not None
