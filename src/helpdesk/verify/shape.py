"""Shapes of plain data: exactly these keys, exactly these types, nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Any, str], None]
"""Checks a value; is told where it stands."""


class Misshapen(ValueError):
    """A value is not what its place takes."""


def kind(*types: type) -> Shape:
    """Take a value of exactly one of ``types``: a boolean is no number."""
    names = " or ".join("null" if each is type(None) else each.__name__ for each in types)

    def check(value: Any, place: str) -> None:
        if type(value) not in types:
            raise Misshapen(f"{place}: {type(value).__name__} where {names} is needed")

    return check


def one_of(*values: str) -> Shape:
    """Take one of these texts."""

    def check(value: Any, place: str) -> None:
        if type(value) is not str or value not in values:
            raise Misshapen(f"{place}: {value!r} is none of {', '.join(values)}")

    return check


def at_least(least: int) -> Shape:
    """Take a whole number of at least ``least``."""

    def check(value: Any, place: str) -> None:
        if type(value) is not int or value < least:
            raise Misshapen(f"{place}: a whole number of at least {least} is needed")

    return check


def sized_hex(count: int) -> Shape:
    """Take ``count`` bytes in lower-case hexadecimal."""

    def check(value: Any, place: str) -> None:
        if type(value) is not str or len(value) != 2 * count or not set(value) <= set("0123456789abcdef"):
            raise Misshapen(f"{place}: {count} bytes in lower-case hexadecimal are needed")

    return check


def anything(value: Any, place: str) -> None:
    """Take whatever stands there."""


def listing(item: Shape, *, count: int | None = None) -> Shape:
    """Take a list of such items, ``count`` of them where given."""

    def check(value: Any, place: str) -> None:
        if type(value) is not list or (count is not None and len(value) != count):
            raise Misshapen(f"{place}: a list{'' if count is None else f' of {count}'} is needed")
        for index, each in enumerate(value):
            item(each, f"{place}[{index}]")

    return check


def pair(first: Shape, second: Shape) -> Shape:
    """Take a list of two."""

    def check(value: Any, place: str) -> None:
        if type(value) is not list or len(value) != 2:
            raise Misshapen(f"{place}: a list of 2 is needed")
        first(value[0], f"{place}[0]")
        second(value[1], f"{place}[1]")

    return check


def table(**keys: Shape) -> Shape:
    """Take an object with exactly these keys."""

    def check(value: Any, place: str) -> None:
        if type(value) is not dict:
            raise Misshapen(f"{place}: an object is needed")
        where = f"{place}." if place else ""
        for key in value:
            if key not in keys:
                raise Misshapen(f"{where}{key}: there is no such key")
        for key, shape in keys.items():
            if key not in value:
                raise Misshapen(f"{where}{key}: is missing")
            shape(value[key], f"{where}{key}")

    return check


def by_key(item: Shape) -> Shape:
    """Take an object whose keys are free and whose values are such items."""

    def check(value: Any, place: str) -> None:
        if type(value) is not dict:
            raise Misshapen(f"{place}: an object is needed")
        for key, each in value.items():
            item(each, f"{place}.{key}")

    return check


def optional(shape: Shape) -> Shape:
    """Take null too."""

    def check(value: Any, place: str) -> None:
        if value is not None:
            shape(value, place)

    return check


def chosen_by(key: str, shapes: Mapping[str, Shape]) -> Shape:
    """Take an object whose shape follows from the text under ``key``."""

    def check(value: Any, place: str) -> None:
        if type(value) is not dict or key not in value:
            raise Misshapen(f"{place}: an object with {key!r} is needed")
        one_of(*shapes)(value[key], f"{place}.{key}")
        shapes[value[key]](value, place)

    return check
