"""How reads are given evaluators: the desk keeps them, and whoever asks passes the way to find one."""

from collections.abc import Callable

from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session

FindEvaluator = Callable[[Session, str], Evaluator]
"""Gives the evaluator of a snapshot by its hash."""
FindInForce = Callable[[Session, Instant], Evaluator]
"""Gives the evaluator of the tenant's edition in force at an instant."""
