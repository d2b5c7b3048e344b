"""TelemedHelp: a letter in working time, answered in time, confirmed."""

from tests.acceptance.stories.driver import Story


def test_a_letter_is_reacted_to_within_five_minutes(story: Story) -> None:
    """3.1: five working minutes by mail; 6.3, 6.4: one automatic letter with the number; 2.3: no time of solution."""
    story.at("2026-03-04 10:00")
    number, sent = story.write("После входа страница записи пуста.", "Не открывается запись")
    story.letter(
        f"Запрос #{number}: обращение принято",
        "получено 04.03.2026 10:00",
        f"Запрос #{number}",
        "doc.telemed.help",  # 1.4
        answers=sent,
        automatic=True,
    )
    story.promises(number, "reaction", "2026-03-04 10:05", "running", "3.1")
    story.promises(number, "resolution", None, "running", "2.3", kind="none")
    story.at("2026-03-04 10:02:30")
    story.alerts(number, "Приближается срок «реакция»: 04.03.2026 10:05")
    story.at("2026-03-04 10:03")
    story.act(number, "replies", kind="answer", text="Обновите приложение до версии 5.3.")
    story.letter(f"Запрос #{number}: Не открывается запись", "Обновите приложение до версии 5.3.", answers=sent)
    met = story.promises(number, "reaction", "2026-03-04 10:05", "met", "3.1")
    assert (met["elapsed_seconds"], met["stopped_at"]) == (180, "2026-03-04T07:03:00Z")
    story.act(number, "resolve")
    story.at("2026-03-04 10:30")
    story.alerts(number)
    story.mail("Спасибо, помогло!", answers=story.last)
    story.act(number, "confirm")
    story.letter(f"Запрос #{number}: обращение закрыто", "закрыто: решено", automatic=True)
    assert story.ticket(number)["outcome"] == "solved"


def test_the_chat_has_ten_minutes(story: Story) -> None:
    """3.1, 6.1: the chat is the other official way; its request counts ten working minutes."""
    story.at("2026-03-04 11:00")
    body = {"subject": "Вопрос в чате", "channel_kind": "chat", "requester": "guest-1", "contact": story.client}
    number = story.do("POST", "/v1/tickets", **body)["number"]
    story.promises(number, "reaction", "2026-03-04 11:10", "running", "3.1")
    story.letter(f"Запрос #{number}: обращение принято", automatic=True)
