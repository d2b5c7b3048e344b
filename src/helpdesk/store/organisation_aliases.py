"""What else the company's clients are known by: the domains of their people's mail, and the names that they had."""

from uuid import UUID

from sqlalchemy import and_, delete, select

from helpdesk.domain.clients import name_key
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave, insert_or_set
from helpdesk.store.schema import organisation_aliases, organisations

DOMAIN = "domain"
FORMER_NAME = "former_name"
"""As names are compared."""
WRITTEN = "written"
"""A former name letter by letter, as it stands on tickets: theirs are not rewritten."""


class Aliases:
    """The tenant's organisations' aliases."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def of(self, organisation_id: UUID, kind: str) -> tuple[str, ...]:
        """Return the organisation's aliases of this kind, sorted."""
        table = organisation_aliases.c
        own = and_(table.tenant_id == self._tenant, table.organisation_id == organisation_id, table.kind == kind)
        return tuple(self._connection.execute(select(table.alias).where(own).order_by(table.alias)).scalars())

    def add(self, kind: str, alias: str, organisation_id: UUID) -> bool:
        """Have the organisation known by it; False where it is another's."""
        key = {"tenant_id": self._tenant, "kind": kind, "alias": alias}
        added = insert_or_leave(self._session.dialect, organisation_aliases).returning(organisation_aliases.c.alias)
        return self._connection.execute(added, {**key, "organisation_id": organisation_id}).one_or_none() is not None

    def rename(self, organisation_id: UUID, before: str, name: str) -> None:
        """Have the organisation known by the name it had; a former name goes to who had it last."""
        kinds = {FORMER_NAME: (name_key(before), name_key(name)), WRITTEN: (before, name.strip())}
        last = insert_or_set(self._session.dialect, organisation_aliases, {"organisation_id": organisation_id})
        for kind, (had, has) in kinds.items():
            if had != has:
                key = {"tenant_id": self._tenant, "kind": kind, "alias": had}
                self._connection.execute(last, {**key, "organisation_id": organisation_id})

    def forget(self, organisation_id: UUID, kind: str) -> None:
        """Take away the organisation's aliases of this kind."""
        table = organisation_aliases.c
        own = and_(table.tenant_id == self._tenant, table.organisation_id == organisation_id, table.kind == kind)
        self._connection.execute(delete(organisation_aliases).where(own))

    def renamed(self, organisation_id: UUID | None = None) -> dict[str, str]:
        """Return each name that tickets bear still, with the present one of its organisation: of one, or of all.

        A name that another organisation has by now is that one's, as when somebody is looked up by it.
        """
        table = organisation_aliases.c
        same = and_(table.tenant_id == organisations.c.tenant_id, table.organisation_id == organisations.c.id)
        wanted = select(table.alias, organisations.c.name).select_from(organisation_aliases.join(organisations, same))
        wanted = wanted.where(table.tenant_id == self._tenant, table.kind == WRITTEN)
        if organisation_id is not None:
            wanted = wanted.where(table.organisation_id == organisation_id)
        found = {alias: name for alias, name in self._connection.execute(wanted) if alias != name}
        if not found:
            return {}
        keys = {name_key(alias) for alias in found}
        present = select(organisations.c.name_key, organisations.c.name)
        present = present.where(organisations.c.tenant_id == self._tenant, organisations.c.name_key.in_(sorted(keys)))
        taken = {row.name_key: row.name for row in self._connection.execute(present)}
        return {alias: name for alias, name in found.items() if taken.get(name_key(alias), name) == name}
