"""Idempotency: one row per input, claimed in the transaction of its effect."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, literal_column, select, tuple_, update

from helpdesk.kernel.errors import Conflict, KeyReused
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.schema import inbox

IMPORT = "import:"
"""How the source of an input begins that another system received first."""

_ADD = Addition(inbox)
_CLAIM = Prepared(lambda dialect: insert_or_leave(dialect, inbox).returning(inbox.c.key))
_THIS = (
    inbox.c.tenant_id == bindparam("tenant"),
    inbox.c.source == bindparam("from_source"),
    inbox.c.key == bindparam("with_key"),
)
_EARLIER = Prepared(select(inbox.c.request_hash, inbox.c.response).where(*_THIS))
_COMPLETE = Prepared(update(inbox).where(*_THIS).values(response=bindparam("answer"), ledger_id=bindparam("line")))


class Inbox:
    """The tenant's inputs.

    Two transactions that claim one key at once: the second waits for the first, then finds its answer; if the first
    fails, the second has the key. A work that shares its transaction takes a key to be new at first; where that was
    wrong nothing of it stands, and it is done again, looking (``buffer``).
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tenant = session.tenant_id

    def claim(self, source: str, key: str, request_hash: bytes) -> Any | None:
        """Claim an input; None if it is new, else the answer that was given (as JSON values).

        Raises:
            KeyReused: the key came before with another request.
            Conflict: it was claimed before without an answer being stored.
        """
        values = {"tenant_id": self._tenant, "source": source, "key": key, "request_hash": request_hash}
        values |= {"created_at": self._session.now}
        buffer = self._session.buffer
        if buffer is not None and buffer.hopeful:
            values |= {"response": None, "ledger_id": None}
            buffer.claim((self._tenant, source, key), (values, self._hold), inbox)
            return None
        if _CLAIM.first(self._session, values) is not None:
            return None
        earlier = _EARLIER.first(self._session, self._this(source, key))
        assert earlier is not None
        stored_hash, response = earlier
        if stored_hash != request_hash:
            raise KeyReused
        if response is None:
            raise Conflict("this request has no stored answer")
        return response

    def take(self, source: str, key: str, request_hash: bytes, response: Any, ledger_id: UUID) -> None:
        """Claim an input that is known to be new, with its answer; that it came meanwhile is the database's refusal."""
        values = {"tenant_id": self._tenant, "source": source, "key": key, "request_hash": request_hash}
        values |= {"created_at": self._session.now, "response": response, "ledger_id": ledger_id}
        _ADD.add(self._session, [values])

    def answer(self, source: str, key: str) -> Any | None:
        """Return the answer that an input was given (as JSON values); None where there was none."""
        earlier = _EARLIER.first(self._session, self._this(source, key))
        return None if earlier is None else earlier[1]

    def known(self, source: str, keys: Sequence[str]) -> dict[str, tuple[bytes, Any]]:
        """Return which of ``keys`` are claimed already: the hash of the request and its answer, by key."""
        wanted = select(inbox.c.key, inbox.c.request_hash, inbox.c.response).where(
            inbox.c.tenant_id == self._tenant, inbox.c.source == source, inbox.c.key.in_(keys)
        )
        return {key: (bytes(held), answer) for key, held, answer in self._session.connection.execute(wanted)}

    def complete(self, source: str, key: str, response: Any, ledger_id: UUID | None = None) -> None:
        """Store the answer of a claimed input: anything that msgspec can write, but None."""
        buffer = self._session.buffer
        held = None if buffer is None else buffer.claimed((self._tenant, source, key))
        if held is not None:
            held |= {"response": response, "ledger_id": ledger_id}
            return
        _COMPLETE.run(self._session, {**self._this(source, key), "answer": response, "line": ledger_id})

    def _hold(self, values: dict[str, Any]) -> None:
        _ADD.add(self._session, [values])

    def _this(self, source: str, key: str) -> dict[str, Any]:
        return {"tenant": self._tenant, "from_source": source, "with_key": key}


def forget_before(session: Session, instant: Instant, most: int) -> int:
    """Forget inputs of all tenants claimed before ``instant``, at most ``most``; return how many.

    Their repetitions are new after that. What was brought in from another system is never forgotten: its export may be
    read again years later. For the service itself.
    """
    old = (
        select(inbox.c.tenant_id, inbox.c.source, inbox.c.key)
        # Written out as the partial index has it: only so does it serve.
        .where(literal_column("source NOT LIKE 'import:%'"), inbox.c.created_at < instant)
        .order_by(inbox.c.created_at)
        .limit(most)
    )
    gone = delete(inbox).where(tuple_(inbox.c.tenant_id, inbox.c.source, inbox.c.key).in_(old))
    return session.connection.execute(gone).rowcount
