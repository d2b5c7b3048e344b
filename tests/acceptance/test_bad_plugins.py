"""A bad plugin costs only itself (P15): the service beside plugins that block, spin, raise, exit and do not stop."""

import threading
import time
from collections.abc import Iterator

import httpx2
import pytest
from tests.acceptance.stories.driver import BASES, Story
from tests.acceptance.stories.house import PATIENCE_SECONDS, House
from tests.support.bad_plugins import KINDS, Bad, plugin

from helpdesk.plugins import runner


@pytest.fixture(scope="module")
def over() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over: threading.Event) -> House:
    """Every bad plugin at work in it, and standing still is said at once."""
    channels = [Bad(kind, over) for kind in KINDS]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runner, "STANDING_SECONDS", 0.0)
        running = House(tmp_path_factory.mktemp("house"), {each.kind: plugin(each) for each in channels})
        for channel in channels:
            assert channel.kind == "early_leaver" or channel.begun.wait(PATIENCE_SECONDS)
        return running


def test_every_ticket_gets_its_deadline(house: House) -> None:
    """Mail is registered and answered, calls are, timers warn and breach at their instants, letters leave."""
    with Story(house, "siroca") as story:
        story.registered(**BASES["siroca"])
        story.at("2026-03-21 02:00")
        number, _ = story.write("Стоит вся клиника.", "Авария")
        assert story.call().status_code == httpx2.codes.CREATED
        story.act(number, "level", "PUT", level="1", criterion="система остановлена, 40 пользователей", affected=12)
        story.letters()
        story.at("2026-03-21 07:00")
        story.promises(number, "resolution", "2026-03-21 07:00", "breached", "2.6")
        story.alerts(number, "Приближается срок «решение»: 21.03.2026 07:00", "Срок «решение» нарушен")
        story.act(number, "replies", kind="notice", text="Работаем.")
        assert [mail.text.startswith("Работаем.") for mail in story.letters()] == [True]


def test_it_is_ready_and_says_who_stands_still(house: House) -> None:
    """`/ready` answers 200 and names those whose code blocks, and so do the metrics; those that ended are no matter."""
    ends = time.monotonic() + PATIENCE_SECONDS
    said: set[str] = set()
    while not said >= {"sleeper", "spinner"}:
        assert time.monotonic() < ends, said
        answer = httpx2.get(f"{house.url}/ready", timeout=PATIENCE_SECONDS)
        assert answer.status_code == httpx2.codes.OK, answer.text
        said = {each["plugin"] for each in answer.json()["standing"]}
    assert 'plugin_standing_seconds{plugin="sleeper"}' in httpx2.get(f"{house.url}/metrics", timeout=60).text


def test_it_stops_without_them(house: House) -> None:
    """Whoever blocks, spins or does not want to stop is waited for as long as the grace lasts, and no longer."""
    house.stop()
