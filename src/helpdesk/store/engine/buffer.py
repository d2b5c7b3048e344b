"""Rows held back: what the works of a batch add is written together, when something must see it or at the batch's end.

Most of what a work writes are new rows that nothing reads before the commit. Held back and written a table at a time
for all works of the batch, they cost a few statements instead of a dozen for each work.

A work that only adds rows needs no savepoint: if it fails, its rows are forgotten. Before a work changes anything else,
or runs a statement of which nothing is known here, it is *grounded*: the rows of earlier works are written, a savepoint
is set, its own rows are written.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Table

SAVEPOINT = "work"
MOST_ROWS = 2_000
"""Rows of one work that are held; more of them are written and made room for."""


Rows = dict[tuple[Any, tuple[str, ...]], list[Any]]
"""By ``Addition`` and the keys of its values: rows as the driver takes them."""
ClaimKey = tuple[UUID, str, str]
"""Tenant, source and key of an input."""
Claim = tuple[dict[str, Any], Callable[[dict[str, Any]], None]]
"""A claim's values, and what holds them back once they are whole."""
Place = tuple[Any, UUID, str]
"""Where a kept value stands: the ``Prepared`` that writes it, tenant and name."""
Values = Mapping[str, Any]
"""What the statement that writes a kept value is given, besides ``tenant`` and ``called``."""


class Repeated(Exception):
    """An input was claimed by an earlier work of the batch, whose answer must be seen."""


class Driver(Protocol):
    """What a kind of database brings: how rows are written, and a plain command."""

    def write(self, rows: Rows, kept: Mapping[Place, Values]) -> None:
        """Write all rows, table by table, and the kept values."""

    def command(self, sql: str) -> None:
        """Run a command that returns nothing."""


class WriteBuffer:
    """The rows of one transaction that are not written yet; lives as long as it and never leaves its thread.

    ``hopeful`` works take their input to be new: they hold the claim's row back like any other, and a repetition is
    found when it cannot be written. Then, or when a hopeful work fails, it is done again without hope.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._earlier: Rows = {}
        self._own: Rows = {}
        self._own_rows = 0
        self._own_tables: set[Table] = set()
        self._earlier_tables: set[Table] = set()
        self._grounded = False
        self.hopeful = False
        self.hoped = False
        """Whether the present work took an input to be new without looking."""
        self.failed: Exception | None = None
        """Why held rows could not be written; nothing that was done since their work counts."""
        self._claims: dict[ClaimKey, Claim] = {}
        self._claimed: set[ClaimKey] = set()
        self._own_claimed: set[ClaimKey] = set()
        self.memo: dict[Any, list[tuple[Any, ...]]] = {}
        """Rows of steady statements as they were read in this transaction."""
        self.kept: dict[Place, Values] = {}
        """Counts as they stand, the present work's takings included; all are locked by this transaction."""
        self._written: dict[Place, Values] = {}
        self._kept_before: dict[Place, Values] = {}

    def begin(self, *, hopeful: bool) -> None:
        """Begin a work."""
        self._forget_own()
        self.hopeful, self.hoped = hopeful, False
        self._kept_before = dict(self.kept)

    def end(self) -> None:
        """End a work that went well."""
        self._hold_claims()
        if self._grounded:
            self._driver.command(f"RELEASE SAVEPOINT {SAVEPOINT}")
        for key, rows in self._own.items():
            self._earlier.setdefault(key, []).extend(rows)
        self._earlier_tables |= self._own_tables
        self._forget_own()

    def undo(self) -> None:
        """Undo the present work."""
        self._claimed -= self._own_claimed
        self.kept = self._kept_before
        if self._grounded:
            self._driver.command(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")
            self._driver.command(f"RELEASE SAVEPOINT {SAVEPOINT}")
            self.memo.clear()
            self._written = dict(self.kept)
        self._forget_own()

    def _forget_own(self) -> None:
        self._own, self._own_rows, self._own_tables, self._grounded = {}, 0, set(), False
        self._claims, self._own_claimed = {}, set()

    def hold(self, addition: Any, table: Table, keys: tuple[str, ...], rows: Sequence[Any]) -> None:
        """Hold rows back."""
        self._own.setdefault((addition, keys), []).extend(rows)
        self._own_tables.add(table)
        self._own_rows += len(rows)
        if self._own_rows > MOST_ROWS:
            self.ground()

    def claim(self, key: ClaimKey, claim: "Claim", table: Table) -> None:
        """Claim an input in the hope that it is new; its row waits for its answer.

        Raises:
            Repeated: an earlier work of this batch claimed it.
        """
        if key in self._claimed:
            raise Repeated
        self.hoped = True
        self._claimed.add(key)
        self._own_claimed.add(key)
        self._claims[key] = claim
        self._own_tables.add(table)

    def claimed(self, key: ClaimKey) -> dict[str, Any] | None:
        """Return the values of a claim of the present work that still waits to be written."""
        claim = self._claims.get(key)
        return None if claim is None else claim[0]

    def _hold_claims(self) -> None:
        claims, self._claims = self._claims, {}
        for values, hold in claims.values():
            hold(values)

    def keep(self, place: Place, values: Values) -> None:
        """Keep what was read under a lock of this transaction, as it is."""
        self.kept[place] = self._written[place] = values

    def see(self, tables: frozenset[Table]) -> None:
        """Write what a reader of ``tables`` must see."""
        if not self._own_tables.isdisjoint(tables):
            self.ground()
        elif not self._earlier_tables.isdisjoint(tables):
            self._write_earlier()

    def ground(self) -> None:
        """Have everything written, the present work's rows so that they can be undone."""
        if not self._grounded:
            self._write_earlier()
            self._driver.command(f"SAVEPOINT {SAVEPOINT}")
            self._grounded = True
        self._hold_claims()
        own, self._own, self._own_rows, self._own_tables = self._own, {}, 0, set()
        self._write(own, self.kept)

    def _write_earlier(self) -> None:
        earlier, self._earlier, self._earlier_tables = self._earlier, {}, set()
        self._write(earlier, self._kept_before)

    def _write(self, rows: Rows, kept: Mapping[Place, Values]) -> None:
        changed = {place: values for place, values in kept.items() if self._written.get(place) != values}
        if not rows and not changed:
            return
        try:
            self._driver.write(rows, changed)
        except Exception as error:
            self.failed = error
            raise
        self._written.update(changed)

    def check(self) -> None:
        """Raise why held rows could not be written, if they could not: a work may have caught it."""
        if self.failed is not None:
            raise self.failed

    def finish(self) -> None:
        """Write everything: the commit follows."""
        self._kept_before = self.kept
        self._write_earlier()
