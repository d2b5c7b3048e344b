"""Intervale: a question asked by the form of helpdesk.intervale.ru."""

from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.pages import Page


def test_a_form_is_a_request_with_its_number_by_mail_and_its_deadlines(story: Story) -> None:
    """2.1, 4.1, 5.1, 5.9, 5.10: registered on a Sunday, rated, answered by mail, the reply joins; silence closes."""
    story.at("2026-04-26 23:30")  # a Sunday night: registered round the clock
    said = {"subject": "Платёж не проходит", "text": "Совсем.", "name": "Анна", "steps": "Открыть, заплатить"}
    shot = {"file": ("снимок.exe", b"\x89PNG\r\n\x1a\nx", "application/x-evil")}
    told = Page(story).send(shot, **said)
    assert (told.status_code, told.json()["outcome"]) == (201, "ticket")
    number = told.json()["number"]
    ticket = story.ticket(number)
    assert (ticket["channel"], ticket["requester"]["address"], ticket["requester"]["contact"]) == (
        "helpdesk", story.client, story.client,
    )  # fmt: skip
    assert (ticket["flags"], ticket["waits"]) == ([], [])
    (file,) = story.do("GET", f"/v1/tickets/{number}/attachments")["items"]
    assert (file["name"], file["content_type"]) == ("снимок.exe", "image/png")  # what the bytes are
    story.letter(f"[Ticket #{number}] Запрос зарегистрирован", "получен 26.04.2026 23:30", automatic=True)
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.promises(number, "resolution", "2026-04-27 07:30", "running", "4.2")  # 8 hours round the clock
    story.at("2026-04-27 06:00")
    story.act(number, "replies", kind="answer", text="Обновите приложение.")
    answer = story.letter(f"[#{number}] Платёж не проходит", "Обновите приложение.")
    story.promises(number, "resolution", "2026-04-27 07:30", "met", "4.2")
    # To 24:00 of the third working day: Tuesday, Wednesday, Thursday.
    story.promises(number, "client_reply", "2026-05-01 00:00", "running", "5.10", kind="term")
    story.mail("Не помогло.", answers=answer)
    assert story.log(number)[-2:] == ["client_message", "reopened"]


def test_a_form_without_what_must_be_in_it_is_asked_for_it(story: Story) -> None:
    """5.3: the page is told each field and the clause while the visitor is there; nothing is registered."""
    story.at("2026-04-27 10:00")
    told = Page(story).send(subject="Платёж", text="Не проходит.")
    assert (told.status_code, told.json()["clause"]) == (422, "5.3")
    assert [each["path"] for each in told.json()["errors"]] == ["steps"]
    assert story.tickets() == 0


def test_a_suspended_client_is_told_so(story: Story) -> None:
    """2.6: a new question by the form is refused with the clause, and the ledger has it."""
    story.at("2026-04-27 11:00")
    story.do("PUT", f"/v1/organisations/{story.organisation}/suspension", "admin", why="нарушены условия")
    told = Page(story).send(subject="Платёж", text="Не проходит.", steps="1")
    assert (told.status_code, told.json()["code"], told.json()["clause"]) == (422, "refused", "2.6")
    line = story.ledger("refused")
    assert (line["channel_kind"], line["address"], line["clause"]) == ("web", "helpdesk.intervale.ru", "2.6")
    assert line["id"] == told.json()["ledger_id"]
