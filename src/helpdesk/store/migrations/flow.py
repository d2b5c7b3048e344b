"""The first migration's tables of what comes in and must go out. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, of_ticket, tenant_column
from helpdesk.store.types import Bytes, Count, Id, Instant, Json

_OWED = text("state IN ('open', 'published', 'sending')")
_FORGOTTEN = text("source NOT LIKE 'import:%'")
_UNRESOLVED = text("resolved_at IS NULL")
_SUPPRESSED = text("state = 'suppressed' AND kind = 'delivery'")
_LETTERS = text("kind = 'delivery' AND ticket_id IS NOT NULL")


def create_flow() -> None:
    """Create ledger, inbox, holds and outbox."""
    create(
        "ledger",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("channel_kind", Text, nullable=False),
        Column("address", Text, nullable=False),
        Column("sender", Text, nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("day", Text, nullable=False),
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
    create(
        "inbox",
        tenant_column(),
        Column("source", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_hash", Bytes, nullable=False),
        Column("ledger_id", Id),
        Column("response", Json),
        Column("created_at", Instant, nullable=False),
        Index("ix_inbox_forgotten", "created_at", sqlite_where=_FORGOTTEN, postgresql_where=_FORGOTTEN),
    )
    create(
        "holds",
        tenant_column(),
        Column("ledger_id", Id, primary_key=True),
        Column("ticket_id", Id),
        Column("cause", Text, nullable=False),
        Column("message", Json, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("resolved_at", Instant),
        Column("resolution", Text),
        Column("resolved_by", Text),
        Column("reason", Text),
        Column("raw_hash", Bytes),
        ForeignKeyConstraint(["tenant_id", "ledger_id"], ["ledger.tenant_id", "ledger.id"]),
        ForeignKeyConstraint(["tenant_id", "raw_hash"], ["raw_messages.tenant_id", "raw_messages.hash"]),
        of_ticket(),
        Index("ix_holds_unresolved", "tenant_id", "ledger_id", sqlite_where=_UNRESOLVED, postgresql_where=_UNRESOLVED),
    )
    create(
        "outbox",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("destination", Text, nullable=False),
        Column("ticket_id", Id),
        Column("seq", Count, nullable=False, server_default=text("0")),
        Column("payload", Json, nullable=False),
        Column("state", Text, nullable=False),
        Column("generation", Count, nullable=False, server_default=text("0")),
        Column("claimed_until", Instant),
        Column("attempts", Count, nullable=False, server_default=text("0")),
        Column("next_attempt_at", Instant, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("effect_at", Instant),
        Column("remote_id", Text),
        Column("error", Text),
        Column("position", Count),
        of_tenant(),
        of_ticket(),
        Unique("tenant_id", "position"),
        Index("ix_outbox_suppressed", "tenant_id", "id", sqlite_where=_SUPPRESSED, postgresql_where=_SUPPRESSED),
        Index("ix_outbox_owed", "kind", "state", "next_attempt_at", sqlite_where=_OWED, postgresql_where=_OWED),
        Index(
            "ix_outbox_line", "tenant_id", "ticket_id", "destination", "seq", sqlite_where=_OWED, postgresql_where=_OWED
        ),
        Index("ix_outbox_letters", "tenant_id", "ticket_id", sqlite_where=_LETTERS, postgresql_where=_LETTERS),
    )
