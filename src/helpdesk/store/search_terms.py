"""What is asked of search: words, phrases, beginnings, exclusions; and how either database is asked for them."""

import re
from collections.abc import Sequence

from msgspec import Struct

from helpdesk.kernel.letters import one_script
from helpdesk.store.words import phone_of, stem, words_of

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_PHONE = re.compile(r"[+0-9 ()\-.]+")
_MOST_TERMS = 16
_SHORTEST_PHONE = 5


class Term(Struct, frozen=True):
    """One condition: words beside each other, the last of them perhaps only begun."""

    words: tuple[str, ...]
    begun: bool = False
    without: bool = False
    exact: bool = False
    """A telephone number or a part of one: no form of a word."""


def terms_of(asked: str) -> tuple[Term, ...]:
    """Return what is asked for: words, ``"words beside each other"``, ``begun*``, ``-without``; none is an error.

    What looks like a telephone number, or like a part of one, is the beginning of one word of digits; an address is its
    parts beside each other, the last perhaps only begun; a word with hyphens is its parts beside each other.
    """
    plain = asked.strip()
    if _PHONE.fullmatch(plain) and not plain.isdecimal():
        digits = phone_of(plain)
        if len(digits) >= _SHORTEST_PHONE:
            return (Term((digits,), begun=True, exact=True),)
    terms = []
    for minus, phrase, word in _TERM.findall(asked):
        words = tuple(map(one_script, words_of(phrase or word)))
        if words:
            begun = word.endswith("*") or ("@" in word and len(words) > 1)
            if len(words) == 1 and words[0].isdecimal() and len(phone_of(words[0])) >= _SHORTEST_PHONE:
                terms.append(Term((phone_of(words[0]),), begun=True, without=bool(minus), exact=True))
            else:
                terms.append(Term(words, begun, bool(minus)))
    return tuple(terms[:_MOST_TERMS])


def match(terms: Sequence[Term], tenant: str, columns: str) -> str:
    """Return FTS5's expression: every word is quoted, so nothing in it is syntax."""
    wanted = " AND ".join(_phrase(term) for term in terms if not term.without)
    unwanted = " OR ".join(_phrase(term) for term in terms if term.without)
    words = f"{{{columns}}} : ({wanted})" + (f" NOT {{head body}} : ({unwanted})" if unwanted else "")
    return f'tenant : "{tenant}" AND ({words})'


def tsquery(terms: Sequence[Term], tenant: str, weight: str = "") -> str:
    """Return PostgreSQL's expression, of quoted words too; ``weight`` limits what is wanted to words of that weight."""
    wanted = " & ".join(_followed(term, weight) for term in terms if not term.without)
    unwanted = "".join(f" & !({_followed(term, '')})" for term in terms if term.without)
    return f"'{tenant}' & {wanted}{unwanted}"


def _phrase(term: Term) -> str:
    before, ways = _lexemes(term)
    begun, *whole = (" ".join((*before, word)) for word in ways)
    if not term.begun:
        return f'"{begun}"'
    return " OR ".join([f'("{begun}" *', *(f'"{each}"' for each in whole)]) + ")"


def _followed(term: Term, weight: str) -> str:
    before, (begun, *whole) = _lexemes(term)
    mark = f":{weight}" if weight else ""
    last = [f"'{begun}':*{weight}" if term.begun else f"'{begun}'{mark}", *(f"'{word}'{mark}" for word in whole)]
    words = [f"'{word}'{mark}" for word in before]
    ends = " | ".join(last)
    return f"({' <-> '.join([*words, f'({ends})'])})"


def _lexemes(term: Term) -> tuple[list[str], list[str]]:
    """Return the stems of a term's words before the last, and what the last may be.

    A word that is only begun is its beginning as it was written, or a form of it.
    """
    *before, last = term.words
    if term.exact:
        return before, [last]
    ways = [last, stem(last)] if term.begun else [stem(last)]
    return [*map(stem, before)], list(dict.fromkeys(ways))
