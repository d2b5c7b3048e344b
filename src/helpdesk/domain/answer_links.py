"""Links in what is written to clients: their form, and whether the regulation lets an answer link there. Pure.

Nothing here asks the network. A link's host is read as a browser would read it, so that no spelling passes for another
host.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.decisions import link_allowed
from helpdesk.regulation.vocabulary.model import Edition

_LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)[^\s<>\"«»“”]+", re.IGNORECASE)
_AFTER = ".,;:!?'’…*_|"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}\.?")
_SCHEMES = ("http", "https")


def links_in(text: str) -> tuple[str, ...]:
    """Return the links that a reader's program would make clickable, without what only ends the sentence."""
    return tuple(dict.fromkeys(_trimmed(match[0]) for match in _LINK.finditer(text)))


def fault_of(link: str) -> str:
    """Return what is wrong with a link's form; empty where nothing is."""
    whole = _whole(link)
    if "\\" in whole:
        return "holds a backslash"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme.lower() not in _SCHEMES:
        return f"is no web address: {parts.scheme}"
    if "@" in parts.netloc:
        return "names a user before its host"
    if port is not None and not 0 < port < 65536:
        return "has no such port"
    return "" if _HOST.fullmatch(parts.hostname or "") else "has no host that could be one"


def faults(edition: Edition, text: str) -> Iterator[tuple[str, str]]:
    """Yield each link of an answer that cannot stand, and why: its form, or a host that the regulation leaves out."""
    for link in links_in(text):
        fault = fault_of(link)
        if fault:
            yield link, fault
        elif not link_allowed(edition, f"http://{_host(link)}").allowed:
            yield link, f"is outside {', '.join(_hosts(edition))}"


def demand_links(edition: Edition, text: str) -> None:
    """Hold an answer's links against the regulation; where it names no hosts, an answer may link anywhere.

    Raises:
        Invalid: a link is outside the hosts that it names; says the clause.
    """
    rule = edition.answer_links
    if rule is None or not rule.hosts:
        return
    for link, fault in faults(edition, text):
        raise Invalid(
            f"clause {rule.clause}: an answer may not link to {link[:200]}, which {fault}",
            fields={"text": f"holds a link that {fault}"},
            clause=rule.clause,
        )


def _hosts(edition: Edition) -> tuple[str, ...]:
    return edition.answer_links.hosts if edition.answer_links is not None else ()


def _host(link: str) -> str:
    return (urlsplit(_whole(link)).hostname or "").removesuffix(".")


def _whole(link: str) -> str:
    return link if "://" in link[:24] else f"http://{link}"


def _trimmed(link: str) -> str:
    while link and (link[-1] in _AFTER or _closes_nothing(link)):
        link = link[:-1]
    return link


def _closes_nothing(link: str) -> bool:
    opening = _CLOSING.get(link[-1])
    return opening is not None and link.count(link[-1]) > link.count(opening)
