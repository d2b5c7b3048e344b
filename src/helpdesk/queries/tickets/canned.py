"""Canned answers, as they are kept and as a ticket would get them; what is wrong with each today."""

from uuid import UUID

from helpdesk.domain.answer_links import faults
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.evaluators import FindInForce
from helpdesk.queries.views.base import Moment, View
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.canned import CannedAnswer, CannedAnswers
from helpdesk.store.engine.session import Session
from helpdesk.texts.canned import ARGUMENTS, fill, problems_of

_SAMPLE = dict.fromkeys(ARGUMENTS, "x")


class CannedView(View, frozen=True):
    """A canned answer in one language."""

    id: UUID
    name: str
    language: str
    title: str
    text: str
    changed_at: Moment
    faults: tuple[str, ...]
    """What is wrong with it under the regulation in force: its places, its links' form, hosts left out."""
    clause: str
    """By which answers may link to certain hosts only; empty where there is none."""
    version: int


class CannedList(View, frozen=True):
    """Canned answers, by name and language."""

    items: tuple[CannedView, ...]


def list_canned(
    session: Session, evaluator_at: FindInForce, *, language: str | None = None, faulty: bool = False
) -> CannedList:
    """Return canned answers; ``faulty``: those only with which something is wrong. Links are not followed.

    Raises:
        Conflict: no edition is in force.
    """
    evaluator = evaluator_at(session, session.now)
    found = (_view(answer, evaluator) for answer in CannedAnswers(session).all(language))
    return CannedList(tuple(view for view in found if view.faults or not faulty))


def get_canned(session: Session, evaluator_at: FindInForce, answer_id: UUID) -> CannedView:
    """Return one.

    Raises:
        NotFound: the tenant has none of this id.
        Conflict: no edition is in force.
    """
    return _view(CannedAnswers(session).by_id(answer_id), evaluator_at(session, session.now))


def _view(answer: CannedAnswer, evaluator: Evaluator) -> CannedView:
    wrong = problems_of(answer.text)
    if not wrong:
        wrong = tuple(f"{link} {fault}" for link, fault in faults(evaluator.edition, fill(answer.text, _SAMPLE)))
    rule = evaluator.edition.answer_links
    return CannedView(
        answer.id, answer.name, answer.language, answer.title, answer.text, to_datetime(answer.changed_at), wrong,
        rule.clause if rule is not None and rule.hosts else "", answer.version,
    )  # fmt: skip
