"""TelemedHelp: the client takes long, or comes back when all is over. The text sets clients no term (2.3, 6.9)."""

from tests.acceptance.stories.driver import Story


def test_further_information_late_in_the_evening_has_five_minutes_of_the_next_morning_too(story: Story) -> None:
    """2.4, 2.1: a word at 19:58 has a reaction of its own: two minutes today, three from 08:00 tomorrow."""
    story.at("2026-03-05 15:00")
    number, sent = story.write()
    story.letters()
    story.act(number, "replies", kind="question", text="Какая версия приложения?")
    asked = story.letter(f"Запрос #{number}: Не работает", "Какая версия приложения?", answers=sent)
    assert "Ждём вашего ответа до" not in asked.text
    assert story.ticket(number)["state"] == "waiting"
    story.at("2026-03-07 19:58")
    assert story.ticket(number)["state"] == "waiting"
    story.mail("Версия 5.2.", answers=asked)
    assert story.ticket(number)["state"] == "open"
    story.promises(number, "reaction_followup", "2026-03-08 08:03", "running", "2.4")
    story.alerts(number)
    story.at("2026-03-08 08:02:59")
    story.alerts(number, "Приближается срок «реакция на дополнительную информацию»: 08.03.2026 08:03")
    story.at("2026-03-08 08:03")
    story.promises(number, "reaction_followup", "2026-03-08 08:03", "breached", "2.4")
    story.alerts(number, "Срок «реакция на дополнительную информацию» нарушен")


def test_a_word_after_the_end_is_a_request_of_its_own(story: Story) -> None:
    """6.10: what is closed stays closed; the late letter gets a number and five minutes of its own, and is linked."""
    story.at("2026-03-10 10:00")
    number, _ = story.write()
    story.act(number, "close", outcome="solved")
    story.at("2026-03-12 12:00")
    closing = story.letters()[-1]
    story.mail("Опять не работает.", answers=closing)
    late = story.newest()
    assert (late["number"] > number, late["follows"], late["state"]) == (True, number, "new")
    story.promises(late["number"], "reaction", "2026-03-12 12:05", "running", "3.1")
    story.letter(f"Запрос #{late['number']}: обращение принято", automatic=True)
    assert story.ticket(number)["state"] == "closed"
