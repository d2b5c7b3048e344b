"""Siroca: no contract in force, and ways that are none."""

from tests.acceptance.stories.driver import Story


def test_without_a_licence_in_force_there_is_no_support(stranger: Story) -> None:
    """1.3: a contract that ended yesterday is none: mail and call are refused with the clause, and kept."""
    stranger.at("2026-03-26 10:00")
    stranger.registered(contracts={"kind": "sublicence", "first_day": "2025-01-01", "last_day": "2026-03-25"})
    stranger.mail("Не работает.")
    assert (stranger.ledger("refused")["clause"], stranger.tickets()) == ("1.3", 0)
    stranger.letter("Обращение не принято: Сирока Технолоджи", "пункт 1.3", "действующим лицензионным", automatic=True)
    problem = stranger.call().json()
    assert (problem["status"], problem["clause"]) == (422, "1.3")


def test_what_was_registered_before_goes_on(stranger: Story) -> None:
    """1.3: the contract's last day is a day of support; the request made on it is worked on afterwards."""
    stranger.at("2026-03-25 23:59")
    stranger.registered(contracts={"kind": "sublicence", "first_day": "2025-01-01", "last_day": "2026-03-25"})
    number, _ = stranger.write()
    stranger.at("2026-03-26 10:00")
    stranger.act(number, "replies", kind="answer", text="Смотрим.")
    assert stranger.ticket(number)["state"] == "open"


def test_group_chats_and_personal_messages_are_no_requests(story: Story) -> None:
    """2.2: only what 2.1 lists; a letter to another mailbox of the company is none of ours."""
    for kind, address in (("whatsapp", "+996755979805"), ("telegram", "@siroca_person")):
        body = {"subject": "Не работает", "channel_kind": kind, "address": address, "requester": "@guest"}
        answer = story.ask("POST", "/v1/tickets", **body)
        assert (answer.status_code, answer.json()["clause"]) == (422, "2.2")
    assert story.tickets() == 0
