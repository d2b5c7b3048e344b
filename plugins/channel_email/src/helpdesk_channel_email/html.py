"""HTML to plain text: sanitised first, then read tag by tag. Scripts, styles, forms and images leave nothing behind."""

import html
import re

import nh3

_SIZE_LIMIT = 1_000_000
_DEPTH_LIMIT = 200
_TAG = re.compile(r"<[^<>]*>")
_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li td tr th option dt dd".split()  # noqa: SIM905
)
_DROPPED_WHOLE = {"script", "style", "title", "noscript", "template", "textarea", "select", "object", "svg", "math"}
_KEPT = set(
    "a blockquote br div dd dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul".split()  # noqa: SIM905
)
_PIECE = re.compile(r"(<[^<>]*>)")
_BLANKS = re.compile(r"[ \t\n\r\f\u00a0]+")
_MANY_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def to_text(source: str) -> str:
    """Return the text of an HTML document: blocks on lines of their own, quotes with ``>``, links with their address.

    At most a million characters are read; where tags are nested deeper than 200, they are merely cut out.
    """
    source = source[:_SIZE_LIMIT]
    if _too_deep(source):
        return _tidy(html.unescape(_TAG.sub("\n", source)))
    safe = nh3.clean(
        source,
        tags=_KEPT,
        clean_content_tags=_DROPPED_WHOLE,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return _tidy(_read(safe))


def _too_deep(source: str) -> bool:
    depth = 0
    for closing, name in _NESTING.findall(source):
        if name.lower() not in _VOID:
            depth += -1 if closing else 1
            if depth > _DEPTH_LIMIT:
                return True
    return False


def _read(safe: str) -> str:
    """Walk through sanitised HTML, in which every ``<`` begins a tag."""
    lines = [""]
    quotes = preformatted = 0
    link = ""
    for piece in _PIECE.split(safe):
        if not piece.startswith("<"):
            text = html.unescape(piece)
            for number, line in enumerate(text.split("\n") if preformatted else [_BLANKS.sub(" ", text)]):
                if number:
                    lines.append("> " * min(quotes, 5))
                lines[-1] += line
            continue
        closing = piece.startswith("</")
        name = piece[2:-1] if closing else piece[1:-1].split(" ", 1)[0]
        if name == "a":
            if closing and link and link not in lines[-1]:
                lines[-1] += f" <{link}>"
            link = "" if closing else _address(piece)
        elif name in ("td", "th"):
            lines[-1] += " "
        else:
            quotes += {"blockquote": -1 if closing else 1}.get(name, 0)
            preformatted += {"pre": -1 if closing else 1}.get(name, 0)
            paragraph = name in ("p", "blockquote", "table", "ul", "ol") or name[0] == "h"
            lines.extend([""] if paragraph else [])
            lines.append("> " * min(quotes, 5) + ("- " if name == "li" and not closing else ""))
    return "\n".join(lines)


def _address(tag: str) -> str:
    _, _, rest = tag.partition('href="')
    return html.unescape(rest.partition('"')[0]).removeprefix("mailto:")


def _tidy(text: str) -> str:
    text = "\n".join(line.strip(" \t\u00a0") for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", text).strip()
