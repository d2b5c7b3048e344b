"""How often automatic mail may go to one address: sliding windows, exact over all instances."""

from sqlalchemy import bindparam, delete, select, tuple_, update

from helpdesk.kernel.instants import DAY, HOUR, Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_set
from helpdesk.store.schema import mail_counters

# Setting the address to itself locks the row until the transaction ends, whoever made it.
_LOCK = {
    dialect: insert_or_set(dialect, mail_counters, {"address": mail_counters.c.address}).returning(mail_counters.c.sent)
    for dialect in ("sqlite", "postgresql")
}
_KEEP = (
    update(mail_counters)
    .where(mail_counters.c.tenant_id == bindparam("tenant"), mail_counters.c.address == bindparam("to"))
    .values(sent=bindparam("instants"), last_at=bindparam("latest"))
)


class MailCounters:
    """The tenant's automatic mails by address."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, address: str, *, per_hour: int, per_day: int) -> bool:
        """Count one mail to ``address`` if fewer than ``per_hour`` left in the last hour and ``per_day`` in 24; say so.

        False: it must not be sent; nothing is counted.
        """
        now, tenant = self._session.now, self._session.tenant_id
        row = {"tenant_id": tenant, "address": address, "sent": [], "last_at": now}
        sent: list[Instant] = self._session.connection.execute(_LOCK[self._session.dialect], row).scalar_one()
        recent = [at for at in sent if at > now - DAY]
        if len(recent) >= per_day or sum(at > now - HOUR for at in recent) >= per_hour:
            return False
        self._session.connection.execute(
            _KEEP, {"tenant": tenant, "to": address, "instants": [*recent, now], "latest": now}
        )
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
