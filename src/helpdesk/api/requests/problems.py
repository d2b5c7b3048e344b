"""What clients of the API send about problems behind tickets."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import LongText, Paging, Request, Text
from helpdesk.api.requests.links import Number
from helpdesk.domain.problems import ProblemState

Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]


class ProblemDescription(Request, frozen=True):
    """What is known of a problem."""

    title: Title
    cause: LongText = ""
    """Empty: not known yet."""
    workaround: LongText = ""


class NewProblem(Request, frozen=True):
    """A problem and the tickets that it is behind."""

    title: Title
    cause: LongText = ""
    workaround: LongText = ""
    tickets: Annotated[tuple[Number, ...], Meta(max_length=100)] = ()


class ProblemFilter(Paging, frozen=True):
    """Which problems."""

    state: ProblemState | UnsetType = UNSET


class Grouping(Request, frozen=True):
    """The ticket that a problem is behind."""

    number: Number


class ProblemResolution(Request, frozen=True):
    """What the tickets are answered with; places as in a canned answer, `{ $number }`."""

    text: Text
