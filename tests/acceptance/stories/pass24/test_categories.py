"""PASS24: the kind of problem gives the level; who asks again gains nothing by it."""

from tests.acceptance.stories.driver import Story


def test_the_kind_of_problem_gives_the_level(story: Story) -> None:
    """1.1, 1.5.1-1.5.3: by the promise, at a call's intake, by an agent; another level by its criterion."""
    story.at("2026-06-01 10:00")
    asked = {"address": story.phone, "requester": story.number, "contact": story.client, "category": "full_outage"}
    promise = story.do("POST", "/v1/promise", **asked)
    assert (promise["level"], promise["needs"]) == ("high", ["not_client_fault"])
    refused = story.call(category="full_outage")
    assert (refused.status_code, refused.json()["clause"]) == (422, "1.5.1")
    number = story.call(category="full_outage", facts=["not_client_fault"]).json()["number"]
    ticket = story.ticket(number)
    assert (ticket["category"], ticket["level"]) == ("full_outage", "high")
    story.promises(number, "resolution", "2026-06-01 14:00", "running", "1.5.1")
    written, _ = story.write("Как настроить пропуск?", "Вопрос о пропусках")
    story.promises(written, "resolution", "2026-06-08 18:00", "running", "1.5.2")
    story.act(written, "category", "PUT", category="general_advice", reason="общий вопрос")
    story.promises(written, "resolution", "2026-06-08 18:00", "running", "1.5.3")
    events = story.do("GET", f"/v1/tickets/{written}/events")["items"]
    assert [(each["what"], each["data"]["clause"]) for each in events[-2:]] == [
        ("category_set", "1.5.3"),
        ("level_set", "1.5.3"),
    ]


def test_calling_again_is_linked_and_raises_nothing(story: Story) -> None:
    """1.4: a second contact on the same issue has the first one's level, and no higher one."""
    story.at("2026-06-02 10:00")
    first, _ = story.write("Не открывается шлагбаум.", "Шлагбаум")
    refused = story.call(
        repeats=first, level="high", criterion="1.5.1", facts=["not_client_fault", "confirmed_by_staff"]
    )
    assert (refused.status_code, refused.json()["clause"]) == (422, "1.4")
    again = story.call(repeats=first).json()["number"]
    assert story.ticket(again)["level"] == story.ticket(first)["level"] == "normal"
    assert story.log(again)[-1] == story.log(first)[-1] == "linked"
    story.mail("Всё ещё не открывается.", "Fwd: шлагбаум")
    assert story.newest()["flags"] == ["repeated_contact"]


def test_when_mail_fails_the_phone_is_left(story: Story) -> None:
    """3.8: accepted with the letter of registration; it came back: the head is told, a call gives the number."""
    story.at("2026-06-03 10:00")
    number, _ = story.write("Не работает.", "Почта")
    assert story.ticket(number)["accepted_at"].startswith("2026-06-03T07:00:00")
    story.at("2026-06-03 10:20")
    acknowledgement = story.letters()[-1]
    story.bounce(acknowledgement)
    ticket = story.ticket(number)
    assert ticket["accepted_at"] is None
    assert ticket["flagged"] == [{"flag": "not_accepted", "clause": "3.8", "reason": "chat_bot, phone"}]
    story.alerts(number, "Письмо клиенту не доставлено")
    story.act(number, "number-told", channel="phone")
    ticket = story.ticket(number)
    assert (ticket["accepted_at"] is not None, ticket["flags"]) == (True, [])
