"""``helpdesk tenant``."""

import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from helpdesk.bootstrap.plugins import load_plugins
from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json, find_packages, iso, read_toml
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.companies.confidential import set_confidential
from helpdesk.desk.companies.examination import text_problems
from helpdesk.desk.companies.onboarding import OtherAddress, prepare, take_on
from helpdesk.desk.companies.shadow import set_shadow
from helpdesk.kernel.errors import Invalid
from helpdesk.queries.records.deliveries import count_suppressed
from helpdesk.queries.records.operating import review_of
from helpdesk.queries.views.operating import ReviewView
from helpdesk.settings import read
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants

app = App(name="tenant", help="The companies whose support is run here.")


@app.command
def add(
    *,
    regulation: str,
    parameters: Path | None = None,
    alert: str = "",
    address: Annotated[list[str] | None, Parameter(negative="")] = None,
    shadow: bool = False,
) -> None:
    """Take on a company by its regulation; it works at once, in a running service too.

    Parameters
    ----------
    regulation
        The company (siroca), where its regulation is among those that the settings know, or its folder
        (policies/siroca).
    parameters
        A TOML file with what the regulation leaves to the operator.
    alert
        The e-mail address that warnings and breaches are sent to.
    address
        Where else the company is reached, though its regulation does not name it, as KIND:ADDRESS
        (phone:+74951234567). What comes in there is refused with the clause.
    shadow
        Begin in the shadow of another system: everything is computed, nothing is sent outward.
    """
    settings = read(os.environ)
    channels = load_plugins(settings).channels
    (package, *others) = find_packages([regulation])
    if others:
        raise Invalid(f"{regulation} holds several regulations: name one of them")
    company = prepare(
        package,
        channels,
        parameters=read_toml(parameters),
        alert_address=alert,
        others=[_other(text) for text in address or ()],
        shadow=shadow,
    )
    database = open_store(settings)
    try:
        tenant = database.write_now(OPERATOR, lambda session: take_on(session, company))
    finally:
        database.close()
    print(f"{tenant.name} is taken on as {tenant.slug}{', IN SHADOW MODE' if shadow else ''}")
    for snapshot, _ in company.snapshots:
        print(f"  edition {snapshot.edition_id}, snapshot {snapshot.hash[:12]}")
    for known in company.addresses:
        print(f"  {known.channel_kind} {known.address} ({known.channel if known.official else 'not official'})")
    for problem in text_problems(package):
        print(f"  A TEXT CANNOT STAND, the built-in one is sent instead: {problem}")


@app.command(name="list")
def list_tenants(*, json: bool = False) -> None:
    """List the companies and where they are reached.

    Parameters
    ----------
    json
        One JSON object a line instead of text.
    """
    database = open_store(read(os.environ))
    try:
        found = database.read_now(OPERATOR, _all)
    finally:
        database.close()
    for tenant, addresses, review, suppressed in found:
        if json:
            shown = {"slug": tenant.slug, "name": tenant.name, "alert": tenant.alert_address, "addresses": addresses}
            shadow = {"shadow_since": None if tenant.shadow_since is None else iso(tenant.shadow_since)}
            print(as_json({**shown, "review": review, **shadow, "suppressed": suppressed}))
        else:
            reached = ", ".join(f"{known.channel_kind} {known.address}" for known in addresses)
            print(f"{tenant.slug}: {tenant.name} [{reached}]")
            if tenant.shadow_since is not None:
                since, kept = iso(tenant.shadow_since), f"{suppressed} letters kept from leaving"
                print(f"  IN SHADOW MODE since {since}: nothing is sent outward, {kept}")
            if review is not None and review.overdue:
                print(f"  REVIEW OVERDUE: the edition in force was to be reviewed by {review.latest} ({review.clause})")


@app.command
def shadow(tenant: str, mode: Literal["on", "off"], *, cause: str) -> None:
    """Have a company run in the shadow of another system, or end it; audited.

    In the shadow everything is registered, computed and warned of inside; letters to the outside are kept as suppressed
    (`GET /v1/deliveries?state=suppressed`) and never sent, not even when the mode ends.

    Parameters
    ----------
    tenant
        The company's slug.
    mode
        on or off.
    cause
        Why, for the audit.
    """
    database = open_store(read(os.environ))
    try:
        found = database.write_now(OPERATOR, lambda session: set_shadow(session, tenant, on=mode == "on", cause=cause))
    finally:
        database.close()
    if found.shadow_since is None:
        print(f"{tenant} is not in shadow mode: letters leave from now on, those that were suppressed never do")
    else:
        print(f"{tenant} IS IN SHADOW MODE since {iso(found.shadow_since)}: nothing is sent outward")


@app.command
def confidential(tenant: str, mode: Literal["on", "off"], *, cause: str) -> None:
    """Have each reading of a company's tickets by staff recorded in its audit, or no more; audited.

    Parameters
    ----------
    tenant
        The company's slug.
    mode
        on or off. A regulation that demands confidentiality keeps it on.
    cause
        Why, for the audit.
    """
    database = open_store(read(os.environ))
    try:
        find = Directory().in_force
        database.write_now(
            OPERATOR, lambda session: set_confidential(session, tenant, find, on=mode == "on", cause=cause)
        )
    finally:
        database.close()
    print(f"readings of {tenant}'s tickets are {'recorded' if mode == 'on' else 'not recorded any more'}")


def _all(session: Session) -> list[tuple[Tenant, tuple[Address, ...], ReviewView | None, int]]:
    addresses, find = Addresses(session), Directory().of
    return [
        (
            tenant,
            addresses.of(tenant.id),
            review_of(session, tenant, find),
            count_suppressed(session.within(tenant.id)),
        )
        for tenant in Tenants(session).all()
    ]


def _other(text: str) -> OtherAddress:
    kind, colon, address = text.partition(":")
    if not colon or not kind or not address:
        raise Invalid(f"{text!r} is not KIND:ADDRESS, e.g. phone:+74951234567")
    return OtherAddress(kind, address)
