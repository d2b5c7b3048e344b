"""PASS24: the client takes long. The text sets clients no term."""

from tests.acceptance.stories.driver import Story


def test_waiting_moves_the_limit_by_the_working_time_waited(story: Story) -> None:
    """1.4: the answer's timeliness bears on the solution: 18 working hours waited are two days more, by the 20th."""
    story.at("2026-03-11 10:00")
    number, sent = story.write()
    story.letters()
    story.at("2026-03-12 12:00")
    story.act(number, "replies", kind="question", text="Какая модель телефона?")
    asked = story.letter(f"ID #{number}: Не работает", "Какая модель телефона?", answers=sent)
    assert "Ждём вашего ответа до" not in asked.text
    story.promises(number, "resolution", None, "paused", "1.5.2")
    story.at("2026-03-16 12:00")
    story.mail("Модель А1.", answers=asked)
    story.promises(number, "resolution", "2026-03-20 18:00", "running", "1.5.2")
    assert not [clock for clock in story.clocks(number).values() if clock["kind"] == "term"]


def test_a_word_after_the_end_is_a_request_of_its_own(story: Story) -> None:
    """3.5, 3.8: closed is closed; the late letter has an identifier and a limit of its own, and is linked."""
    story.at("2026-03-16 10:00")
    number, _ = story.write()
    story.act(number, "close", outcome="solved")
    closing = story.letters()[-1]
    story.at("2026-03-17 10:00")
    story.mail("Снова.", answers=closing)
    late = story.newest()
    assert late["follows"] == number
    story.promises(late["number"], "resolution", "2026-03-24 18:00", "running", "1.5.2")
    story.letter(f"ID #{late['number']}: обращение принято", automatic=True)
