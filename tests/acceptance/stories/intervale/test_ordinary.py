"""Intervale: a letter, rated, answered, and no further question. The times are the example appendix's."""

from tests.acceptance.stories.driver import Story


def test_an_answer_closes_preliminarily_and_three_working_days_of_silence_for_good(story: Story) -> None:
    """5.10: answered on Thursday 30 April; 1 May is a holiday: the 4th, 5th and 6th count, until their 24:00."""
    story.at("2026-04-30 15:00")
    number, sent = story.write("Платёж не проходит.", "Платёж")
    story.letter(f"[Ticket #{number}] Запрос зарегистрирован", "получен 30.04.2026 15:00", answers=sent, automatic=True)
    assert ("resolution", 0) not in story.clocks(number)  # 4.2: no level yet, no time
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.promises(number, "resolution", "2026-04-30 23:00", "running", "4.2")  # 8 hours round the clock
    story.at("2026-04-30 17:00")
    story.act(number, "replies", kind="answer", text="Обновите приложение.")
    answer = story.letter(f"[#{number}] Платёж", "Обновите приложение.", answers=sent)  # 5.9
    story.promises(number, "resolution", "2026-04-30 23:00", "met", "4.2")
    term = story.promises(number, "client_reply", "2026-05-07 00:00", "running", "5.10", kind="term")
    assert term["then"] == "close:no_more_questions"
    assert story.ticket(number)["state"] == "resolved"
    story.at("2026-05-06 23:59:59.999999")
    assert story.ticket(number)["state"] == "resolved"
    story.at("2026-05-07 00:00")
    assert story.log(number)[-2:] == ["expired", "closed"]
    text = "закрыто: ответ дан, уточнений не поступило"
    story.letter(f"[#{number}] Обращение закрыто", text, automatic=True)
    story.alerts(number)
    assert answer.message_id


def test_a_second_answer_gives_the_client_the_time_anew(story: Story) -> None:
    """5.9, 5.10: every answer is sent, and the three working days count from the last."""
    story.at("2026-06-01 12:00")
    number, sent = story.write()
    story.act(number, "replies", kind="answer", text="Проверьте связь.")
    story.promises(number, "client_reply", "2026-06-05 00:00", "running", "5.10", kind="term")
    story.letters()
    story.at("2026-06-02 12:00")
    story.act(number, "replies", kind="answer", text="И ещё: перезапустите приложение.")
    story.letter(f"[#{number}] Не работает", "И ещё: перезапустите приложение.", answers=sent)
    story.promises(number, "client_reply", "2026-06-06 00:00", "running", "5.10", kind="term", seq=1)


def test_the_client_s_thanks_close_at_once(story: Story) -> None:
    """5.10: nobody waits for silence where the client has confirmed."""
    story.at("2026-06-02 13:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Готово.")
    story.mail("Спасибо, всё работает.", answers=story.letters()[-1])
    story.act(number, "confirm")
    assert (story.ticket(number)["state"], story.ticket(number)["outcome"]) == ("closed", "confirmed")
    story.letter(f"[#{number}] Обращение закрыто", "закрыто: решение подтверждено", automatic=True)
