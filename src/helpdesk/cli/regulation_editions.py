"""``helpdesk regulation diff|publish|simulate``: editions against each other, and into force."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from helpdesk.bootstrap.plugins import load_plugins
from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json, find_packages, given, instant, iso, read_toml
from helpdesk.desk.companies.editions import Supplied, draft_of, supplied_now
from helpdesk.desk.companies.editions import publish as publish_draft
from helpdesk.kernel.errors import Invalid
from helpdesk.queries.companies.editions import list_editions
from helpdesk.regulation.examining.difference import compare
from helpdesk.regulation.examining.effects import Effect, Promise, effects
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import Document, Package
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.settings import read
from helpdesk.sim.history import MAX_INSTANT, Period
from helpdesk.sim.run import Draft
from helpdesk.sim.run import simulate as run_simulation
from helpdesk.sim.table import table
from helpdesk.store.editions import Edition
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants


def diff(
    before: str,
    after: str,
    *,
    before_edition: str | None = None,
    after_edition: str | None = None,
    since: Annotated[str | None, Parameter(name="--from")] = None,
    parameters: Path | None = None,
    json: bool = False,
) -> int:
    """Print what differs between two editions, rule by rule, and for whom what follows; exit 1 where anything differs.

    What follows is shown by witnesses: a request received at that very instant comes out otherwise. Readings are those
    that each edition chooses.

    Parameters
    ----------
    before
        The company or the folder of the earlier edition.
    after
        The company or the folder of the later one; may be the same.
    before_edition
        The earlier edition's id; default: the latest, or the last but one where both come from one regulation.
    after_edition
        The later edition's id; default: the latest.
    since
        Requests are tried that are received in the year from this instant on, with its offset; default: now.
    parameters
        A TOML file with what the operator supplies to both; default: each regulation's example.
    json
        One JSON object a line: the rules first, then the effects.
    """
    one, two = find_packages([before, after])
    later = _edition(two, after_edition, -1)
    same = one.tenant == two.tenant and one.editions == two.editions
    earlier = _edition(one, before_edition, -2 if same and len(one.editions) > 1 else -1)
    found = compare(earlier.data, later.data)
    for change in found:
        if json:
            print(as_json(change))
            continue
        whom = f" for {', '.join(change.concerns)}" if change.concerns else ""
        print(f"{change.path} ({change.clause}){whom}: {as_json(change.before)} → {as_json(change.after)}")
    if not found:
        return 0
    moment = time.time_ns() // 1000 if since is None else instant(since)
    supplied = None if parameters is None else read_toml(parameters)
    for effect in effects(_pinned(one, earlier, supplied), _pinned(two, later, supplied), moment):
        print(as_json(effect) if json else _told(effect))
    return 1


def _pinned(package: Package, document: Document, supplied: dict[str, Any] | None) -> Evaluator:
    identity, given_by = document.data["edition"]["id"], package.example if supplied is None else supplied
    return Evaluator(take_snapshot(package, edition_id=identity, parameters=given_by))


def _told(effect: Effect) -> str:
    by = f"by {', '.join(effect.channels)}"
    levels = f", level {', '.join(effect.levels)}" if effect.levels else ""
    line = f", on the line {effect.line}" if effect.line else ""
    return (
        f"{effect.target} {by}{levels}{line}: received {effect.received}: {_promised(effect.before)} → "
        f"{_promised(effect.after)}; so at {effect.differs} of {effect.of} instants tried"
    )


def _promised(promise: Promise) -> str:
    words = promise.outcome.replace("_", " ")
    due = f" {promise.due}" if promise.due else ""
    goal = f", goal {promise.goal}" if promise.goal else ""
    clause = f" ({promise.clause})" if promise.clause else ""
    return f"{words}{due}{goal}{clause}"


def publish(
    folder: Path,
    *,
    tenant: str,
    edition: str | None = None,
    since: Annotated[str | None, Parameter(name="--from")] = None,
    parameters: Path | None = None,
    reading: Annotated[list[str] | None, Parameter(negative="")] = None,
    json: bool = False,
) -> None:
    """Publish an edition for a company that is there, or a new version of one: a decree, an announcement with hours.

    It judges what is received from its instant on, in a running service too. No ticket that is there moves.

    Parameters
    ----------
    folder
        The regulation's folder.
    tenant
        The company.
    edition
        The edition's id; default: the latest.
    since
        From when it is in force, with its offset; not in the past. Default: as its text says, at once for a new version
        of an edition that is published already.
    parameters
        A TOML file with what the regulation leaves to the operator; default: as for the edition in force.
    reading
        A reading as NAME=VALUE, besides those that differ in the edition in force.
    json
        One JSON object.
    """
    settings = read(os.environ)
    channels = load_plugins(settings).channels
    package = find_packages([str(folder)])[0]
    if package.tenant != tenant:
        raise Invalid(f"{folder} is the regulation of {package.tenant}, not of {tenant}")

    def work(session: Session) -> Edition:
        now = supplied_now(session, tenant)
        supplied = Supplied(
            now.parameters if parameters is None else read_toml(parameters), {**now.readings, **given(reading or ())}
        )
        moment = None if since is None else instant(since)
        return publish_draft(session, draft_of(package, channels, supplied=supplied, edition_id=edition, since=moment))

    database = open_store(settings)
    try:
        done = database.write_now(OPERATOR, work)
    finally:
        database.close()
    if json:
        print(as_json(done))
    else:
        print(f"{tenant}: edition {done.edition_id} is in force from {iso(done.in_force_from)}")
        print(f"  snapshot {done.snapshot_hash}")


def simulate(
    folder: Path,
    *,
    tenant: str,
    edition: str | None = None,
    since: Annotated[str | None, Parameter(name="--from")] = None,
    until: Annotated[str | None, Parameter(name="--to")] = None,
    parameters: Path | None = None,
    reading: Annotated[list[str] | None, Parameter(negative="")] = None,
    limit: int = 20,
    json: bool = False,
) -> None:
    """Judge the real tickets of a period by a draft edition: deadlines that would move, breaches, attainment.

    Nothing is written; the service may run meanwhile. Progress goes to standard error.

    Parameters
    ----------
    folder
        The draft's folder.
    tenant
        The company whose tickets are judged.
    edition
        The edition's id; default: the latest.
    since
        Tickets received from this instant on, with its offset; default: all.
    until
        Tickets received before this instant; default: all.
    parameters
        A TOML file with what the regulation leaves to the operator; default: as for the edition in force.
    reading
        A reading as NAME=VALUE, besides those that differ in the edition in force.
    limit
        How many single deadlines are named.
    json
        One JSON object.
    """
    settings = read(os.environ)
    package = find_packages([str(folder)])[0]
    if package.tenant != tenant:
        raise Invalid(f"{folder} is the regulation of {package.tenant}, not of {tenant}")
    period = Period(0 if since is None else instant(since), MAX_INSTANT if until is None else instant(until))
    database = open_store(settings)
    try:
        now = database.read_now(OPERATOR, lambda session: supplied_now(session, tenant))
        tenant_id = database.read_now(OPERATOR, lambda session: Tenants(session).by_slug(tenant).id)
        snapshot = take_snapshot(
            package,
            edition_id=edition,
            parameters=now.parameters if parameters is None else read_toml(parameters),
            readings={**now.readings, **given(reading or ())},
        )
        draft = Draft(snapshot, period, limit)
        report = run_simulation(
            database, OPERATOR.within(tenant_id), draft, url=settings.database_url.reveal(), progress=_tell_progress
        )
    finally:
        database.close()
    print(as_json(report) if json else "\n".join(table(report)))


def _tell_progress(done: int, of: int) -> None:
    end = "\n" if done >= of else ""
    print(f"\r{done} of {of} tickets", end=end, file=sys.stderr, flush=True)


def editions(tenant: str, *, json: bool = False) -> None:
    """List what was published for a company, the earliest in force first.

    Parameters
    ----------
    tenant
        The company.
    json
        One JSON object a line.
    """
    database = open_store(read(os.environ))
    try:
        found = database.read_now(OPERATOR, lambda session: list_editions(session, tenant))
    finally:
        database.close()
    for item in found.items:
        if json:
            print(as_json(item))
        else:
            state = " (in force)" if item.in_force else ""
            print(f"{item.edition} from {item.in_force_from.isoformat()}{state}, snapshot {item.snapshot}")


def _edition(package: Package, name: str | None, default: int) -> Document:
    if name is None:
        return package.editions[default]
    known = {document.data["edition"]["id"]: document for document in package.editions}
    if name not in known:
        raise Invalid(f"{package.tenant} has no edition {name!r}: {nearest(name, known)}")
    return known[name]
