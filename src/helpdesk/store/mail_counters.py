"""How often automatic mail may go to one address: sliding windows, exact over all instances."""

from typing import Any

from sqlalchemy import Insert, Select, bindparam, delete, select, tuple_

from helpdesk.kernel.instants import DAY, HOUR, Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_into, insert_or_set
from helpdesk.store.schema import mail_counters

_ROW: dict[str, Any] = {
    "tenant_id": bindparam("tenant"),
    "address": bindparam("called"),
    "last_at": bindparam("latest"),
}


def _held(dialect: str) -> Insert | Select[tuple[object]]:
    """Return what reads an address' mails and keeps others from it until the transaction ends."""
    if dialect == "sqlite":  # has one writer
        here = mail_counters.c.tenant_id == bindparam("tenant"), mail_counters.c.address == bindparam("called")
        return select(mail_counters.c.sent).where(*here)
    # Setting the address to itself locks the row, whoever made it.
    lock = insert_or_set(dialect, mail_counters, {"address": mail_counters.c.address}).values(**_ROW, sent=[])
    return lock.returning(mail_counters.c.sent)


def _kept(dialect: str) -> Insert:
    row = insert_into(dialect, mail_counters).values(**_ROW, sent=bindparam("instants"))
    key = list(mail_counters.primary_key.columns)
    return row.on_conflict_do_update(
        index_elements=key, set_={"sent": row.excluded.sent, "last_at": row.excluded.last_at}
    )


# What a work that fails leaves behind is an address without mails.
_HELD = Prepared(_held, harmless=True)
_KEPT = Prepared(_kept)


class MailCounters:
    """The tenant's automatic mails by address."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, address: str, *, per_hour: int, per_day: int) -> bool:
        """Count one mail to ``address`` if fewer than ``per_hour`` left in the last hour and ``per_day`` in 24; say so.

        False: it must not be sent; nothing is counted.
        """
        now, tenant, buffer = self._session.now, self._session.tenant_id, self._session.buffer
        assert buffer is not None
        place = (_KEPT, tenant, address)
        if place in buffer.kept:
            sent: list[Instant] = buffer.kept[place]["instants"]
        else:
            row = _HELD.first(self._session, {"tenant": tenant, "called": address, "latest": now})
            sent = [] if row is None else row[0]
        recent = [at for at in sent if at > now - DAY]
        if len(recent) >= per_day or sum(at > now - HOUR for at in recent) >= per_hour:
            return False
        buffer.kept[place] = {"instants": [*recent, now], "latest": now}
        return True


def forget_before(session: Session, instant: Instant, most: int) -> int:
    """Forget addresses of all tenants that got no mail since ``instant``, at most ``most``; return how many.

    For the service itself.
    """
    old = (
        select(mail_counters.c.tenant_id, mail_counters.c.address).where(mail_counters.c.last_at < instant).limit(most)
    )
    gone = delete(mail_counters).where(tuple_(mail_counters.c.tenant_id, mail_counters.c.address).in_(old))
    return session.connection.execute(gone).rowcount
