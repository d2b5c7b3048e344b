"""What clients of the API send about canned answers."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Request, Text
from helpdesk.domain.commands import ReplyKind

CannedName = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z0-9]+([-_][a-z0-9]+)*$")]
Language = Literal["ru", "en"]


class NewCanned(Request, frozen=True):
    """A canned answer. Its places are written `{ $number }`, a brace as `{ "{" }`.

    Places: company, number, subject, client, organisation, received, level, agent.
    """

    name: CannedName
    title: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
    text: Text
    language: Language = "ru"


class CannedFilter(Request, frozen=True):
    """Which canned answers."""

    language: Language | UnsetType = UNSET
    faulty: bool = False
    """Those only with which something is wrong under the regulation in force."""


class NewCannedReply(Request, frozen=True):
    """Which canned answer to send."""

    name: CannedName
    language: Language | None = None
    """Null: the ticket's own."""
    kind: ReplyKind = ReplyKind.ANSWER
    resolves: bool = False
    """For an answer: it is the solution."""
