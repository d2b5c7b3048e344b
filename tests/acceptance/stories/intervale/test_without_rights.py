"""Intervale: a client whose support is suspended."""

from tests.acceptance.stories.driver import Story


def test_what_was_registered_before_goes_on_and_nothing_new_is_taken(story: Story) -> None:
    """2.6: the old request is answered, its clock runs and it can be written to; a new one is refused, and kept."""
    story.at("2026-06-25 10:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.letters()
    path = f"/v1/organisations/{story.organisation}/suspension"
    story.do("PUT", path, "admin", why="нарушены условия использования")
    story.at("2026-06-25 11:00")
    story.mail("Другой вопрос.", "Новый вопрос")
    assert (story.ledger("refused")["clause"], story.tickets()) == ("2.6", 1)
    story.letter("Обращение не принято: Интервэйл", "пункт 2.6", "Поддержка приостановлена", automatic=True)
    story.promises(number, "resolution", "2026-06-25 18:00", "running", "4.2")
    story.act(number, "replies", kind="answer", text="Исправлено.")
    answer = story.letter(f"[#{number}] Не работает", "Исправлено.")
    story.mail("Не помогло.", answers=answer)
    assert story.ticket(number)["state"] == "open"
    assert story.ask("DELETE", path, "admin").status_code == 200
    story.mail("Ещё вопрос.", "Ещё вопрос")
    assert story.tickets() == 2
