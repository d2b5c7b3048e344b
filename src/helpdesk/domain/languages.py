"""Whether a text is in the language that a company answers in, by its letters. Pure.

Letters tell scripts apart, and the languages of one script by what only some of them have. That is enough to ask a
client to write otherwise, and never enough to refuse anybody: a doubtful text counts as written in the right one.
"""

import re
from collections.abc import Mapping
from typing import Any

from helpdesk.contracts.log import Happened
from helpdesk.domain.known import Known
from helpdesk.domain.opening import OTHER_LANGUAGE
from helpdesk.domain.rights import Flag
from helpdesk.domain.ticket import Letter, Progress
from helpdesk.regulation.judging.decisions import duty_of
from helpdesk.regulation.vocabulary.doors import Duty
from helpdesk.regulation.vocabulary.model import Edition

ONE_LANGUAGE = "one_language"
"""The duty by which a regulation is spoken to in one language; its value is the language's code."""

_LETTERS: Mapping[str, frozenset[str]] = {
    "ru": frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
    "en": frozenset("abcdefghijklmnopqrstuvwxyz"),
}
"""The letters of the languages that can be told."""
_LEAST = 12
"""Letters: a shorter text says nothing of its language."""
_FOREIGN = 0.9
"""From this share of other letters on a text is in another language; what is quoted of a program's messages is less."""
_OF_THE_SCRIPT = 0.03
"""From this share on of letters that only a neighbour's alphabet has, it is the neighbour's language."""
_NO_WORDS = re.compile(r"\S*(?:://|@|[\\/_])\S*|\S*\d\S*")
"""Addresses, paths, names of programs: of no language."""


def other_language(edition: Edition, *texts: str) -> Duty | None:
    """Return the duty by which a client is asked to write otherwise; None where there is none, or no need."""
    duty = duty_of(edition, ONE_LANGUAGE)
    if duty is None or not is_foreign(" ".join(texts), duty.value):
        return None
    return duty


def letter_on(duty: Duty, recipient: str) -> Letter:
    """Return the letter that asks the client to write otherwise, in the language that is asked for."""
    return Letter("language", recipient, "", "", {"clause": duty.clause})


def noticed(known: Known, text: str) -> dict[str, Any]:
    """Return what the log says of the language of a client's further message: nothing where it is the right one."""
    return {OTHER_LANGUAGE: True} if other_language(known.evaluator.edition, text) is not None else {}


def ask_otherwise(progress: Progress, known: Known) -> None:
    """Ask a client whose message, the last thing that happened, is in another language to write otherwise; once."""
    duty = duty_of(known.evaluator.edition, ONE_LANGUAGE)
    if duty is None or not progress.last.data.get(OTHER_LANGUAGE) or _asked_before(known):
        return
    progress.raise_flag(Flag(OTHER_LANGUAGE, duty.clause))
    if known.ticket.contact:
        progress.send(letter_on(duty, known.ticket.contact))


def _asked_before(known: Known) -> bool:
    for entry in known.log:
        if entry.what is Happened.CLIENT_MESSAGE and entry.data.get(OTHER_LANGUAGE):
            return True
        if any(each["flag"] == OTHER_LANGUAGE for each in entry.data.get("flags", ())):
            return True
    return False


def is_foreign(text: str, language: str) -> bool:
    """Say whether ``text`` is plainly in another language than ``language``."""
    own = _LETTERS.get(language)
    if own is None:
        return False
    letters = [letter for letter in _NO_WORDS.sub(" ", text).casefold() if letter.isalpha()]
    if len(letters) < _LEAST:
        return False
    others = [letter for letter in letters if letter not in own]
    neighbours = sum(_block(letter) == _block(min(own)) for letter in others)
    return len(others) >= _FOREIGN * len(letters) or neighbours >= _OF_THE_SCRIPT * len(letters)


def _block(letter: str) -> int:
    """Return which script's part of Unicode a letter is of: Latin with its extensions, Cyrillic, …"""
    point = ord(letter)
    return 0 if point < 0x250 else 0x400 if 0x400 <= point < 0x530 else point & ~0xFF
