"""Canned answers: texts that agents send again and again, with places for what differs, written as in Fluent.

``{ $number }`` stands for the ticket's number, ``{ "{" }`` for a brace. Nothing else of Fluent is understood: no terms,
no functions, no choices. What is put in is data and comes out as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from fluent.syntax import FluentParser, ast

from helpdesk.texts.clean import clean_text

ARGUMENTS: Final[Mapping[str, str]] = {
    "company": "the tenant's name for its clients",
    "number": "the ticket's number",
    "subject": "the ticket's subject, as the client wrote it",
    "client": "who asked, by name; may be empty",
    "organisation": "the client's organisation; may be empty",
    "received": "when the request was received, in the regulation's zone",
    "level": "the level's name, or a dash",
    "agent": "who works on the ticket, or a dash",
}
"""What a canned answer may put in."""

LANGUAGES = ("ru", "en")


def problems_of(text: str) -> tuple[str, ...]:
    """Return what is wrong with a canned answer's text; nothing where it can be used."""
    return tuple(_problems(text))


def fill(text: str, arguments: Mapping[str, str]) -> str:
    """Return the text with the arguments put in, as clean plain text.

    Raises:
        ValueError: the text cannot be used (see `problems_of`).
        KeyError: an argument that it wants is not given.
    """
    problems = problems_of(text)
    if problems:
        raise ValueError("; ".join(problems))
    return clean_text("".join(_filled(_pattern(text), arguments)))


def _filled(pattern: ast.Pattern, arguments: Mapping[str, str]) -> Iterator[str]:
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            yield element.value
        elif isinstance(element.expression, ast.VariableReference):
            yield clean_text(arguments[element.expression.id.name])
        elif isinstance(element.expression, ast.StringLiteral):
            yield str(element.expression.parse()["value"])


def _problems(text: str) -> Iterator[str]:
    if not text.strip():
        yield "is empty"
        return
    try:
        pattern = _pattern(text)
    except ValueError as error:
        yield str(error)
        return
    for element in pattern.elements:
        if isinstance(element, ast.TextElement) or isinstance(element.expression, ast.StringLiteral):
            continue
        if not isinstance(element.expression, ast.VariableReference):
            yield "holds more than texts and places such as { $number }"
        elif element.expression.id.name not in ARGUMENTS:
            yield f"has no place ${element.expression.id.name}: one of {', '.join(ARGUMENTS)}"


def _pattern(text: str) -> ast.Pattern:
    """Return the text as Fluent reads it. Every line begins with an empty place, so that none has a meaning of its own.

    Raises:
        ValueError: it cannot be read.
    """
    lines = "".join(f'    {{""}}{line}\n' for line in clean_text(text).split("\n"))
    body = FluentParser(with_spans=False).parse(f"canned =\n{lines}").body
    entry = body[0] if len(body) == 1 else None
    if not isinstance(entry, ast.Message) or entry.value is None or entry.attributes:
        raise ValueError('cannot be read: a brace is written as { "{" }')
    return entry.value
