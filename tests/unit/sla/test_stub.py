"""The hand-written stub says what the module has, no more and no less."""

import ast
import inspect
from pathlib import Path

import helpdesk
from helpdesk import _slacore

STUB = ast.parse((Path(helpdesk.__file__).parent / "_slacore.pyi").read_text(encoding="utf-8"))
Function = ast.FunctionDef


def stub_members(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    members: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            members[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            members[node.target.id] = node
    return members


def parameters(node: ast.FunctionDef) -> list[tuple[str, bool]]:
    """Names, and whether each may be left out."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = [False] * (len(positional) - len(node.args.defaults)) + [True] * len(node.args.defaults)
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    found = [*zip((a.arg for a in positional), defaults, strict=True), *((a.arg, d is not None) for a, d in named)]
    return [(name, optional) for name, optional in found if name not in {"self", "cls"}]


def real_parameters(thing: object) -> list[tuple[str, bool]] | None:
    try:
        signature = inspect.signature(thing)  # type: ignore[arg-type]
    except ValueError:
        return None
    every = signature.parameters.values()
    return [(p.name, p.default is not p.empty) for p in every if p.name not in {"self", "cls"}]


def test_the_stub_names_all_that_is_there() -> None:
    """Module members and the members of each class, by name."""
    module = {name for name in dir(_slacore) if not name.startswith("__") or name == "__version__"}
    module -= {"_slacore"}
    stub = stub_members(STUB.body)
    assert set(stub) == module
    for name, node in stub.items():
        if not isinstance(node, ast.ClassDef):
            continue
        real = {m for m in vars(getattr(_slacore, name)) if not m.startswith("_")}
        assert {m for m in stub_members(node.body) if not m.startswith("_")} == real, name


def test_parameters_have_the_same_names_in_the_same_order() -> None:
    """And the same ones may be left out."""
    for name, node in stub_members(STUB.body).items():
        thing = getattr(_slacore, name)
        if isinstance(node, Function):
            assert real_parameters(thing) == parameters(node), name
        if not isinstance(node, ast.ClassDef) or not isinstance(thing, type) or issubclass(thing, Exception):
            continue
        for member, inner in stub_members(node.body).items():
            if not isinstance(inner, Function) or any(isinstance(d, ast.Name) for d in inner.decorator_list):
                continue
            real = real_parameters(thing if member == "__new__" else getattr(thing, member))
            if real is not None and not (member.startswith("__") and member != "__new__"):
                assert real == parameters(inner), f"{name}.{member}"


def test_errors_form_one_tree() -> None:
    """Every error is an SlaError, which is a ValueError, and says what it means."""
    errors = [thing for thing in vars(_slacore).values() if isinstance(thing, type) and issubclass(thing, Exception)]
    assert len(errors) > 10
    assert all(issubclass(error, _slacore.SlaError) and error.__doc__ for error in errors)
    assert issubclass(_slacore.SlaError, ValueError)
