"""Siroca: a letter, rated, solved, and closed by a day's silence. Bishkek time."""

from tests.acceptance.stories.driver import Story


def test_a_medium_incident_has_two_working_days_and_a_day_to_object(story: Story) -> None:
    """2.6: two working days after Monday; 3.7: closed 24 hours after the solution if nobody says anything."""
    story.at("2026-04-13 10:00")
    number, sent = story.write("Отчёт открывается через раз.", "Отчёт")
    story.letter(f"[#{number}] Обращение зарегистрировано", "получено 13.04.2026 10:00", answers=sent, automatic=True)
    mean = story.promises(number, "reaction", "2026-04-13 10:15", "running", "2.6", kind="average")
    assert mean["breachable"] is False
    assert story.ticket(number)["level"] is None  # 2.5: rated by specialists, once registered
    assert ("resolution", 0) not in story.clocks(number)
    story.at("2026-04-13 10:30")
    assert story.clocks(number)["reaction", 0]["state"] == "running"  # a mean is breached by no single request
    story.alerts(number)
    story.act(number, "level", "PUT", level="3", criterion="небольшая ошибка, доступ сохраняется", affected=12)
    story.promises(number, "resolution", "2026-04-15 18:00", "running", "2.6")
    story.act(number, "replies", kind="answer", text="Смотрим.")
    story.promises(number, "reaction", "2026-04-13 10:15", "met", "2.6", kind="average")
    story.letter(f"[#{number}] Отчёт", "Смотрим.", answers=sent)
    story.at("2026-04-14 12:00")
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    story.promises(number, "resolution", "2026-04-15 18:00", "met", "2.6")
    story.promises(number, "auto_close", "2026-04-15 12:00", "running", "3.7", kind="term")
    story.letters()
    story.at("2026-04-15 11:59:59.999999")
    assert story.ticket(number)["state"] == "resolved"
    story.at("2026-04-15 12:00")
    assert (story.ticket(number)["state"], story.ticket(number)["outcome"]) == ("closed", "confirmed_by_silence")
    text = "закрыто: возражений не поступило за 24 часа"
    story.letter(f"[#{number}] Обращение закрыто", text, automatic=True)
    story.alerts(number)


def test_the_client_s_confirmation_closes_at_once(story: Story) -> None:
    """3.7: complete until the client confirms."""
    story.at("2026-04-16 10:00")
    number, _ = story.write()
    story.act(number, "resolve", text="Сделано.")
    story.mail("Да, работает.", answers=story.letters()[-1])
    story.act(number, "confirm")
    assert story.ticket(number)["outcome"] == "confirmed"
    assert story.clocks(number)["auto_close", 0]["state"] == "cancelled"
    story.letter(f"[#{number}] Обращение закрыто", "закрыто: клиент подтвердил решение", automatic=True)


def test_what_is_another_s_product_is_said_with_its_maker(story: Story) -> None:
    """3.5: the client is sent to the vendor, who must be named."""
    story.at("2026-04-16 11:00")
    number, _ = story.write()
    assert story.refuses(number, "close", 422, outcome="third_party")["clause"] == "3.5"
    story.act(number, "close", outcome="third_party", facts={"vendor": "Поставщик касс"})
    assert story.ticket(number)["outcome"] == "third_party"
