"""PASS24: the client is not content. The text has no rule for that; 1.4 knows further information."""

from tests.acceptance.stories.driver import Story


def test_a_further_word_sets_work_and_clock_going_again(story: Story) -> None:
    """1.4, 1.5.1: one of four working hours was used on Monday, three remain from Tuesday 09:30 on."""
    story.at("2026-03-23 10:00")
    number, _ = story.write()
    facts = ["not_client_fault", "confirmed_by_staff"]
    story.act(number, "level", "PUT", level="high", criterion="въезд невозможен", facts=facts)
    story.promises(number, "resolution", "2026-03-23 14:00", "running", "1.5.1")
    story.at("2026-03-23 11:00")
    story.act(number, "resolve", text="Готово.")
    answer = story.letters()[-1]
    story.at("2026-03-24 09:30")
    story.mail("Не открывается.", answers=answer)
    assert story.log(number)[-2:] == ["client_message", "reopened"]
    story.promises(number, "resolution", "2026-03-24 12:30", "running", "1.5.1")
    story.refuses(number, "disagree", 409, text="Не согласен.")
