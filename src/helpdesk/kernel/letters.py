"""Letters as people type them: capitals or not, ``ё`` or ``е``, and Latin letters that slipped into a Cyrillic word.

Twelve letters look alike in both scripts as capitals, and people copy words from programs that mixed them. What is
searched or compared goes through here on both sides, so nobody has to see the difference.
"""

import re

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[а-я]")
_LOOK_ALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")
_NUMBERED = re.compile(r"\d+[abcehkmoptxy]+")


def plain(text: str) -> str:
    """Return ``text`` in small letters, ``ё`` as ``е``, each Cyrillic word without Latin look-alikes."""
    small = text.casefold().replace("ё", "е")
    if _LATIN.search(small) and _CYRILLIC.search(small):
        return _WORD.sub(lambda found: one_script(found[0]), small)
    return small


def one_script(word: str) -> str:
    """Return a word in small letters with its Latin look-alikes as Cyrillic letters, where it has Cyrillic ones too."""
    return word.translate(_LOOK_ALIKES) if _CYRILLIC.search(word) and _LATIN.search(word) else word


def numbered(word: str) -> str:
    """Return a number followed by look-alikes alone (``1c``) in Cyrillic letters: people write it both ways."""
    return word.translate(_LOOK_ALIKES) if _NUMBERED.fullmatch(word) else word
