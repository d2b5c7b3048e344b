"""Raw TOML against the vocabulary: every unknown key, missing key and wrong type at once, each with its path."""

import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from helpdesk.regulation.vocabulary.lines import KeyPath
from helpdesk.regulation.vocabulary.problems import nearest

S = TypeVar("S", bound=Struct)


class Misfit(Struct, frozen=True):
    """One place where data does not fit its shape."""

    path: KeyPath
    message: str
    suggestion: str = ""


def misfits(shape: Any, data: Any, path: KeyPath = ()) -> Iterator[Misfit]:
    """Yield every misfit of ``data`` against ``shape``."""
    inner = _unwrap(shape)
    if isinstance(inner, type) and issubclass(inner, Struct):
        yield from _struct_misfits(inner, data, path)
        return
    origin, arguments = typing.get_origin(inner), typing.get_args(inner)
    if origin in {list, tuple} and isinstance(data, list) and _holds_structs(arguments[0]):
        for index, item in enumerate(data):
            yield from misfits(arguments[0], item, (*path, index))
    elif origin is dict and isinstance(data, dict) and _holds_structs(arguments[1]):
        for key, item in data.items():
            yield from misfits(arguments[1], item, (*path, key))
    else:
        try:
            msgspec.convert(data, shape)
        except (msgspec.ValidationError, ValueError) as error:
            yield Misfit(path, str(error))


def fit(shape: type[S], data: dict[str, Any]) -> S:
    """Return ``data`` as ``shape``; call it only where `misfits` found none."""
    return msgspec.convert(data, shape)


def _struct_misfits(shape: type[Struct], data: Any, path: KeyPath) -> Iterator[Misfit]:
    if not isinstance(data, dict):
        yield Misfit(path, f"expected a table, found {_kind(data)}")
        return
    known = {found.encode_name: found for found in _fields(shape)}
    for key in data:
        if key not in known:
            yield Misfit((*path, key), f"unknown key {key!r}", nearest(str(key), known))
    for name, found in known.items():
        if name in data:
            yield from misfits(found.type, data[name], (*path, name))
        elif found.required:
            yield Misfit(path, f"the key {name!r} is missing", f"add {name} = …")


@cache
def _fields(shape: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(shape)


def _unwrap(shape: Any) -> Any:
    """Take the None out of ``X | None``."""
    if typing.get_origin(shape) in {typing.Union, types.UnionType}:
        rest = [part for part in typing.get_args(shape) if part is not types.NoneType]
        if len(rest) == 1:
            return rest[0]
    return shape


def _holds_structs(shape: Any) -> bool:
    inner = _unwrap(shape)
    if isinstance(inner, type):
        return issubclass(inner, Struct)
    return any(_holds_structs(part) for part in typing.get_args(inner))


def _kind(data: Any) -> str:
    names = {str: "a text", int: "a number", float: "a number", bool: "true or false", list: "a list"}
    return names.get(type(data), type(data).__name__)
