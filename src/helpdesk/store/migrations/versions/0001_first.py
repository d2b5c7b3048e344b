"""Create everything."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, false, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.agents import create_agents
from helpdesk.store.migrations.announcements import create_announcements
from helpdesk.store.migrations.attachments import create_attachments
from helpdesk.store.migrations.auditing import create_audit_heads
from helpdesk.store.migrations.boxes import create_boxes
from helpdesk.store.migrations.canned import create_canned_answers
from helpdesk.store.migrations.complaints import create_complaints
from helpdesk.store.migrations.flow import create_flow
from helpdesk.store.migrations.links import create_links
from helpdesk.store.migrations.operations import create, first_rows, key_holder, of_tenant, of_ticket, tenant_column
from helpdesk.store.migrations.people import create_people
from helpdesk.store.migrations.problems import create_problems
from helpdesk.store.migrations.repairs import create_repairs
from helpdesk.store.migrations.search import create_search
from helpdesk.store.migrations.subscriptions import create_subscriptions
from helpdesk.store.migrations.tags import create_tags
from helpdesk.store.types import Bytes, Count, Flag, Id, Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OPEN = text("closed_at IS NULL")
_FOLLOWS = text("follows IS NOT NULL")
_WAITING = text("assignee IS NULL AND needs <> ''")
_PENDING = text("state = 'pending'")
_UNSEALED = text("seq IS NULL")


def upgrade() -> None:
    """Apply."""
    _companies()
    _tickets()
    create_flow()
    create_people()
    create_agents()
    create_attachments()
    create_search()
    create_audit_heads()
    create_links()
    create_announcements()
    create_canned_answers()
    create_complaints()
    create_problems()
    create_repairs()
    create_tags()
    create_subscriptions()
    create_boxes()
    first_rows()


def _companies() -> None:
    create(
        "tenants",
        Column("id", Id, primary_key=True),
        Column("slug", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("alert_address", Text, nullable=False, server_default=text("''")),
        Column("created_at", Instant, nullable=False),
        Column("confidential", Flag, nullable=False, server_default=false()),
        Column("shadow_since", Instant),
        Column("version", Count, nullable=False, server_default=text("1")),
        tenant="id",
    )
    create(
        "credentials",
        Column("id", Id, primary_key=True),
        Column("tenant_id", Id, ForeignKey("tenants.id"), index=True),
        Column("secret_hash", Bytes, nullable=False, unique=True),
        Column("role", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("revoked_at", Instant),
        CheckConstraint("role <> 'operator' OR tenant_id IS NULL", name="operators_have_no_tenant"),
    )
    create(
        "credential_tenants",
        tenant_column(),
        Column("credential_id", Id, ForeignKey("credentials.id"), primary_key=True, index=True),
        of_tenant(),
        clustered=True,
    )
    key_holder("credentials", "secret_hash = {hash}")
    key_holder(
        "tenants",
        "EXISTS (SELECT FROM credentials c WHERE c.secret_hash = {hash} AND (c.tenant_id = tenants.id OR EXISTS"
        " (SELECT FROM credential_tenants s WHERE s.credential_id = c.id AND s.tenant_id = tenants.id)))",
    )
    key_holder(
        "credential_tenants",
        "EXISTS (SELECT FROM credentials c WHERE c.id = credential_id AND c.secret_hash = {hash})",
    )
    create(
        "tenant_counters",
        tenant_column(),
        Column("name", Text, primary_key=True),
        Column("value", Count, nullable=False),
        of_tenant(),
        clustered=True,
    )
    create(
        "addresses",
        tenant_column(),
        Column("channel_kind", Text, primary_key=True),
        Column("address", Text, primary_key=True),
        Column("channel", Text, nullable=False),
        Column("official", Flag, nullable=False, server_default=false()),
        of_tenant(),
        Index("ix_addresses_lookup", "channel_kind", "address"),
    )
    create(
        "snapshots",
        tenant_column(),
        Column("hash", Text, primary_key=True),
        Column("body", Bytes, nullable=False),
        Column("created_at", Instant, nullable=False),
        of_tenant(),
    )
    create(
        "editions",
        tenant_column(),
        Column("edition_id", Text, primary_key=True),
        Column("snapshot_hash", Text, primary_key=True),
        Column("in_force_from", Instant, primary_key=True),
        Column("published_at", Instant, nullable=False),
        Column("base_hash", Text, nullable=False),
        Column("base_since", Instant, nullable=False),
        ForeignKeyConstraint(
            ["tenant_id", "base_hash"], ["snapshots.tenant_id", "snapshots.hash"], name="fk_editions_snapshots_base"
        ),
        ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
        Index("ix_editions_in_force", "tenant_id", "in_force_from", "published_at"),
    )
    create(
        "audit",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("at", Instant, nullable=False),
        Column("actor", Text, nullable=False),
        Column("by", Text, nullable=False, server_default=text("''")),
        Column("act", Text, nullable=False),
        Column("object", Text, nullable=False),
        Column("data", Json, nullable=False),
        Column("mark", Bytes),
        Column("seq", Count),
        Column("seal", Bytes),
        Unique("tenant_id", "seq"),
        Index("ix_audit_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
        Index("ix_audit_object", "tenant_id", "object"),
    )
    create(
        "mail_counters",
        tenant_column(),
        Column("address", Text, primary_key=True),
        Column("sent", Json, nullable=False),
        Column("last_at", Instant, nullable=False, index=True),
        of_tenant(),
    )
    create(
        "time_source",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("offset_us", Count, nullable=False, server_default=text("0")),
        tenant=None,
    )
    create(
        "instance",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("instance_id", Id, nullable=False),
        Column("epoch", Count, nullable=False, server_default=text("1")),
        Column("secret", Bytes, nullable=False),
        Column("created_at", Instant, nullable=False),
        tenant=None,
    )


def _tickets() -> None:
    create(
        "tickets",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("number", Count, nullable=False),
        Column("subject", Text, nullable=False),
        Column("channel", Text, nullable=False),
        Column("channel_kind", Text, nullable=False),
        Column("address", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("level", Text),
        Column("line", Text, nullable=False, server_default=text("''")),
        Column("assignee", Text),
        Column("requester", Text, nullable=False),
        Column("requester_name", Text, nullable=False, server_default=text("''")),
        Column("contact", Text, nullable=False, server_default=text("''")),
        Column("organisation", Text, nullable=False, server_default=text("''")),
        Column("received_at", Instant, nullable=False),
        Column("registered_at", Instant, nullable=False),
        Column("closed_at", Instant),
        Column("outcome", Text),
        Column("expedited", Flag, nullable=False, server_default=false()),
        Column("follows", Count),
        Column("next_due", Instant),
        Column("needs", Text, nullable=False, server_default=text("''")),
        Column("waits", Text, nullable=False, server_default=text("''")),
        Column("rank", Bytes, nullable=False),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("last_seq", Count, nullable=False, server_default=text("0")),
        Column("snapshot_hash", Text, nullable=False),
        Column("language", Text, nullable=False, server_default=text("'ru'")),
        Column("category", Text, nullable=False, server_default=text("''")),
        Column("accepted_at", Instant),
        Column("planned_release", Text, nullable=False, server_default=text("''")),
        Column("planned_day", Text, nullable=False, server_default=text("''")),
        of_tenant(),
        ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
        Unique("tenant_id", "number"),
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
    create(
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
    create(
        "raw_messages",
        tenant_column(),
        Column("hash", Bytes, primary_key=True),
        Column("content", Bytes, nullable=False),
        of_tenant(),
    )
    create(
        "messages",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("ticket_id", Id, nullable=False),
        Column("seq", Count, nullable=False),
        Column("direction", Text, nullable=False),
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
    create(
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
    create(
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
        Column("channel", Text, nullable=False, server_default=text("''")),
        Column("decided_at", Instant),
        Column("decided_level", Text),
        Column("decided_line", Text),
        Column("decided_agent", Text),
        of_ticket(),
        clustered=True,
    )
    create(
        "timers",
        tenant_column(),
        Column("ticket_id", Id, primary_key=True),
        Column("clock", Text, primary_key=True),
        Column("clock_seq", Count, primary_key=True),
        Column("point", Text, primary_key=True),
        Column("due_at", Instant, nullable=False),
        Column("epoch", Count, nullable=False, server_default=text("0")),
        Column("state", Text, nullable=False),
        Column("fired_at", Instant),
        of_ticket(),
        Index("ix_timers_due", "tenant_id", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
        clustered=True,
    )
