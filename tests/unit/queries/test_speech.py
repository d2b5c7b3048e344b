"""What a phone agent reads aloud says no more than is known."""

from datetime import UTC, datetime

import pytest

from helpdesk.contracts.clocks import ClockKind
from helpdesk.queries.companies.speech import Said
from helpdesk.queries.views.promise import PromisedDeadline

_AT = datetime(2027, 12, 27, tzinfo=UTC)


def promised(kind: ClockKind) -> PromisedDeadline:
    texts = dict.fromkeys(("amount_ru", "amount_en", "note", "disclaimed_by", "text_ru", "text_en"), "")
    return PromisedDeadline(
        name="resolution",
        name_ru="решение",
        name_en="resolution",
        kind=kind,
        clause="2.6",
        goal=None,
        due=None,
        **texts,
    )


@pytest.mark.parametrize(
    ("kind", "ru", "en"),
    [
        (ClockKind.UNKNOWN, "регламент не называет срока", "the regulation gives no time"),
        (ClockKind.NONE, "срок не обещан", "no time is promised"),
        (ClockKind.LIMIT, "срок пока нельзя назвать", "the time cannot be told yet"),
    ],
)
def test_why_there_is_no_time_is_told_apart(kind: ClockKind, ru: str, en: str) -> None:
    """A limit whose day lies past the known calendar is not blamed on the regulation, which gives it."""
    said = Said("Asia/Bishkek")
    assert ru in said.accepted_ru("2.1", None, _AT, (promised(kind),), ())
    assert en in said.accepted_en("2.1", None, _AT, (promised(kind),), ())
