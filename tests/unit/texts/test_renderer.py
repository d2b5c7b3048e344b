"""The texts: every key in both languages, tenants' wording over the built-in one, nothing harmful in the result."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.texts.clean import clean_line, clean_text
from helpdesk.texts.keys import ARGUMENTS, KEYS, is_subject
from helpdesk.texts.renderer import LANGUAGES, Texts, _built_in


def arguments(key: str) -> dict[str, str | int]:
    return {name: 1234567 if name == "number" else f"<{name}>" for name in KEYS[key]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_built_in_text_in_every_language(key: str, language: str) -> None:
    """Each key renders from its own arguments alone, without errors."""
    text, cause = _built_in(language).format(key, {name: str(value) for name, value in arguments(key).items()})
    assert cause == ""
    assert text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_texts_hold_no_other_keys(language: str) -> None:
    """A text nobody asks for is a mistake."""
    assert set(_built_in(language).keys) == set(KEYS)
    assert _built_in(language).junk == []


def test_every_argument_is_explained() -> None:
    """The list of arguments and the keys' arguments are the same set."""
    assert {name for names in KEYS.values() for name in names} == set(ARGUMENTS)


def test_a_number_is_written_without_group_separators() -> None:
    """A ticket's number reads the same in a subject as in the database."""
    assert "[#1234567]" in Texts().render("ack-subject", arguments("ack-subject"))


def test_russian_comes_first_and_an_unknown_language_falls_back_to_it() -> None:
    """Without a language the text is Russian; English is given when asked for."""
    texts = Texts()
    assert "зарегистрировано" in texts.render("ack-subject", arguments("ack-subject"))
    assert "registered" in texts.render("ack-subject", arguments("ack-subject"), "en")
    assert "зарегистрировано" in texts.render("ack-subject", arguments("ack-subject"), "kk")


def test_a_regulations_own_wording_wins_and_the_rest_is_built_in() -> None:
    """One key defined by the tenant replaces that key and no other."""
    texts = Texts({"ru": "ack-subject = Запрос #{ $number }"})
    assert texts.problems == ()
    assert texts.render("ack-subject", arguments("ack-subject")) == "Запрос #1234567"
    assert "зарегистрировано" in texts.render("ack-body", arguments("ack-body"))


@pytest.mark.parametrize(
    "source",
    [
        "ack-subject = { $secret }",
        "ack-subject = { ack-subject }",
        "ack-subject = { unknown-message }",
        "ack-subject = {",
        "ack-subject = " + "{ " * 5_000,
        "ack-subjekt = Запрос",
        "-a = " + "x" * 200 + "\n" + "ack-subject = " + "{ -a }" * 1_200,
    ],
)
def test_broken_wording_is_reported_and_replaced(source: str) -> None:
    """A missing variable, a circle, junk, deep nesting, a misspelt key or a bomb costs only the tenant's wording."""
    texts = Texts({"ru": source})
    assert texts.problems
    assert texts.render("ack-subject", arguments("ack-subject")) == "[#1234567] Обращение зарегистрировано"


def test_a_long_answer_comes_out_whole() -> None:
    """Fluent's limit on placeables does not cut what a person wrote."""
    text = "слово " * 10_000
    rendered = Texts().render("answer-body", {"company": "Компания", "number": 7, "text": text, "until": ""})
    assert text.strip() in rendered
    assert "Компания, обращение 7" in rendered


def test_arguments_are_data_and_not_fluent() -> None:
    """Braces and functions in what a client wrote stay as they are."""
    subject = "{ $number } { DATETIME($x) } %s {0.__class__}"
    assert subject in Texts().render("answer-subject", {"number": 7, "subject": subject})


def test_a_missing_argument_is_an_error() -> None:
    """The caller's mistake is not hidden behind an empty place."""
    with pytest.raises(ValueError, match="number"):
        Texts().render("ack-subject", {"company": "x"})


@given(st.text())
def test_a_subject_is_one_clean_line(subject: str) -> None:
    """Whatever stands in a subject, the result has no line break, control or bidirectional character."""
    line = Texts().render("answer-subject", {"number": 1, "subject": subject})
    assert is_subject("answer-subject")
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line
    )
    assert len(line) <= 250
    line.encode("utf-8")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_a_plain_line_loses_its_trailing_blanks_alone(text: str) -> None:
    """A line of nothing but what is seen comes out as it is, but for blanks at its end."""
    assert clean_text(text) == text.rstrip()
    assert clean_text(f"{text}\n.") == (f"{text.rstrip()}\n.").strip("\n")


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Both cleaners are idempotent."""
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
