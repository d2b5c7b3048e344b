"""Words as search knows them: small letters, ``ё`` as ``е``, in one script, cut to their stems, Russian or English."""

import re
from functools import lru_cache

import snowballstemmer

from helpdesk.kernel.letters import numbered, one_script

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]")
_LIKE_A_VERB = re.compile(r"[ая][лн]$")
_LIKE_A_PLURAL = re.compile(r"[ое]в$")
_LONGEST_WORD = 100
_PHONE = re.compile(r"(?<![\w+])\+?\d(?:[ ()\-.]{0,3}\d){9,14}(?!\w)")
_SUBSCRIBER = 7
"""Digits of a number without country and area."""
_NATIONAL = 10
_stem_russian = snowballstemmer.stemmer("russian").stemWord
_stem_english = snowballstemmer.stemmer("english").stemWord


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in their order, without anything between them."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text.casefold().replace("ё", "е"))]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a word as ``words_of`` gives it. The same words come again and again: they are remembered.

    What the Russian stemmer leaves may be cut once more: it takes the end of ``вызов`` and ``Иванов`` for a plural's,
    and the last letter of ``терминал`` and ``экран`` for a verb's; from ``вызовы``, ``Иванову``, ``терминалы`` and
    ``экраном`` it comes to the same only so.
    """
    word = numbered(one_script(word))
    if not _CYRILLIC.search(word):
        return str(_stem_english(word))
    stemmed = str(_stem_russian(word))
    if _LIKE_A_PLURAL.search(stemmed) and not word.endswith("ьев"):  # Соловьев has lost his ending already
        stemmed = str(_stem_russian(stemmed))
    return str(_stem_russian(stemmed)) if _LIKE_A_VERB.search(stemmed) else stemmed


def stems_of(text: str) -> list[str]:
    """Return the stems of ``text`` in their order, and after them its telephone numbers, however they are written."""
    return [*map(stem, words_of(text)), *phones_of(text)]


def phones_of(text: str) -> list[str]:
    """Return the telephone numbers in ``text`` as digits: whole, without the country, without the area."""
    found = []
    for written in _PHONE.findall(text):
        digits = phone_of(written)
        found += [digits, *(digits[-size:] for size in (_NATIONAL, _SUBSCRIBER) if len(digits) > size)]
    return found


def phone_of(written: str) -> str:
    """Return a telephone number's digits; a Russian one that begins with 8 as with the country's 7."""
    digits = "".join(filter(str.isdigit, written))
    return f"7{digits[1:]}" if len(digits) == _NATIONAL + 1 and digits[0] == "8" else digits
