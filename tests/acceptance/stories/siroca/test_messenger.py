"""Siroca: the bot in private chats is official, group chats are not."""

from tests.acceptance.stories.chats import Chat
from tests.acceptance.stories.driver import Story


def test_who_writes_to_the_bot_is_answered_in_the_bot(story: Story) -> None:
    """2.1, 2.6: the request is registered from Telegram's date; number, question and answer come into the chat."""
    story.at("2026-03-23 10:00")
    chat = Chat(story, "Айгуль").known()
    said = chat.say("Не открывается касса\nСовсем, со вчерашнего дня")
    (told,) = chat.got()
    assert (told.method, told.given["chat_id"]) == ("sendMessage", chat.id)
    assert "Обращение зарегистрировано" in told.given["text"]
    assert told.given["reply_parameters"]["message_id"] == said
    found = chat.ticket("Не открывается касса")
    number = found["number"]
    assert f"[#{number}]" in told.given["text"]
    assert found["requester"] == {
        "address": str(chat.id),
        "name": f"Айгуль (@user{chat.id})",
        "organisation": f"ООО {story.client}",
        "contact": str(chat.id),
    }
    story.at("2026-03-23 10:05")
    story.act(number, "replies", kind="question", text="Какая <b>версия</b>?")
    (question,) = chat.got()
    assert "Какая <b>версия</b>?" in question.given["text"]  # as it was written: nothing in it is markup
    assert "parse_mode" not in question.given
    chat.say("Версия 3", answers=question)  # it carries the ticket's token back
    chat.say("И ещё: только в Chrome")  # names nothing: the only open ticket of the chat
    assert [each for each in story.log(number) if each == "client_message"] == ["client_message"] * 2
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    (answer,) = chat.got()
    assert "Исправлено." in answer.given["text"]
    assert story.letters() == []  # nothing by mail
    assert story.clocks(number)["reaction", 0]["state"] == "met"


def test_a_group_is_refused_once_by_the_clause_and_left(story: Story) -> None:
    """2.2: what is asked in a group is not registered; the group is told so once, and the bot goes."""
    story.at("2026-03-23 10:00")
    chat = Chat(story).known()
    tickets = len(story.do("GET", "/v1/tickets?limit=200")["items"])
    for text in ("Не работает!", "Кто-нибудь?", "Алло"):
        chat.say(text, group=-100500)
    line = story.ledger("refused")
    assert (line["clause"], line["channel_kind"]) == ("2.2", "telegram")
    assert len(story.do("GET", "/v1/tickets?limit=200")["items"]) == tickets
    told, left = chat.got()
    assert (told.method, told.given["chat_id"]) == ("sendMessage", -100500)
    assert "2.2" in told.given["text"]
    assert "@Siroca_Technology_bot лично" in told.given["text"]
    assert "Не работает" not in told.given["text"]
    assert (left.method, left.given["chat_id"]) == ("leaveChat", -100500)


def test_a_client_who_blocked_the_bot_is_not_reached(story: Story) -> None:
    """3.2 by any channel: the log says that the answer came back; nothing is tried again."""
    story.at("2026-03-23 10:00")
    chat = Chat(story).known()
    chat.say("Заблокирую сейчас")
    found = chat.ticket("Заблокирую сейчас")
    story.house.telegram.behaviour[chat.id] = "blocked"
    story.act(found["number"], "replies", kind="answer", text="Готово.")
    assert story.log(found["number"])[-1] == "bounced"


def test_an_edit_is_noted_and_moves_nothing(story: Story) -> None:
    """2.6, 3.7: both versions are kept; a closed ticket stays closed, no clock starts again."""
    story.at("2026-03-23 10:00")
    chat = Chat(story).known()
    said = chat.say("Касса не печатат")
    found = chat.ticket("Касса не печатат")
    number = found["number"]
    story.act(number, "close", outcome="solved_info")
    before = story.clocks(number)
    chat.say("Касса не печатает", number=said, kind="edited_message", edit_date=1774234800)
    assert story.log(number)[-1] == "note_added"
    assert story.ticket(number)["state"] == "closed"
    assert story.clocks(number) == before
    texts = [each["text"] for each in story.do("GET", f"/v1/tickets/{number}/messages?limit=50")["items"]]
    assert {"Касса не печатат", "Касса не печатает"} <= set(texts)
