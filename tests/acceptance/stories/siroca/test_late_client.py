"""Siroca: the client does not answer, or answers late."""

from tests.acceptance.stories.driver import Story


def test_repeated_questions_and_three_working_days_of_silence_close(story: Story) -> None:
    """3.6: several requests, so the first alone closes nothing; three working days from the last, until 24:00."""
    story.at("2026-04-16 10:00")
    number, sent = story.write()
    story.act(number, "level", "PUT", level="2", criterion="работает частично", affected=12)
    story.letters()
    story.act(number, "replies", kind="question", text="Пришлите снимок экрана.")
    asked = story.letter(f"[#{number}] Не работает", "Пришлите снимок экрана.", answers=sent)
    assert "Ждём вашего ответа до 22.04.2026 00:00" in asked.text
    first = story.promises(number, "client_no_reply", "2026-04-22 00:00", "running", "3.6", kind="term")
    assert first["then"] == "ask_again"
    story.promises(number, "resolution", None, "paused", "2.6")
    story.at("2026-04-22 00:00")
    assert story.ticket(number)["state"] == "waiting"
    assert story.log(number)[-1] == "expired"
    story.at("2026-04-24 11:00")  # a Friday
    story.act(number, "replies", kind="question", text="Ждём снимок экрана.")
    second = story.promises(number, "client_no_reply", "2026-04-30 00:00", "running", "3.6", kind="term", seq=1)
    assert second["then"] == "close:no_answer"
    story.letters()
    story.at("2026-04-29 23:59:59.999999")
    assert story.ticket(number)["state"] == "waiting"
    story.at("2026-04-30 00:00")
    assert (story.ticket(number)["state"], story.ticket(number)["outcome"]) == ("closed", "no_answer")
    text = "закрыто: клиент не отвечает на запросы"
    closing = story.letter(f"[#{number}] Обращение закрыто", text, automatic=True)
    story.at("2026-04-30 09:00")
    story.mail("Вот снимок.", answers=closing)
    assert story.newest()["follows"] == number


def test_an_answer_in_time_goes_on(story: Story) -> None:
    """3.6, 2.6: the answer ends the term and the wait; the eight hours have lost none of it."""
    story.at("2026-04-20 10:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="2", criterion="работает частично", affected=12)
    story.at("2026-04-20 11:00")
    story.act(number, "replies", kind="question", text="Пришлите снимок экрана.")
    asked = story.letters()[-1]
    story.at("2026-04-21 20:00")
    story.mail("Вот снимок.", answers=asked)
    story.promises(number, "resolution", "2026-04-22 03:00", "running", "2.6")  # seven hours were left
    story.promises(number, "client_no_reply", "2026-04-24 00:00", "cancelled", "3.6", kind="term")


def test_an_objection_after_the_day_is_a_new_request(story: Story) -> None:
    """3.7: after 24 hours of silence it is closed; who objects then is heard in a request of its own."""
    story.at("2026-04-22 10:00")
    number, _ = story.write()
    story.act(number, "resolve", text="Сделано.")
    answer = story.letters()[-1]
    story.at("2026-04-23 10:00")
    story.mail("Не работает!", answers=answer)
    late = story.newest()
    assert (late["follows"], story.ticket(number)["outcome"]) == (number, "confirmed_by_silence")
    problem = story.refuses(number, "disagree", 409, text="Не работает!")
    assert problem["clause"] == "3.7"
