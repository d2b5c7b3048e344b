"""What a plugin is asked without being awaited holds nobody up for long, nor often."""

import threading
import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from helpdesk.kernel.errors import Unavailable
from helpdesk.plugins.questions import LAST_REST_SECONDS, Questions


@pytest.fixture
def questions() -> Iterator[Questions]:
    asked = Questions("pager", answer_seconds=30.0)
    yield asked
    asked.end()


def _fail() -> None:
    raise ValueError("is no address")


def _leave() -> None:
    raise SystemExit(3)


def test_answers_and_errors_come_back(questions: Questions) -> None:
    """Answered in another thread; what it raises is raised."""
    assert questions.ask(lambda: threading.current_thread().name) == "asked pager"
    with pytest.raises(ValueError, match="is no address"):
        questions.ask(_fail)


def test_an_exit_is_an_error(questions: Questions) -> None:
    """It would have ended the thread that asked: the service's own, or one of its database's."""
    with pytest.raises(Unavailable, match="SystemExit"):
        questions.ask(_leave)
    assert questions.ask(lambda: 1) == 1


def test_whoever_is_late_is_asked_nothing_for_a_while(questions: Questions, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says where it stands; nothing is asked while it does, nor until it has rested; then it is again."""
    over, asked = threading.Event(), []
    monkeypatch.setattr(questions, "_answer_seconds", 0.0)
    with capture_logs() as said:
        with pytest.raises(Unavailable, match="pager does not answer"):
            questions.ask(over.wait)
        monkeypatch.setattr(questions, "_answer_seconds", 30.0)
        with pytest.raises(Unavailable):
            questions.ask(lambda: asked.append(1))
        over.set()
        with pytest.raises(Unavailable):
            questions.ask(lambda: asked.append(2))
        assert asked == []
        monkeypatch.setattr(questions, "_rests_until", 0.0)
        assert questions.ask(lambda: 3) == 3
    assert [each["event"] for each in said] == ["a plugin does not answer a question", "a plugin answers again"]
    assert questions.standing_seconds == 0


def test_each_time_it_rests_longer(questions: Questions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as long as the last time, up to ten minutes; after ten good minutes it is as at first."""
    monkeypatch.setattr(questions, "_answer_seconds", 0.0)
    rests = []
    for rested_before in (float("inf"), *[0.0] * 7, LAST_REST_SECONDS + 1):
        over = threading.Event()
        monkeypatch.setattr(questions, "_rests_until", time.monotonic() - rested_before)
        monkeypatch.setattr(questions, "_late", None)
        with pytest.raises(Unavailable):
            questions.ask(over.wait)
        over.set()
        rests.append(questions._rest_seconds)
    assert rests == [10, 20, 40, 80, 160, 320, 600, 600, 10]
