"""What search has still to do."""

from sqlalchemy import Column, ForeignKeyConstraint

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Id

unindexed = table(
    "unindexed",
    tenant_column(),
    Column("message_id", Id, primary_key=True),
    of_tenant(),
    ForeignKeyConstraint(["tenant_id", "message_id"], ["messages.tenant_id", "messages.id"]),
    clustered=True,
)
"""Messages whose words are not in the index yet. A row goes in the transaction that brings its message's words in."""
