"""Reads of what belongs to several things at once: one statement for up to 64 of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, bindparam

from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session

WIDTHS = (1, 8, 64)
"""How many ids a statement takes; the places of a wider one that are left over repeat the last id."""


class Several:
    """A statement for the rows whose ``column`` is one of several ids; make it a module's constant.

    ``make`` is given that condition and returns the rest of the statement.
    """

    def __init__(self, column: Column[UUID], make: Callable[[ColumnElement[bool]], Select[Any]]) -> None:
        def statement(width: int) -> Prepared:
            places = [bindparam(f"id_{place}", type_=column.type) for place in range(width)]
            return Prepared(make(column.in_(places)))

        self._by_width = {width: statement(width) for width in WIDTHS}

    def all(self, session: Session, ids: Sequence[UUID], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows for ``ids``, in the statement's order for each 64 of them."""
        return [row for part in _parts(ids) for row in self._some(session, part, values)]

    def _some(self, session: Session, ids: Sequence[UUID], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        width = next(width for width in WIDTHS if width >= len(ids))
        places = {f"id_{place}": ids[min(place, len(ids) - 1)] for place in range(width)}
        return self._by_width[width].all(session, {**values, **places})


def _parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    most = WIDTHS[-1]
    return (ids[start : start + most] for start in range(0, len(ids), most))
