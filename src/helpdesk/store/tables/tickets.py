"""Tickets, their logs and messages, and the clocks and timers that run on them."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Bytes, Count, Flag, Id, Instant, Json

_OPEN = text("closed_at IS NULL")
_FOLLOWS = text("follows IS NOT NULL")
_WAITING = text("assignee IS NULL AND needs <> ''")
_PENDING = text("state = 'pending'")

tickets = table(
    "tickets",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("number", Count, nullable=False),
    Column("subject", Text, nullable=False),
    Column("channel", Text, nullable=False),  # the regulation's name of the official channel
    Column("channel_kind", Text, nullable=False),  # its transport
    Column("address", Text, nullable=False),  # ours, that it came to
    Column("state", Text, nullable=False),
    Column("level", Text),
    Column("line", Text, nullable=False, server_default=text("''")),
    Column("assignee", Text),
    Column("requester", Text, nullable=False),
    Column("requester_name", Text, nullable=False, server_default=text("''")),
    Column("contact", Text, nullable=False, server_default=text("''")),  # where letters to the client go
    Column("organisation", Text, nullable=False, server_default=text("''")),
    Column("received_at", Instant, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("outcome", Text),
    Column("expedited", Flag, nullable=False, server_default=false()),
    Column("follows", Count),  # number of the closed ticket that this one continues
    Column("next_due", Instant),
    Column("needs", Text, nullable=False, server_default=text("''")),  # why an agent must act; empty: nobody must
    Column("waits", Text, nullable=False, server_default=text("''")),  # reasons in force: types.encode_names
    Column("rank", Bytes, nullable=False),  # types.encode_rank of the evaluator's order key
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("last_seq", Count, nullable=False, server_default=text("0")),
    Column("snapshot_hash", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=text("'ru'")),
    Column("category", Text, nullable=False, server_default=text("''")),  # by the regulation
    Column("accepted_at", Instant),
    Column("planned_release", Text, nullable=False, server_default=text("''")),  # no promise
    Column("planned_day", Text, nullable=False, server_default=text("''")),
    of_tenant(),
    ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
    UniqueConstraint("tenant_id", "number"),
    Index("ix_tickets_state", "tenant_id", "state", "number"),
    Index("ix_tickets_requester", "tenant_id", "requester", "number"),
    Index("ix_tickets_follows", "tenant_id", "follows", sqlite_where=_FOLLOWS, postgresql_where=_FOLLOWS),
    Index("ix_tickets_queue", "tenant_id", "rank", "number", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_waiting", "tenant_id", "rank", "number", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(
        "ix_tickets_waiting_line",
        "tenant_id",
        "line",
        "rank",
        "number",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    Index("ix_tickets_assignee", "tenant_id", "assignee", "rank", sqlite_where=_OPEN, postgresql_where=_OPEN),
)
"""One row per ticket: how it stands now. The truth for its clocks is its log."""

events = table(
    "events",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("seq", Count, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("data", Json, nullable=False),
    of_ticket(),
    clustered=True,
)
"""The tickets' logs: append-only, ``seq`` from 1 without gaps."""

raw_messages = table(
    "raw_messages",
    tenant_column(),
    Column("hash", Bytes, primary_key=True),  # SHA-256 of the content
    Column("content", Bytes, nullable=False),
    of_tenant(),
)
"""Originals as they came, kept as evidence."""

messages = table(
    "messages",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, nullable=False),
    Column("seq", Count, nullable=False),  # of the event that tells of it
    Column("direction", Text, nullable=False),  # in, out, note
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("new_text", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("raw_hash", Bytes),
    of_ticket(),
    ForeignKeyConstraint(["tenant_id", "raw_hash"], ["raw_messages.tenant_id", "raw_messages.hash"]),
    Index("ix_messages_ticket", "tenant_id", "ticket_id", "seq"),
    Index("ix_messages_message_id", "tenant_id", "message_id"),
)
"""What was written, in both directions."""

participants = table(
    "participants",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("channel_kind", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("role", Text, nullable=False),
    of_ticket(),
    Index("ix_participants_address", "tenant_id", "channel_kind", "address"),
    clustered=True,
)
"""Who may write into a ticket from outside."""

clocks = table(
    "clocks",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seq", Count, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("started_at", Instant),
    Column("stopped_at", Instant),
    Column("goal", Instant),
    Column("due", Instant),
    Column("warn_at", Json, nullable=False),
    Column("then", Text, nullable=False),
    Column("elapsed_us", Count, nullable=False),
    Column("paused_us", Count, nullable=False),
    Column("note", Text, nullable=False),
    # By which the request, or the message that started it, came; when the promise was decided, and what held then.
    Column("channel", Text, nullable=False, server_default=text("''")),
    Column("decided_at", Instant),
    Column("decided_level", Text),
    Column("decided_line", Text),
    Column("decided_agent", Text),
    of_ticket(),
    clustered=True,
)
"""A cache of what the logs fold to."""

timers = table(
    "timers",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("clock_seq", Count, primary_key=True),
    Column("point", Text, primary_key=True),  # warn:0, warn:1, …, goal, due
    Column("due_at", Instant, nullable=False),
    Column("epoch", Count, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False),  # pending, fired, cancelled
    Column("fired_at", Instant),
    of_ticket(),
    Index("ix_timers_due", "tenant_id", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    clustered=True,
)
"""Instants at which the service must act. A change of ``due_at`` raises ``epoch``."""
