"""``helpdesk db verify-clocks``: what is cached of the logs, held against the logs."""

import os
import sys
from collections.abc import Callable, Iterator
from uuid import UUID

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.refolding import Difference, FindEvaluator, check_clocks, rebuild_clocks
from helpdesk.kernel.principal import Principal
from helpdesk.settings import read
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.histories import FIRST, count_tickets
from helpdesk.store.tenants import Tenant, Tenants

_PATIENCE_SECONDS = 600.0
"""How long one chunk may take; the service is not held up meanwhile."""


def verify_clocks(*, tenant: str | None = None, rebuild: bool = False, json: bool = False) -> int:
    """Fold every ticket's log anew and compare its clocks, pending timers, next due instant and rank.

    Every difference is printed with ticket and clock; the exit status is 1 if there is any (with --rebuild: any that
    could not be written anew). The service may run meanwhile.

    Parameters
    ----------
    tenant
        One company's slug; default: all.
    rebuild
        Write what the logs say. Logs are never touched, timers that fired stay fired.
    json
        One JSON object for each difference instead of text.
    """
    database = open_store(read(os.environ))
    find = Directory().of
    seen = wrong = written = 0
    try:
        served = database.read_now(OPERATOR, lambda session: _tenants(session, tenant))
        of = sum(database.read_now(OPERATOR.within(one.id), count_tickets) for one in served)
        for one in served:
            principal = OPERATOR.within(one.id)
            for count, differences, differing in _chunks(database, principal, find):
                seen, wrong = seen + count, wrong + len({found.number for found in differences})
                _progress(seen, of)
                for found in differences:
                    print(as_json({"tenant": one.slug, "difference": found}) if json else _told(one.slug, found))
                if rebuild:
                    written += sum(
                        database.write_now(principal, _rebuilding(find, ticket), within_seconds=_PATIENCE_SECONDS)
                        for ticket in differing
                    )
    finally:
        database.close()
    if not json:
        anew = f", {written} written anew" if rebuild else ""
        print(f"{seen} tickets folded anew: {wrong} differ{anew}")
    return int(wrong > written)


def _chunks(
    database: Database, principal: Principal, find: FindEvaluator
) -> Iterator[tuple[int, tuple[Difference, ...], tuple[UUID, ...]]]:
    """Give the company's tickets chunk by chunk: how many, what differs, which of them can be written anew."""
    after = FIRST
    while True:
        checked = database.read_now(
            principal,
            lambda session, after=after: check_clocks(session, find, after),  # type: ignore[misc]
            within_seconds=_PATIENCE_SECONDS,
        )
        if checked is None:
            return
        yield checked.tickets, checked.differences, checked.differing
        after = checked.last


def _rebuilding(find: FindEvaluator, ticket: UUID) -> Callable[[Session], bool]:
    return lambda session: rebuild_clocks(session, find, ticket)


def _tenants(session: Session, slug: str | None) -> tuple[Tenant, ...]:
    tenants = Tenants(session)
    return tenants.all() if slug is None else (tenants.by_slug(slug),)


def _told(slug: str, found: Difference) -> str:
    name = f" {found.name}" if found.name else ""
    stored, folded = found.stored or "nothing", found.folded or "nothing"
    return f"{slug} ticket {found.number}: {found.what}{name}: stored {stored}, its log says {folded}"


def _progress(done: int, of: int) -> None:
    end = "\n" if done >= of else ""
    print(f"\r{done} of {of} tickets", end=end, file=sys.stderr, flush=True)
