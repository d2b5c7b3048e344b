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


def test_somebody_unknown_is_registered_and_held_until_identified(stranger: Story) -> None:
    """6.7: the sender is not recognised: the letter asks who it is, the solution waits, the five minutes run on."""
    stranger.at("2026-03-19 11:00")
    number, sent = stranger.write()
    ticket = stranger.ticket(number)
    assert (ticket["state"], ticket["flags"]) == ("waiting", ["identification_required"])
    (wait,) = ticket["waits"]
    assert (wait["reason"], wait["clause"], wait["automatic"], wait["stands_still"]) == (
        "identification",
        "6.7",
        True,
        [],
    )
    stranger.letter(
        f"Запрос #{number}: обращение принято", "принято и начало обрабатываться", "Мы не узнали, кто обращается",
        "решение отложено до уточнения (пункт 6.7 регламента)", "- название организации", answers=sent, automatic=True,
    )  # fmt: skip
    stranger.promises(number, "reaction", "2026-03-19 11:05", "running", "3.1")
    assert ticket["needs"] == "promise"  # the reaction is owed to everybody: an agent finds it in the queue
    assert number in [each["number"] for each in stranger.do("GET", "/v1/queue?unassigned=true&limit=200")["items"]]
    stranger.at("2026-03-19 11:04")
    stranger.act(number, "replies", kind="question", text="Из какой вы клиники?")
    stranger.promises(number, "reaction", "2026-03-19 11:05", "met", "3.1")
    asked = stranger.letters()[-1]
    stranger.at("2026-03-19 11:20")
    stranger.mail("Клиника на Садовой.", answers=asked)
    assert stranger.ticket(number)["state"] == "waiting"  # a stranger's word proves nobody: an agent looks it up
    stranger.promises(number, "reaction_followup", "2026-03-19 11:25", "running", "2.4")
    name = next(each["name"] for each in stranger.do("GET", "/v1/organisations?limit=200")["items"])
    stranger.act(number, "identity", "PUT", organisation=name)
    ticket = stranger.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["waits"], ticket["needs"]) == ("open", [], [], "work")
