"""TelemedHelp: what is asked in Telegram is no request."""

from tests.acceptance.stories.chats import Chat
from tests.acceptance.stories.driver import Story


def test_a_bot_registers_nothing_and_says_where_to_turn(story: Story) -> None:
    """6.5: refused with the clause and the official ways, in the chat, three times an hour at most."""
    story.at("2026-03-23 10:00")
    chat = Chat(story)
    for text in ("Не работает", "Ау", "Алло", "Эй"):
        chat.say(text)
    assert story.ledger("refused")["clause"] == "6.5"
    told = chat.got()
    assert len(told) == 3
    assert all("support@telemed.help" in each.given["text"] and "6.5" in each.given["text"] for each in told)
