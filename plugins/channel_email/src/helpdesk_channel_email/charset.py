"""Bytes to text: the declared charset where it is a known one and fits, else a guess among four.

UTF-7, the ISO-2022 family and Python's non-text codecs are never used: they make harmless bytes harmful.
"""

import codecs
import re
from math import log2

_KNOWN = frozenset(
    {"ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "cp866", "cp855", "mac-cyrillic"}
    | {f"cp{number}" for number in range(1250, 1259)}
    | {f"iso8859-{number}" for number in range(1, 17)}
    | {"gbk", "gb2312", "gb18030", "big5", "euc_jp", "shift_jis", "euc_kr", "cp949", "tis-620"}
)
_GUESSES = ("cp1251", "koi8-r", "cp866")
# How often each letter stands in Russian text, in 1/10,000.
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
# fmt: off
_OFTEN = (
    1097, 845, 801, 735, 670, 626, 547, 473, 454, 440, 349, 321, 298, 281, 262, 201, 190, 174, 170, 165, 159,
    144, 121, 97, 94, 73, 64, 48, 36, 32, 26, 4, 4,
)
# fmt: on
_SMALL = {letter: log2(often * len(_LETTERS) / 10_000) for letter, often in zip(_LETTERS, _OFTEN, strict=True)}
_CAPITAL = {letter.upper(): weight - 0.5 for letter, weight in _SMALL.items()}
_OUT_OF_PLACE = -6.0
_GUESS_FROM = 4_096
_UNWANTED = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def decode(data: bytes, declared: str | None) -> str:
    """Return ``data`` as text; never raises. What fits nowhere becomes U+FFFD."""
    name = _codec(declared)
    if name is not None:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, ValueError):
            pass
    return _guess(data)


def clean(text: str) -> str:
    r"""Return ``text`` as a database can hold it: NUL and lone surrogates as U+FFFD, ``\n`` lines, no controls."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def _codec(declared: str | None) -> str | None:
    if not declared or len(declared) > 40 or not declared.isascii():
        return None
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return None
    # What says it is Latin-1 or ASCII and is not ASCII is mostly something else: guessed below.
    if name == "ascii":
        return "ascii"
    return name if name in _KNOWN else None


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:_GUESS_FROM]
    best = max(_GUESSES, key=lambda name: _russian(sample.decode(name, "replace")))
    return data.decode(best, "replace")


def _russian(text: str) -> float:
    """Return how much ``text`` looks like Russian: the sum of its letters' log-frequencies.

    A capital after a small letter and any other sign beyond ASCII count against.
    """
    total = 0.0
    before = " "
    for letter in text:
        if letter in _SMALL:
            total += _SMALL[letter]
        elif letter in _CAPITAL:
            total += _OUT_OF_PLACE if before in _SMALL else _CAPITAL[letter]
        elif letter > "\x7f" and letter not in "№«»—–…":
            total += _OUT_OF_PLACE
        before = letter
    return total
