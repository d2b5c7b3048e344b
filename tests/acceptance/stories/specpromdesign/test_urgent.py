"""SpecPromDesign: nothing works, at night and on a holiday."""

from tests.acceptance.stories.driver import Story

HOURS = "Классификация заявок"


def test_two_working_hours_begin_on_the_next_working_day(story: Story) -> None:
    """8/5: Saturday 9 May is a holiday, its day off moves to Monday the 11th: critical is due on Tuesday at 10:00."""
    story.at("2026-05-09 02:00")
    body = {"level": "critical", "criterion": "устройство не работает целиком"}
    number = story.call(**body).json()["number"]
    story.letter(f"[#{number}] Заявка зарегистрирована", "получена 09.05.2026 02:00", automatic=True)
    story.promises(number, "reaction", "2026-05-12 10:00", "running", HOURS)
    story.at("2026-05-12 08:00")
    story.alerts(number)
    story.at("2026-05-12 09:36")
    story.alerts(number, *["Приближается срок «реакция»: 12.05.2026 10:00"] * 2)
    story.at("2026-05-12 10:00")
    story.promises(number, "reaction", "2026-05-12 10:00", "breached", HOURS)
    story.alerts(number, "Срок «реакция» нарушен")


def test_nothing_goes_out_of_turn_but_by_its_level(story: Story) -> None:
    """The text orders by priority and knows no taking out of turn."""
    story.at("2026-05-12 12:00")
    number, _ = story.write()
    problem = story.refuses(number, "expedite", 409, cause="очень просят")
    assert problem["clause"] == HOURS
    urgent = story.call(level="critical", criterion="не работает целиком").json()["number"]
    queue = [entry["number"] for entry in story.do("GET", "/v1/queue?limit=200")["items"]]
    assert queue.index(urgent) < queue.index(number)
