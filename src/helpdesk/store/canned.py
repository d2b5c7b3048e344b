"""Canned answers, as one tenant sees them."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.kernel.errors import Conflict, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import canned_answers


class CannedAnswer(Struct, frozen=True):
    """One text in one language."""

    id: UUID
    name: str
    language: str
    title: str
    text: str
    version: int
    changed_at: Instant


_COLUMNS = tuple(canned_answers.c[name] for name in CannedAnswer.__struct_fields__)


class CannedAnswers:
    """The tenant's canned answers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_id(self, answer_id: UUID) -> CannedAnswer:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id.
        """
        row = self._connection.execute(self._own().where(canned_answers.c.id == answer_id)).one_or_none()
        if row is None:
            raise NotFound("There is no such canned answer.")
        return CannedAnswer(*row)

    def find(self, name: str, language: str) -> CannedAnswer | None:
        """Return the one of this name in a language."""
        wanted = self._own().where(canned_answers.c.name == name, canned_answers.c.language == language)
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else CannedAnswer(*row)

    def all(self, language: str | None = None) -> tuple[CannedAnswer, ...]:
        """Return all of a language, or of every one, by name."""
        wanted = self._own()
        if language is not None:
            wanted = wanted.where(canned_answers.c.language == language)
        rows = self._connection.execute(wanted.order_by(canned_answers.c.name, canned_answers.c.language))
        return tuple(CannedAnswer(*row) for row in rows)

    def add(self, name: str, language: str, title: str, text: str) -> CannedAnswer:
        """Add one.

        Raises:
            Conflict: there is one of this name in this language.
        """
        made = CannedAnswer(new_id(), name, language, title, text, 1, self._session.now)
        values = {field: getattr(made, field) for field in CannedAnswer.__struct_fields__}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(canned_answers), {"tenant_id": self._tenant, **values})
        except IntegrityError as error:
            raise Conflict(f"there is a canned answer {name} in {language} already") from error
        return made

    def replace(self, before: CannedAnswer, name: str, language: str, title: str, text: str) -> CannedAnswer:
        """Replace all of one, raising its version.

        Raises:
            VersionConflict: it is no longer as it was read.
            Conflict: another one has this name in this language.
        """
        table = canned_answers.c
        same = self._as_read(before)
        values = {"name": name, "language": language, "title": title, "text": text, "changed_at": self._session.now}
        changed = update(canned_answers).where(same).values(version=table.version + 1, **values).returning(table.id)
        try:
            with self._connection.begin_nested():
                found = self._connection.execute(changed).one_or_none()
        except IntegrityError as error:
            raise Conflict(f"there is a canned answer {name} in {language} already") from error
        if found is None:
            raise VersionConflict(current=self.by_id(before.id).version)
        return self.by_id(before.id)

    def remove(self, answer: CannedAnswer) -> None:
        """Take one away.

        Raises:
            NotFound: it was taken away meanwhile.
            VersionConflict: it is no longer as it was read.
        """
        gone = delete(canned_answers).where(self._as_read(answer)).returning(canned_answers.c.id)
        if self._connection.execute(gone).one_or_none() is None:
            raise VersionConflict(current=self.by_id(answer.id).version)

    def _as_read(self, answer: CannedAnswer) -> ColumnElement[bool]:
        table = canned_answers.c
        return and_(table.tenant_id == self._tenant, table.id == answer.id, table.version == answer.version)

    def _own(self) -> Select[Any]:
        return select(*_COLUMNS).where(canned_answers.c.tenant_id == self._tenant)
