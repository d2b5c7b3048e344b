"""What is wrong with a regulation's files: every mistake at once, each with its place and a suggestion."""

import difflib
from collections.abc import Iterable

from msgspec import Struct

from helpdesk.kernel.errors import Invalid


class Mistake(Struct, frozen=True, order=True):
    """One mistake. ``line`` counts from 1; 0 where no line can be named (a missing file)."""

    file: str
    line: int
    path: str
    """The key path, e.g. ``targets[2].within``."""
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f" {self.path}:" if self.path else ""
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{place}:{where} {self.message}{hint}"


class RegulationError(Invalid):
    """The regulation's files are not valid."""

    code = "regulation-invalid"

    def __init__(self, problems: Iterable[Mistake]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "\n".join(map(str, self.problems)),
            fields={f"{p.file}:{p.line} {p.path}": p.message for p in self.problems},
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a suggestion naming what ``word`` may have meant, or all that is known when nothing is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:24])
    return f"known: {shown}" + (", …" if len(names) > 24 else "")


def dotted(path: Iterable[str | int]) -> str:
    """Return ``("targets", 2, "within")`` as ``targets[2].within``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
