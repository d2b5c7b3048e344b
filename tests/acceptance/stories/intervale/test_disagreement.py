"""Intervale: the answer was not enough."""

from tests.acceptance.stories.driver import Story


def test_the_resolution_goes_on_with_what_was_left_of_it(story: Story) -> None:
    """5.10, 4.1: one of four hours was used when the answer left; three remain from the client's word on."""
    story.at("2026-06-22 10:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="highest", criterion="сервис недоступен")
    story.at("2026-06-22 11:00")
    story.act(number, "replies", kind="answer", text="Перезапустите приложение.")
    story.promises(number, "resolution", "2026-06-22 14:00", "met", "4.2")
    answer = story.letters()[-1]
    story.at("2026-06-23 12:00")
    story.mail("Не помогло.", answers=answer)
    assert story.log(number)[-2:] == ["client_message", "reopened"]
    clock = story.promises(number, "resolution", "2026-06-23 15:00", "running", "4.2")
    assert (clock["elapsed_seconds"], clock["paused_seconds"]) == (3600, 25 * 3600)
    story.at("2026-06-23 15:00")
    story.promises(number, "resolution", "2026-06-23 15:00", "breached", "4.2")


def test_staff_may_record_what_was_said_by_phone(story: Story) -> None:
    """5.7, 5.10: the words are kept as the client's; the work goes on."""
    story.at("2026-06-24 10:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Готово.")
    assert story.act(number, "disagree", text="Звонил: ошибка осталась.")["state"] == "open"
    assert story.log(number)[-2:] == ["client_message", "disagreed"]
    assert story.clocks(number)["client_reply", 0]["state"] == "cancelled"
