"""TelemedHelp: ways that are none, and a person nobody knows."""

from tests.acceptance.stories.driver import Story


def test_a_call_is_no_request(story: Story) -> None:
    """6.1: chat and mail alone; the caller is told where to write, and the ledger keeps that he called."""
    story.at("2026-03-19 10:00")
    answer = story.call()
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:helpdesk:problem:refused")
    assert (problem["clause"], "support@telemed.help" in problem["hint"]) == ("6.1", True)
    assert story.ledger("refused")["id"] == problem["ledger_id"]
    assert story.tickets() == 0
    assert story.letters() == []


def test_a_messenger_is_none_either(story: Story) -> None:
    """6.5: what is asked in WhatsApp is not registered."""
    body = {"subject": "Не работает", "channel_kind": "whatsapp", "address": "+74950000001", "requester": "guest"}
    answer = story.ask("POST", "/v1/tickets", **body)
    assert (answer.status_code, answer.json()["clause"]) == (422, "6.5")
    assert (story.ledger("refused")["clause"], story.tickets()) == ("6.5", 0)


def test_somebody_unknown_is_registered_to_be_identified(stranger: Story) -> None:
    """6.7: the sender is not recognised: the request is there, marked; its reaction runs."""
    stranger.at("2026-03-19 11:00")
    number, _ = stranger.write()
    assert stranger.ticket(number)["flags"] == ["identification_required"]
    stranger.promises(number, "reaction", "2026-03-19 11:05", "running", "3.1")
