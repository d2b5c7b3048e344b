"""What clients ask of reports: spans, dimensions, and in which form the answer comes."""

from typing import Annotated, Literal

from msgspec import Meta

from helpdesk.api.requests.base import Request

_Month = Annotated[str, Meta(pattern="^([0-9]{4}-(0[1-9]|1[0-2]))?$")]
_DayOrNone = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
_DIMENSION = "target|level|line|channel|agent|organisation|month"
_AGE_DIMENSION = "line|level|state|channel|agent"
_COARSE = "target|level|line|channel|month"


class Form(Request, frozen=True):
    """In which form a report comes."""

    format: Literal["json", "csv", "svg"] = "json"
    lang: Literal["ru", "en"] = "ru"
    """Of the headings in CSV and of the words in SVG; JSON has no language."""
    separator: Literal[",", ";"] = ","
    """Between the columns of CSV; with `;` percentages have a decimal comma, as Russian spreadsheets expect."""
    bom: bool = False
    """CSV begins with a byte order mark, which spreadsheets need to read it as UTF-8."""


class Months(Form, frozen=True):
    """A span of months in the company's zone, both included; empty: the twelve up to the present one."""

    first_month: _Month = ""
    last_month: _Month = ""


class AttainmentFilter(Months, frozen=True):
    """Which promises, by what."""

    by: Annotated[str, Meta(pattern=f"^(({_DIMENSION})(,({_DIMENSION})){{0,6}})?$")] = "target,month"
    """Dimensions, joined by commas; empty: one sum of all."""


class CompaniesFilter(Months, frozen=True):
    """Which promises of all companies, by what besides the company."""

    by: Annotated[str, Meta(pattern=f"^(({_COARSE})(,({_COARSE})){{0,4}})?$")] = "target,month"


class SlaFilter(Request, frozen=True):
    """Which month's report for a client, in which form."""

    month: _Month = ""
    """In the company's zone; empty: the present one."""
    organisation: Annotated[str, Meta(max_length=300)] = ""
    """Exactly as the tickets name it; empty: all."""
    format: Literal["json", "csv", "html"] = "json"
    """`csv` lists what was broken and what is excluded, `html` is a page to print."""
    lang: Literal["ru", "en"] = "ru"
    separator: Literal[",", ";"] = ","
    bom: bool = False


class ComparisonFilter(Months, frozen=True):
    """Which tickets that were brought in."""

    source: Annotated[str, Meta(pattern="^([a-z0-9][a-z0-9_.-]*)?$", max_length=60)] = ""
    """The system that they came from; empty: any."""


class AgeFilter(Form, frozen=True):
    """By what the age is told."""

    by: Annotated[str, Meta(pattern=f"^(({_AGE_DIMENSION})(,({_AGE_DIMENSION})){{0,4}})?$")] = "line"


class BalanceFilter(Form, frozen=True):
    """A span of days in the company's zone, both included; left out: the thirty up to today."""

    first_day: _DayOrNone = ""
    last_day: _DayOrNone = ""
