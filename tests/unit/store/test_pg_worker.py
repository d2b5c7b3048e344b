"""What callers are told of a transaction that went wrong."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import create_engine

from helpdesk.kernel.errors import Conflict, HelpdeskError, Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.engine.jobs import Job
from helpdesk.store.engine.pg_worker import Breaker, Worker


@pytest.mark.parametrize(("cut", "told"), [(True, Unavailable), (False, Conflict)])
@pytest.mark.parametrize("together", [1, 2])
def test_who_was_cut_off_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch, cut: bool, told: type[HelpdeskError], together: int
) -> None:
    """A transaction that took too long is unavailable to each of its works, whatever else went wrong in it."""
    worker = Worker(create_engine("postgresql+psycopg://"), Breaker(), writes=True)
    jobs = [Job(system("test"), lambda session: session, 1.0, shared=together > 1) for _ in range(together)]

    def late(_jobs: Sequence[Job], _deadline: float, *, hopeful: bool) -> Any:
        worker._cut = cut
        raise Conflict("somebody was first")

    monkeypatch.setattr(worker, "_do", late)
    worker.do(jobs)
    assert [type(job.error) for job in jobs] == [told] * together
