"""SpecPromDesign: a messenger is one of three ways, and the notice that names the engineer is what reaction means."""

from tests.acceptance.stories.chats import Chat
from tests.acceptance.stories.driver import Story


def test_the_notice_that_names_the_engineer_comes_into_the_chat(story: Story) -> None:
    """Способы обращения, Классификация: asked in the messenger, told there who works on it; the reaction is met."""
    story.at("2026-03-23 10:00")
    chat = Chat(story).known()
    chat.say("Шкаф не включается")
    number = chat.ticket("Шкаф не включается")["number"]
    assert [each.given["chat_id"] for each in chat.got()] == [chat.id]
    story.at("2026-03-23 10:10")
    story.act(number, "accept", agent="Анна")
    (notice,) = chat.got()
    assert "инженер технической поддержки Анна" in notice.given["text"]
    assert story.clocks(number)["reaction", 0]["state"] == "met"
