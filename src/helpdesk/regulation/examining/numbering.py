"""How a text numbers its sections and clauses: what stands twice, what is left out."""

import re
from collections.abc import Sequence

from msgspec import Struct

_NUMBERED = re.compile(r"\d+(?:\.\d+)*")


class NumberFault(Struct, frozen=True):
    """A number that stands twice, or one that is missing."""

    number: str
    ru: str
    en: str


def numbering_faults(printed: Sequence[str]) -> tuple[NumberFault, ...]:
    """Return the faults in the numbers of a text's clauses, in the order they are printed; names are left alone."""
    numbers = [tuple(map(int, text.split("."))) for text in printed if _NUMBERED.fullmatch(text)]
    faults: list[NumberFault] = []
    seen: set[tuple[int, ...]] = set()
    sections = {number[:1] for number in numbers if len(number) > 1}
    for number in numbers:
        if number in seen or (len(number) == 1 and number in sections):
            faults.append(NumberFault(_text(number), f"{_text(number)} дважды", f"{_text(number)} stands twice"))
        seen.add(number)
    known = seen | {number[:length] for number in seen for length in range(1, len(number))}
    for parent in sorted({number[:-1] for number in known}):
        children = sorted(number[-1] for number in known if number[:-1] == parent and number[-1] > 0)
        if not children:
            continue
        for missing in sorted(set(range(1, children[-1])) - set(children)):
            text = _text((*parent, missing))
            faults.append(NumberFault(text, f"{text} пропущен", f"{text} is missing"))
    return tuple(faults)


def _text(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
