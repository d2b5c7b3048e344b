"""Siroca: the chat on the site, and its form, for clients and for nobody else."""

from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.pages import Member, Page


def test_who_asks_in_the_chat_is_answered_there_and_the_reaction_is_met(story: Story) -> None:
    """2.1, 2.6, 3.7: registered from the chat, question and answer come into it, and silence for a day closes."""
    story.at("2026-03-23 10:00")
    member = Member(story, "chats")
    shot = {"file": ("снимок.png", b"\x89PNG\r\n\x1a\nx")}
    number = member.say("Не открывается касса\nСовсем", shot).json()["number"]
    ticket = story.ticket(number)
    assert (ticket["channel"], ticket["subject"]) == ("online_chat", "Не открывается касса")
    assert ticket["requester"]["organisation"] == f"ООО {story.client}"
    assert [each["purpose"] for each in member.got()] == ["acknowledgement"]
    story.at("2026-03-23 10:05")
    story.act(number, "replies", kind="question", text="Какая версия?")
    (question,) = member.got()
    assert "Какая версия?" in question["text"]
    assert story.clocks(number)["reaction", 0]["state"] == "met"
    assert member.say("Версия 3").json()["outcome"] == "follow_up"
    story.act(number, "level", "PUT", level="1", criterion="работа невозможна", affected=40)
    story.promises(number, "resolution", "2026-03-23 15:00", "running", "2.6")
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    (answer,) = member.got()
    assert "Исправлено." in answer["text"]
    story.promises(number, "resolution", "2026-03-23 15:00", "met", "2.6")
    story.at("2026-03-24 10:05")
    assert story.ticket(number)["state"] == "closed"
    assert story.letters() == []  # nothing by mail: the company wants no copies


def test_the_form_is_for_clients(story: Story) -> None:
    """1.3, 2.1: a client's request is registered; somebody else's is refused with the clause, in the ledger too."""
    story.at("2026-03-25 11:00")
    page = Page(story)
    assert story.ticket(page.send(text="Касса не печатает").json()["number"])["channel"] == "web_form"
    refused = page.send(text="Касса не печатает", email="stranger@elsewhere.example")
    assert (refused.status_code, refused.json()["clause"]) == (422, "1.3")
    assert story.ledger("refused")["id"] == refused.json()["ledger_id"]
