"""``helpdesk report``: reports over one company or all, as text, JSON, CSV or a picture."""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json
from helpdesk.desk.changing.directory import Directory
from helpdesk.kernel.errors import Invalid
from helpdesk.queries.reports.attainment import DIMENSIONS
from helpdesk.queries.reports.attainment import attainment as report_attainment
from helpdesk.queries.reports.averages import averages as report_averages
from helpdesk.queries.reports.comparison import compare
from helpdesk.queries.reports.pictures import to_svg
from helpdesk.queries.reports.sla import sla_report
from helpdesk.queries.reports.sla_forms import breach_table, to_html
from helpdesk.queries.reports.stock import AGE_DIMENSIONS, ledger_balance, queue_age
from helpdesk.queries.reports.tables import Report, tabulate, to_csv, to_text
from helpdesk.queries.reports.views import BalanceReport
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.settings import read
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants

app = App(name="report", help="How promises are kept, how long tickets wait, whether the ledger balances.")

_PATIENCE_SECONDS = 600.0


@Parameter(name="*")
class _Form:
    """Where a report goes and how it looks.

    Parameters
    ----------
    tenant
        A company's slug; may be given several times. Default: all.
    format
        text, csv (UTF-8), json (one object a line for each company) or svg (a picture).
    lang
        The language of headings and pictures: ru or en.
    separator
        Between the columns of CSV; with ; percentages have a decimal comma.
    bom
        Begin CSV with a byte order mark, for spreadsheets.
    out
        The file to write; default: standard output.
    """

    def __init__(
        self,
        *,
        tenant: Annotated[tuple[str, ...], Parameter(negative="")] = (),
        format: Literal["text", "csv", "json", "svg"] = "text",  # noqa: A002 - the option's name
        lang: Literal["ru", "en"] = "ru",
        separator: Literal[",", ";"] = ",",
        bom: bool = False,
        out: Path | None = None,
    ) -> None:
        self.tenant = tenant
        self.format = format
        self.lang = lang
        self.separator = separator
        self.bom = bom
        self.out = out


_AS_TOLD = _Form()


@app.command
def attainment(*, since: str = "", until: str = "", by: str = "target,month", form: _Form = _AS_TOLD) -> None:
    """Report how many promises with a limit were kept, goal and limit apart, with the counts behind every percentage.

    Parameters
    ----------
    since
        The first month, 2026-01, in the company's zone; default: the twelve months up to the present one.
    until
        The last month, included.
    by
        Dimensions, joined by commas: target, level, line, channel, agent, organisation, month.
    """
    dimensions = _dimensions(by, DIMENSIONS)
    find = Directory().of
    _report(form, partial(report_attainment, find=find, first_month=since, last_month=until, by=dimensions))


@app.command
def averages(*, since: str = "", until: str = "", form: _Form = _AS_TOLD) -> None:
    """Report the means that are promised over a period, and which mean the rest may have to keep the promise.

    Parameters
    ----------
    since
        The first month, 2026-01; default: the twelve months up to the present one.
    until
        The last month, included.
    """
    _report(form, partial(report_averages, find=Directory().of, first_month=since, last_month=until))


@app.command
def sla(
    *,
    tenant: str,
    month: str = "",
    organisation: str = "",
    format: Literal["html", "csv", "json"] = "html",  # noqa: A002 - the option's name
    lang: Literal["ru", "en"] = "ru",
    separator: Literal[",", ";"] = ",",
    bom: bool = False,
    out: Path | None = None,
) -> None:
    """Report one month for a client: promises, what was kept, every breach with clause and cause, what is not counted.

    Parameters
    ----------
    tenant
        The company's slug.
    month
        2026-01, in the company's zone; default: the present one.
    organisation
        Exactly as the tickets name it; default: all clients.
    format
        html (a page to print), csv (what was broken and what is excluded) or json.
    lang
        ru or en.
    separator
        Between the columns of CSV.
    bom
        Begin CSV with a byte order mark, for spreadsheets.
    out
        The file to write; default: standard output.
    """
    database, find = open_store(read(os.environ)), Directory().of
    work = partial(sla_report, find=find, month=month, organisation=organisation, lang=lang)
    try:
        served = OPERATOR.within(database.read_now(OPERATOR, lambda session: Tenants(session).by_slug(tenant)).id)
        found = database.read_now(served, work, within_seconds=_PATIENCE_SECONDS)
    finally:
        database.close()
    match format:
        case "html":
            text = to_html(found, lang=lang)
        case "csv":
            text = to_csv(breach_table(found), lang=lang, separator=separator, bom=bom)
        case _:
            text = f"{as_json(found)}\n"
    _put(text, out, f"{found.month}, {len(found.breaches)} breaches")


@app.command
def comparison(*, since: str = "", until: str = "", source: str = "", form: _Form = _AS_TOLD) -> None:
    """Compare what another system promised and did, over tickets brought in from it, with what is promised here.

    Text and CSV list the tickets that differ; JSON has the sums too.

    Parameters
    ----------
    since
        The first month of receipt, 2026-01; default: the twelve months up to the present one.
    until
        The last month, included.
    source
        The system that they came from; default: any.
    """
    _report(form, partial(compare, find=Directory().of, first_month=since, last_month=until, source=source))


@app.command(name="queue-age")
def age(*, by: str = "line", form: _Form = _AS_TOLD) -> None:
    """Report how long the unclosed tickets have been here: percentiles, and the oldest.

    Parameters
    ----------
    by
        Dimensions, joined by commas: line, level, state, channel, agent.
    """
    _report(form, partial(queue_age, by=_dimensions(by, AGE_DIMENSIONS)))


@app.command
def ledger(*, since: str = "", until: str = "", form: _Form = _AS_TOLD) -> int:
    """Report what was received by day and channel, and what became of it; exit 1 where received is not the sum.

    Parameters
    ----------
    since
        The first day, 2026-01-31, in the company's zone; default: the thirty days up to today.
    until
        The last day, included.
    """
    found = _report(form, partial(ledger_balance, find=Directory().of, first_day=since, last_day=until))
    return int(not all(report.balanced for report in found if isinstance(report, BalanceReport)))


def _report(form: _Form, work: Callable[[Session], Report]) -> list[Report]:
    database = open_store(read(os.environ))
    try:
        served = database.read_now(OPERATOR, lambda session: _tenants(session, form.tenant))
        found = [database.read_now(OPERATOR.within(one.id), work, within_seconds=_PATIENCE_SECONDS) for one in served]
    finally:
        database.close()
    _put(_written(form, found) if found else "", form.out, f"{len(found)} companies")
    return found


def _put(text: str, out: Path | None, told: str) -> None:
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8", newline="")
        print(f"{out}: {told}")


def _written(form: _Form, found: list[Report]) -> str:
    match form.format:
        case "json":
            return "".join(f"{as_json(report)}\n" for report in found)
        case "csv":
            return to_csv(tabulate(found), lang=form.lang, separator=form.separator, bom=form.bom)
        case "svg":
            return to_svg(found, lang=form.lang)
        case _:
            return to_text(tabulate(found), lang=form.lang)


def _tenants(session: Session, slugs: tuple[str, ...]) -> tuple[Tenant, ...]:
    tenants = Tenants(session)
    return tuple(tenants.by_slug(slug) for slug in slugs) if slugs else tenants.all()


def _dimensions(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(text.split(",")) if text else ()
    for each in found:
        if each not in known:
            raise Invalid(f"there is no dimension {each!r}: {nearest(each, known)}")
    return found
