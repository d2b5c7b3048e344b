"""The short form of a letter, as a carrier takes it to a telephone: one line, with what a person wrote cut to fit."""

from collections.abc import Callable, Mapping

from helpdesk.domain.ticket import Letter
from helpdesk.texts.renderer import Texts

_KEYS = {
    "acknowledgement": "ack-short",
    "answer": "answer-short",
    "question": "question-short",
    "notice": "notice-short",
    "closed": "closed-short",
    "merged": "merged-short",
}
_DECLINED = "closed-declined"
_WORD = 30
"""How far back a blank is looked for, so that no word is cut."""

Fits = Callable[[str], bool]


def carries(letter: Letter) -> bool:
    """Say whether a letter has a short form; the others are for mail only.

    That a request is closed is told where it is declined: else the client confirmed it, or the answer said by when
    silence closes it, and nobody's telephone need ring at midnight.
    """
    return letter.purpose in _KEYS and (letter.purpose != "closed" or letter.text_key == _DECLINED)


def shortened(texts: Texts, letter: Letter, arguments: Mapping[str, str], language: str, fits: Fits) -> str:
    """Return the short form; ``fits`` says of a text whether it, and so whatever it begins with, can be carried.

    Where the whole does not fit, the words of our own person are cut, and it says where to hear all of them.
    """
    given = dict(arguments)
    if letter.purpose == "acknowledgement":
        asks = bool(letter.text_key or given.get("missing"))
        given["asked"] = texts.render("ack-short-asked", given, language) if asks else ""
    words = given.get("text") or (texts.render(letter.text_key, given, language) if letter.text_key else "")
    words = " ".join(words.split())

    def written(text: str) -> str:
        rendered = texts.render(_KEYS[letter.purpose], {**given, "text": text}, language)
        return " ".join(rendered.split())

    whole = written(words)
    if fits(whole):
        return whole
    rest = texts.render("short-rest", given, language)
    kept = _longest(words, lambda text: fits(written(text + rest)))
    short = written(_to_a_word(kept) + rest) if kept else written("")
    return short if fits(short) else _longest(short, fits)


def _longest(text: str, fits: Fits) -> str:
    """Return the longest beginning that fits."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return text[:low]


def _to_a_word(text: str) -> str:
    """Return a beginning without the word that it ends in, unless that is very long, and without what stood after."""
    blank = text.rfind(" ", max(0, len(text) - _WORD))
    return (text if blank <= 0 else text[:blank]).rstrip(" .,:;")
