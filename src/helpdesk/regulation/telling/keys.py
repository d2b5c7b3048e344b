"""What each key of a regulation's files means, told by the structs that read them: for editors, and as a page."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from helpdesk.regulation.examining.scenarios import ScenarioFile
from helpdesk.regulation.judging.duties import LOOKED_UP
from helpdesk.regulation.vocabulary.model import Edition, Regulation

FILES: Mapping[str, tuple[type[Struct], str]] = {
    "regulation": (Regulation, "regulation.toml"),
    "edition": (Edition, "editions/<id>.toml"),
    "scenarios": (ScenarioFile, "scenarios/*.toml"),
}
"""The kinds of files: the struct of each, and where it lies in a regulation's folder."""

_PLAIN = {str: "text", bool: "true or false", int: "number"}
_HEAD = """\
# The vocabulary of regulations

Every table and key that a regulation's files may hold; whatever is not named here is refused with its place. The page
is drawn from the structs that read the files (`make reference`), and a test keeps the two in step. [Onboard a
company](../howto/onboard-a-company.md) says what a text's sentences become.

`clause` is always the place in the company's own text. Keys that end in `_ru` and `_en` are shown to people. An
amount is a text with its unit: `4 working hours`, `24 elapsed hours`, `3 working days`, `5 calendar days`, `5 calendar
days without weekends`. A key marked *needed* has no default.
"""


_DUTIES_HEAD = """\
## Duties that change what the service does

A duty of another name ties a clause to what the service does for everybody.

| duty | what it does where it is declared |
|---|---|"""


@cache
def meanings(shape: type[Struct]) -> Mapping[str, str]:
    """Return what the struct says of its fields, by their names; a field without a word of its own is left out."""
    found: dict[str, str] = {}
    for owner in reversed(shape.__mro__):
        if owner.__module__.startswith("helpdesk."):
            found |= _field_docstrings(owner)
    return found


def _field_docstrings(owner: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            found[statement.target.id] = _one_line(following.value.value)
    return found


def structs_of(root: type[Struct]) -> tuple[type[Struct], ...]:
    """Return ``root`` and the structs that its fields hold, each once, in the order in which they are met."""
    return structs_within(root)


def structs_within(hint: Any) -> tuple[type[Struct], ...]:
    """Return every struct that a type names, at any depth."""
    found: list[type[Struct]] = []

    def visit(hint: Any) -> None:
        if isinstance(hint, type) and issubclass(hint, Struct):
            if hint not in found:
                found.append(hint)
                for inner in get_type_hints(hint, include_extras=True).values():
                    visit(inner)
        else:
            for inner in get_args(hint):
                visit(inner)

    visit(hint)
    return tuple(found)


def render() -> str:
    """Return the page."""
    parts = [_HEAD]
    for root, place in FILES.values():
        parts.append(f"## `{place}`\n")
        for shape in structs_of(root):
            parts.append(f"### {shape.__name__}\n\n{_one_line(inspect.getdoc(shape) or '')}\n")
            parts.append("| key | takes | default | means |\n|---|---|---|---|")
            parts.extend(_rows(shape))
            parts.append("")
    parts.append(_DUTIES_HEAD)
    parts.extend(f"| `{name}` | {does} |" for name, does in LOOKED_UP.items())
    parts.append("")
    return "\n".join(parts)


def _rows(shape: type[Struct]) -> list[str]:
    said = meanings(shape)
    hints = get_type_hints(shape, include_extras=True)
    return [
        f"| `{field.encode_name}` | {_takes(hints[field.name])} | {_default(field)} | {said.get(field.name, '')} |"
        for field in msgspec.structs.fields(shape)
    ]


def unexplained() -> tuple[str, ...]:
    """Return the keys (``Struct.key``) that nothing explains: no word of their own, not the page's head, no table."""
    return tuple(
        f"{shape.__name__}.{name}"
        for root, _ in FILES.values()
        for shape in structs_of(root)
        for name, hint in get_type_hints(shape, include_extras=True).items()
        if name not in meanings(shape)
        and name != "clause"
        and not name.endswith(("_ru", "_en"))
        and len(structs_within(hint)) == 0
    )


def _takes(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Struct):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if origin is Literal:
        return ", ".join("empty" if value == "" else f"`{value}`" for value in inner)
    if origin is tuple:
        return f"list of {_takes(inner[0])}"
    if origin is dict:
        return f"table of {_takes(inner[1])}"
    if hasattr(hint, "__metadata__"):  # Annotated: a text or a number within bounds
        return _takes(inner[0])
    if origin is Union or (inner and type(None) in inner) or str(origin) == "<class 'types.UnionType'>":
        return " or ".join(_takes(one) for one in inner if one is not type(None))
    return "anything" if hint is Any else getattr(hint, "__name__", str(hint))


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "*needed*"
    if field.default_factory is not msgspec.NODEFAULT or field.default in (None, "", ()):
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")
