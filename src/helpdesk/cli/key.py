"""``helpdesk key``."""

import os
from typing import Annotated, Literal
from uuid import UUID

from cyclopts import App, Parameter

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.kernel.principal import Role
from helpdesk.settings import read
from helpdesk.store.audit import Audit
from helpdesk.store.credentials import Credentials, NewKey
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

KeyRole = Literal["operator", "admin", "agent", "integrator"]
"""The service itself and clients' persons have no keys."""

app = App(name="key", help="API keys.")


@app.command
def create(
    *, role: KeyRole, name: str, tenant: Annotated[list[str] | None, Parameter(negative="")] = None, quiet: bool = False
) -> None:
    """Make an API key. Its secret is shown once and kept nowhere.

    Parameters
    ----------
    role
        operator, admin, agent or integrator.
    name
        Whose key it is, for the log and the audit.
    tenant
        The company that the key serves; several for an agent who takes calls for several. None for an operator.
    quiet
        Print the secret alone, for scripts.
    """

    def work(session: Session) -> NewKey:
        tenants = Tenants(session)
        made = Credentials(session).create(Role(role), name, [tenants.by_slug(slug).id for slug in tenant or ()])
        Audit(session).record("key.create", f"key:{made.id}", {"role": role, "tenants": tenant or []})
        return made

    database = open_store(read(os.environ))
    try:
        made = database.write_now(OPERATOR, work)
    finally:
        database.close()
    if quiet:
        print(made.secret)
    else:
        print(f"key {made.id} for {name} ({role}); its secret, shown only now:\n{made.secret}")


@app.command
def revoke(key: UUID) -> None:
    """Revoke a key; it is dead within two seconds everywhere.

    Parameters
    ----------
    key
        The key's id, as `helpdesk key list` shows it.
    """

    def work(session: Session) -> None:
        Credentials(session).revoke(key)
        Audit(session).record("key.revoke", f"key:{key}")

    database = open_store(read(os.environ))
    try:
        database.write_now(OPERATOR, work)
    finally:
        database.close()
    print(f"key {key} is revoked")


@app.command(name="list")
def list_keys() -> None:
    """List the keys, without their secrets."""
    database = open_store(read(os.environ))
    try:
        found = database.read_now(OPERATOR, lambda session: Credentials(session).all())
    finally:
        database.close()
    for key in found:
        served = ", ".join(tenant.slug for tenant in key.tenants) or "no company"
        print(f"{key.id} {key.role.value} {key.name} [{served}]{' REVOKED' if key.revoked_at is not None else ''}")
