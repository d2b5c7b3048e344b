"""What comes in and what must go out: ledger, inbox, holds, outbox."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Bytes, Count, Id, Instant, Json

_OWED = text("state IN ('open', 'published', 'sending')")
_FORGOTTEN = text("source NOT LIKE 'import:%'")
_UNRESOLVED = text("resolved_at IS NULL")
_SUPPRESSED = text("state = 'suppressed' AND kind = 'delivery'")
_LETTERS = text("kind = 'delivery' AND ticket_id IS NOT NULL")

ledger = table(
    "ledger",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("channel_kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("day", Text, nullable=False),  # the date of received_at in the tenant's zone, 2026-03-04
    Column("outcome", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("ticket_id", Id),
    Column("duplicate_of", Id),
    Column("source_key", Text, nullable=False),
    of_tenant(),
    of_ticket(),
    Index("ix_ledger_day", "tenant_id", "day", "channel_kind", "outcome"),
    Index("ix_ledger_ticket", "tenant_id", "ticket_id"),
)
"""What became of everything received: exactly one outcome each, and received is their sum."""

inbox = table(
    "inbox",
    tenant_column(),  # all zeros for operators' writes
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Bytes, nullable=False),
    Column("ledger_id", Id),
    Column("response", Json),
    Column("created_at", Instant, nullable=False),
    Index("ix_inbox_forgotten", "created_at", sqlite_where=_FORGOTTEN, postgresql_where=_FORGOTTEN),
)
"""One row per input, claimed in the transaction of its effect; the answer is given again to a repetition."""

holds = table(
    "holds",
    tenant_column(),
    Column("ledger_id", Id, primary_key=True),
    Column("ticket_id", Id),
    Column("cause", Text, nullable=False),
    Column("message", Json, nullable=False),  # what was held, for the agent's look
    Column("created_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolution", Text),  # ticket, joined, discarded
    Column("resolved_by", Text),
    Column("reason", Text),
    Column("raw_hash", Bytes),
    ForeignKeyConstraint(["tenant_id", "ledger_id"], ["ledger.tenant_id", "ledger.id"]),
    ForeignKeyConstraint(["tenant_id", "raw_hash"], ["raw_messages.tenant_id", "raw_messages.hash"]),
    of_ticket(),
    Index("ix_holds_unresolved", "tenant_id", "ledger_id", sqlite_where=_UNRESOLVED, postgresql_where=_UNRESOLVED),
)
"""The doubtful, waiting for an agent."""

outbox = table(
    "outbox",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # event, delivery
    Column("subject", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("ticket_id", Id),
    Column("seq", Count, nullable=False, server_default=text("0")),
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False),  # open, published, sending, done, dead; suppressed: kept in by shadow mode
    Column("generation", Count, nullable=False, server_default=text("0")),
    Column("claimed_until", Instant),
    Column("attempts", Count, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("effect_at", Instant),
    Column("remote_id", Text),
    Column("error", Text),
    # Given by the relay after commit, so that no reader of the feed ever meets a gap that is filled later.
    Column("position", Count),
    of_tenant(),
    of_ticket(),
    UniqueConstraint("tenant_id", "position"),
    Index("ix_outbox_suppressed", "tenant_id", "id", sqlite_where=_SUPPRESSED, postgresql_where=_SUPPRESSED),
    Index("ix_outbox_owed", "kind", "state", "next_attempt_at", sqlite_where=_OWED, postgresql_where=_OWED),
    Index("ix_outbox_line", "tenant_id", "ticket_id", "destination", "seq", sqlite_where=_OWED, postgresql_where=_OWED),
    Index("ix_outbox_letters", "tenant_id", "ticket_id", sqlite_where=_LETTERS, postgresql_where=_LETTERS),
)
"""What is owed to the outside. A row stays owed until its effect is recorded here."""
