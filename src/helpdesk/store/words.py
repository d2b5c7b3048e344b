"""Words as search knows them: small letters, ``ё`` as ``е``, each brought to its stem, Russian or English."""

import re
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]")
_LONGEST_WORD = 100
_stem_russian = snowballstemmer.stemmer("russian").stemWord
_stem_english = snowballstemmer.stemmer("english").stemWord


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in their order, without anything between them."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text.casefold().replace("ё", "е"))]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a word as ``words_of`` gives it. The same words come again and again: they are remembered."""
    stemmed: str = _stem_russian(word) if _CYRILLIC.search(word) else _stem_english(word)
    return stemmed


def stems_of(text: str) -> str:
    """Return the stems of ``text`` in their order, one space between them."""
    return " ".join(map(stem, words_of(text)))
