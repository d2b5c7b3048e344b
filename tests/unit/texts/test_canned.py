"""Canned answers come out as they were written, with what belongs into their places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.texts.canned import ARGUMENTS, fill, problems_of
from helpdesk.texts.clean import clean_text

GIVEN = {name: f"<{name}>" for name in ARGUMENTS}


def test_places_are_filled_and_nothing_else_changes() -> None:
    """Lines, blank lines, indented lines and lines that would mean something in Fluent stay."""
    text = 'Здравствуйте, { $client }!\n\n  .отступ\n[скобка] *звезда\n#1 -term = x\nНомер {$number}; { "{" }так{ "}" }'
    assert problems_of(text) == ()
    assert fill(text, GIVEN) == (
        "Здравствуйте, <client>!\n\n  .отступ\n[скобка] *звезда\n#1 -term = x\nНомер <number>; {так}"
    )


@given(st.text(alphabet=st.characters(exclude_characters="{}")))
def test_a_text_without_places_is_itself(text: str) -> None:
    """Whatever it is, it comes out as every text of the service does."""
    if clean_text(text).strip():
        assert problems_of(text) == ()
        assert fill(text, GIVEN) == clean_text(text)


@given(st.text())
def test_what_is_put_in_is_data(text: str) -> None:
    """A client's subject is never read as Fluent."""
    assert fill("a{ $subject }b", {"subject": text}) == clean_text(f"a{clean_text(text)}b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "{ $nobody }",
        "{ brace",
        "brace }",
        "{ NUMBER($number) }",
        "{ $number -> \n *[one] x\n }",
        "{ -brand }",
        "{ other }",
        "{ $number }\n    .x = { $y",
    ],
)
def test_what_cannot_be_used_is_told(text: str) -> None:
    """Empty, an unknown place, a lonely brace, anything else of Fluent."""
    assert problems_of(text)
