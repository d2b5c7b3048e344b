"""The table a newcomer reads: one row per promise, with the clause it comes from and why."""

import textwrap
from datetime import datetime
from typing import Any

from msgspec import Struct

_WHY_WIDTH = 62
_CLAUSE_WIDTH = 13
_GAP = "  "


class Row(Struct, frozen=True):
    """One promise on one ticket, or one refusal."""

    company: str
    channel: str
    number: str
    level: str
    target: str
    due: str
    clause: str
    why: str


def promise_row(company: str, ticket: dict[str, Any], deadline: dict[str, Any]) -> Row:
    """Return the row of one deadline as the API gives it; ``due`` in the regulation's zone."""
    explanation = deadline["explanation"]
    # The sentence begins with the target's name and clause and ends with the due instant: they have their columns.
    reason = explanation["text_en"].partition("): ")[2] or explanation["text_en"]
    return Row(
        company=company,
        channel=ticket["channel"],
        number=f"#{ticket['number']}",
        level=ticket["level"] or "–",
        target=deadline["name"] if deadline["kind"] != "average" else f"{deadline['name']} (mean)",
        due=_readable(explanation["due"]),
        clause=deadline["clause"],
        why=reason.rpartition(" Due: ")[0] or reason,
    )


def table(rows: list[Row]) -> str:
    """Return the rows as text: columns as wide as they need, clause and reason wrapped."""
    names = Row.__struct_fields__
    cells = [list(names), *([getattr(row, name) for name in names] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names) - 2)]
    widths += [_CLAUSE_WIDTH, _WHY_WIDTH]
    lines: list[str] = []
    for index, row in enumerate(cells):
        lines += _lines(row, widths)
        if index == 0:
            lines.append(_GAP.join("─" * width for width in widths))
    return "\n".join(lines)


def _lines(row: list[str], widths: list[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(len(cell) for cell in wrapped)
    filled = [cell + [""] * (height - len(cell)) for cell in wrapped]
    return [
        _GAP.join(cell[line].ljust(width) for cell, width in zip(filled, widths, strict=True)).rstrip()
        for line in range(height)
    ]


def _readable(iso: str | None) -> str:
    if iso is None:
        return "–"
    moment = datetime.fromisoformat(iso)
    offset = moment.strftime("%z")
    return f"{moment:%d.%m.%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"
