"""Reports: how promises are kept, how long tickets have waited, whether the ledger balances; in several forms."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from litestar import Controller, MediaType, Response, get

from helpdesk.api.auth import acting, caller_of, principal_of
from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests.reports import (
    AgeFilter,
    AttainmentFilter,
    BalanceFilter,
    CompaniesFilter,
    ComparisonFilter,
    Form,
    Months,
    SlaFilter,
)
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.kernel.principal import Principal, Role
from helpdesk.queries.reports.attainment import attainment, attainment_of_all
from helpdesk.queries.reports.averages import averages
from helpdesk.queries.reports.comparison import ComparisonReport, compare
from helpdesk.queries.reports.pictures import to_svg
from helpdesk.queries.reports.sla import SlaReport, sla_report
from helpdesk.queries.reports.sla_forms import breach_table, to_html
from helpdesk.queries.reports.stock import ledger_balance, queue_age
from helpdesk.queries.reports.tables import Report, tabulate, to_csv
from helpdesk.queries.reports.views import AgeReport, AttainmentReport, AverageReport, BalanceReport, Companies
from helpdesk.store.engine.session import Session

CSV, SVG, HTML = "text/csv", "image/svg+xml", "text/html"
_INERT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The page brings its own style and needs nothing else."""
_PATIENCE_SECONDS = 60.0
"""A report may read for longer than other answers."""


class Reports(Controller):
    """A company's reports."""

    path = "/v1/reports"

    @get(
        "/attainment",
        opt=door(
            *STAFF, query=AttainmentFilter, answer=AttainmentReport, other_media=(CSV, SVG), problems=("invalid",)
        ),
    )
    async def report_attainment(self, request: AnyRequest) -> Response[Any]:
        """Report how many promises with a limit were kept.

        Goal and limit are told apart, and beside every percentage stand the counts it is made of: met, breached, still
        running, and excluded with the reason. A clock belongs to the month in which it started, in the company's zone.
        """
        wanted = asked(request, AttainmentFilter)
        work = partial(
            attainment,
            find=services(request).directory.of,
            first_month=wanted.first_month,
            last_month=wanted.last_month,
            by=_dimensions(wanted.by),
        )
        return await _answer(request, wanted, work)

    @get(
        "/averages",
        opt=door(*STAFF, query=Months, answer=AverageReport, other_media=(CSV, SVG), problems=("invalid",)),
    )
    async def report_averages(self, request: AnyRequest) -> Response[Any]:
        """Report the means that are promised over a period, with what is left.

        For each period: what was counted, what is open, and which mean the rest may have for the promise to be kept.
        """
        wanted, find = asked(request, Months), services(request).directory.of
        work = partial(averages, find=find, first_month=wanted.first_month, last_month=wanted.last_month)
        return await _answer(request, wanted, work)

    @get("/queue-age", opt=door(*STAFF, query=AgeFilter, answer=AgeReport, other_media=(CSV, SVG)))
    async def report_queue_age(self, request: AnyRequest) -> Response[Any]:
        """Report how long the unclosed tickets have been here: percentiles and the oldest."""
        wanted = asked(request, AgeFilter)
        return await _answer(request, wanted, partial(queue_age, by=_dimensions(wanted.by)))

    @get(
        "/ledger",
        opt=door(*STAFF, query=BalanceFilter, answer=BalanceReport, other_media=(CSV, SVG), problems=("invalid",)),
    )
    async def report_ledger(self, request: AnyRequest) -> Response[Any]:
        """Report what was received by channel and day, and what became of it: received is the sum of the outcomes."""
        wanted, find = asked(request, BalanceFilter), services(request).directory.of
        work = partial(ledger_balance, find=find, first_day=wanted.first_day, last_day=wanted.last_day)
        return await _answer(request, wanted, work)

    @get(
        "/sla",
        opt=door(*STAFF, query=SlaFilter, answer=SlaReport, other_media=(CSV, HTML), problems=("invalid",)),
    )
    async def report_sla(self, request: AnyRequest) -> Response[Any]:
        """Report one month for a client, or for all of them.

        What was promised by target and level, how much of it was kept, every breach with its clause and cause, what is
        not counted and why, and the means. In a confidential company this is a reading of the tickets listed.
        """
        wanted, find = asked(request, SlaFilter), services(request).directory.of
        work = partial(sla_report, find=find, month=wanted.month, organisation=wanted.organisation, lang=wanted.lang)
        found = await read(request, work, within_seconds=_PATIENCE_SECONDS)
        match wanted.format:
            case "csv":
                table = to_csv(breach_table(found), lang=wanted.lang, separator=wanted.separator, bom=wanted.bom)
                return Response(table.encode(), media_type=CSV)
            case "html":
                return Response(to_html(found, lang=wanted.lang).encode(), media_type=HTML, headers=_INERT)
            case _:
                return Response(found, media_type=MediaType.JSON)

    @get(
        "/comparison",
        opt=door(
            *STAFF, query=ComparisonFilter, answer=ComparisonReport, other_media=(CSV, SVG), problems=("invalid",)
        ),
    )
    async def report_comparison(self, request: AnyRequest) -> Response[Any]:
        """Compare what another system promised and did with what this regulation promises.

        Over tickets that were brought in: our deadlines and closings against theirs; CSV lists the tickets that differ.
        """
        wanted, find = asked(request, ComparisonFilter), services(request).directory.of
        work = partial(
            compare, find=find, first_month=wanted.first_month, last_month=wanted.last_month, source=wanted.source
        )
        return _shown(wanted, found := await read(request, work, within_seconds=_PATIENCE_SECONDS), [found])


class OperatorReports(Controller):
    """Reports over all companies."""

    path = "/v1/operator/reports"

    @get(
        "/attainment",
        opt=door(
            Role.OPERATOR,
            query=CompaniesFilter,
            answer=Companies,
            other_media=(CSV, SVG),
            problems=("invalid",),
            tenant_by_header=False,
        ),
    )
    async def report_all(self, request: AnyRequest) -> Response[Any]:
        """Report how many promises with a limit every company kept.

        Sums only: no ticket, no client and no person is named.
        """
        wanted = asked(request, CompaniesFilter)
        work = partial(
            attainment_of_all,
            find=services(request).directory.of,
            first_month=wanted.first_month,
            last_month=wanted.last_month,
            by=_dimensions(wanted.by),
        )
        found = await _read(request, acting(caller_of(request), None), work)
        return _shown(wanted, found, found.items)


async def _answer(request: AnyRequest, form: Form, work: Callable[[Session], Report]) -> Response[Any]:
    found = await _read(request, principal_of(request), work)
    return _shown(form, found, [found])


async def _read(request: AnyRequest, principal: Principal, work: Callable[[Session], Any]) -> Any:
    return await services(request).database.read(principal, work, within_seconds=_PATIENCE_SECONDS)


def _shown(form: Form, whole: Any, reports: Sequence[Report]) -> Response[Any]:
    if form.format == "csv":
        text = to_csv(tabulate(reports), lang=form.lang, separator=form.separator, bom=form.bom) if reports else ""
        return Response(text.encode(), media_type=CSV)  # the charset is added for every text
    if form.format == "svg":
        text = to_svg(reports, lang=form.lang) if reports else ""
        return Response(text.encode(), media_type=SVG)
    return Response(whole, media_type=MediaType.JSON)


def _dimensions(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
