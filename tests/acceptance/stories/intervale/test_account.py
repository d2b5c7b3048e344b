"""Intervale: a question asked in the personal account at helpdesk.intervale.ru."""

from typing import Any

from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.pages import Member


def test_the_answer_is_in_the_account_and_by_mail_and_silence_closes(story: Story) -> None:
    """2.1, 4.2, 5.1, 5.9, 5.10: the number in the account; the answer there and by mail too; three working days."""
    story.at("2026-04-30 15:00")
    member = Member(story, "accounts")
    told = member.say("Совсем.", subject="Платёж не проходит", steps="Открыть, заплатить", email=story.client)
    assert (told.status_code, told.json()["outcome"]) == (201, "ticket")
    number = told.json()["number"]
    assert story.ticket(number)["requester"] == {
        "address": member.address, "name": "Анна", "organisation": f"ООО {story.client}", "contact": member.address,
    }  # fmt: skip
    (registered,) = member.got()
    assert (registered["ticket"], registered["automatic"], registered["answers"]) == (number, True, "m1")
    assert registered["subject"] == f"[Ticket #{number}] Запрос зарегистрирован"
    assert story.letters() == []  # what is automatic is not sent twice
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.promises(number, "resolution", "2026-04-30 23:00", "running", "4.2")  # 8 hours round the clock
    story.at("2026-04-30 17:00")
    story.act(number, "replies", kind="answer", text="Обновите приложение.")
    (answer,) = member.got()
    assert (answer["purpose"], answer["ticket"]) == ("answer", number)
    assert "Обновите приложение." in answer["text"]
    story.letter(f"[#{number}] Платёж не проходит", "Обновите приложение.")  # 5.9: and by mail
    story.promises(number, "resolution", "2026-04-30 23:00", "met", "4.2")
    assert member.say("Не помогло.", ticket=str(number)).json()["outcome"] == "follow_up"
    assert story.log(number)[-2:] == ["client_message", "reopened"]
    story.act(number, "replies", kind="answer", text="Теперь обновите ещё раз.")
    assert len(member.got()) == 1
    # 1 May is a holiday: the 4th, 5th and 6th count, until their 24:00.
    story.at("2026-05-07 00:00")
    assert story.log(number)[-2:] == ["expired", "closed"]
    assert [each["purpose"] for each in member.got()] == ["closed"]


def test_each_question_is_a_request_of_its_own(story: Story) -> None:
    """5.5: a new message is a new request, whatever is open; with a number it goes on with that one."""
    story.at("2026-06-03 10:00")
    member = Member(story, "accounts")
    said: dict[str, Any] = {"steps": "1", "email": story.client}
    first, second = [member.say("Как?", subject=subject, **said).json()["number"] for subject in ("Раз", "Два")]
    assert second == first + 1
    assert member.say("Ещё.", ticket=str(first)).json()["number"] == first
    stranger = Member(story, "accounts")
    assert stranger.say("Моё!", ticket=str(first), **said).status_code == 404
    assert stranger.got() == []
