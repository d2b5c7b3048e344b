"""The first migration's search index: FTS5 on SQLite, GIN on PostgreSQL. Released with it: never change it."""

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint

from helpdesk.store.migrations.operations import create, of_tenant, tenant_column, wall
from helpdesk.store.types import Id

_SQLITE = """
CREATE VIRTUAL TABLE search_index USING fts5(
    tenant, head, body, ticket_id UNINDEXED, message_id UNINDEXED,
    tokenize = 'unicode61 remove_diacritics 0'
)
"""
_POSTGRESQL = """
CREATE TABLE search_index (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    message_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (tenant_id, message_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
)
"""
# Row-level security keeps conditions that might leak, and "@@" counts as one, from using an index. So the index is read
# through a view of the owner's, whose own condition is the wall; the owner alone may read the table without one.
_SEEN = """
CREATE VIEW search_seen AS
SELECT message_id, ticket_id, words FROM search_index
WHERE tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid
"""


def create_search() -> None:
    """Create the index of messages' words, and what is still to be brought into it."""
    create(
        "unindexed",
        tenant_column(),
        Column("message_id", Id, primary_key=True),
        of_tenant(),
        ForeignKeyConstraint(["tenant_id", "message_id"], ["messages.tenant_id", "messages.id"]),
        clustered=True,
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(_SQLITE)
        return
    op.execute(_POSTGRESQL)
    op.execute("CREATE INDEX ix_search_index_words ON search_index USING gin (words)")
    wall("search_index", "tenant_id")
    op.execute("CREATE POLICY owner_reads ON search_index FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(_SEEN)
