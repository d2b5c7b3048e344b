"""Intervale 5.2: after a call the number is sent: by SMS to who has no mail address."""

import msgspec
from tests.acceptance.stories.driver import Story

CALLER = "+79170000001"


def messages(story: Story) -> list[dict[str, str]]:
    """Return the SMS that the gateway took for the caller, oldest first."""
    story.house.settle()
    told = [msgspec.json.decode(each.partition(b"\r\n\r\n")[2]) for each in story.house.sms]
    return [each for each in told if each["to"] == CALLER]


def test_the_number_and_the_answers_come_by_sms(story: Story) -> None:
    """Sent from the company's name, handed over once each, noted in the log; the next call within the hour is told."""
    story.at("2026-06-01 10:00")
    number = story.call(caller=CALLER, contact="", fields={"steps": "1", "additional": "-"}).json()["number"]
    (first,) = messages(story)
    assert first["text"].startswith(f"Интервэйл: обращение {number} зарегистрировано.")
    assert (first["from"], first["key"]) == ("INTERVALE", "canary-of-sms-xxxxxxxx")
    assert "acknowledged" in [each["what"] for each in story.do("GET", f"/v1/tickets/{number}/events")["items"]]
    assert "number_only_spoken" not in story.ticket(number)["flags"]
    story.act(number, "replies", kind="answer", text="Исправлено, проверьте.")
    answer = messages(story)[-1]
    assert answer["text"].startswith(f"Интервэйл, обращение {number}: Исправлено, проверьте. ")
    assert story.letters() == []
    again = story.call(caller=CALLER, contact="", fields={"steps": "1", "additional": "-"}).json()["number"]
    assert len(messages(story)) == 2
    ticket = story.ticket(again)
    assert (ticket["needs"], "acknowledgement_withheld" in ticket["flags"]) == ("tell_client", True)
    story.act(again, "number-told", channel="phone")
    ticket = story.ticket(again)
    assert ticket["needs"] != "tell_client"
    assert "acknowledgement_withheld" not in ticket["flags"]
