"""Where in a TOML file a key path stands: a light scan, good enough to point a person at the right line."""

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")


def _key(text: str) -> tuple[tuple[str, ...], int]:
    """Return the dotted key at the start of ``text`` and where it ends; an empty key where there is none."""
    parts: list[str] = []
    at = 0
    while match := _KEY_PART.match(text, at):
        parts.append(next(group for group in match.groups() if group is not None))
        at = match.end()
        if at >= len(text) or text[at] != ".":
            break
        at += 1
    return tuple(parts), at


def _depth_after(text: str, depth: int, quote: str) -> tuple[int, str]:
    """Follow brackets and strings over ``text``; ``quote`` is the multi-line string that is open, if any."""
    at = 0
    while at < len(text):
        if quote:
            end = text.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + len(quote), ""
            continue
        mark = text[at]
        if mark == "#":
            break
        if mark in "\"'":
            if text.startswith(mark * 3, at):
                quote, at = mark * 3, at + 3
                continue
            at += 1
            while at < len(text) and text[at] != mark:
                at += 2 if text[at] == "\\" and mark == '"' else 1
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        at += 1
    return max(depth, 0), quote


def scan(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every table and key of a TOML document, by its path."""
    places: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if depth == 0 and not quote:
            if header := _HEADER.match(line):
                parts, _ = _key(header[2])
                table = _resolve(parts, counts, array=header[1] == "[[")
                places.setdefault(table, number)
                continue
            parts, end = _key(line)
            if parts and line[end : end + 1] == "=":
                for length in range(1, len(parts) + 1):
                    places.setdefault((*table, *parts[:length]), number)
                depth, quote = _depth_after(line[end + 1 :], 0, "")
            continue
        depth, quote = _depth_after(line, depth, quote)
    return places


def _resolve(parts: tuple[str, ...], counts: dict[KeyPath, int], *, array: bool) -> KeyPath:
    path: KeyPath = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        last = index == len(parts) - 1
        if last and array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def line_of(places: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of ``path``, or of the nearest table around it, or 1."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return 1
