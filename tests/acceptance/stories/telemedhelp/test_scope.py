"""TelemedHelp: what support does not do, what it plans, where clients look first."""

from tests.acceptance.stories.driver import Story


def test_what_is_not_served_is_declined_by_its_clause(story: Story) -> None:
    """1.5, 5.1: the client is referred; an error of the product is served wherever it shows."""
    story.at("2026-06-01 10:00")
    number, _ = story.write("Установите приложение на наши телефоны.", "Установка")
    story.letters()
    problem = story.refuses(number, "close", 422, outcome="out_of_scope")
    assert (problem["clause"], problem["fields"]) == ("1.5", {"category": "is needed"})
    story.act(number, "category", "PUT", category="product_error")
    assert story.refuses(number, "close", 409, outcome="out_of_scope")["clause"] == "5.2"
    story.act(number, "category", "PUT", category="installation", reason="просят установить")
    story.act(number, "close", outcome="out_of_scope", facts={"refer_to": "служба ИТ вашей клиники"})
    said = ("установка на устройства пользователя", "пункт 5.1", "служба ИТ вашей клиники")
    story.letter(f"Запрос #{number}: обращение закрыто", *said, automatic=True)


def test_a_release_is_told_and_nothing_is_promised(story: Story) -> None:
    """2.2, 2.3: with which release it comes is shown on the ticket; there is no time of solution."""
    story.at("2026-06-02 10:00")
    number, _ = story.write()
    story.act(number, "line", "PUT", line="development", reason="нужна доработка")
    story.act(number, "release", "PUT", release="2.4", day="2026-07-01")
    ticket = story.ticket(number)
    assert (ticket["planned_release"], ticket["planned_day"]) == ("2.4", "2026-07-01")
    story.promises(number, "resolution", None, "running", "2.3", kind="none")
    story.promises(number, "dev_reaction", "2026-06-05 20:00", "running", "4.2")


def test_the_documentation_is_named_first(story: Story) -> None:
    """1.4: the promise and the intake say where to look; nobody is kept from asking."""
    story.at("2026-06-03 10:00")
    places = ["https://doc.telemed.help/", "https://patient.telemed.help/"]
    chat = {"channel_kind": "chat", "requester": "user-7", "contact": story.client}
    assert story.do("POST", "/v1/promise", **chat)["read_first"] == places
    taken = story.do("POST", "/v1/tickets", subject="Как сменить тариф?", **chat)
    assert (taken["read_first"], taken["outcome"]) == (places, "ticket")


def test_mail_is_accepted_with_its_letter(story: Story) -> None:
    """6.10: a letter that came back means that the request is not accepted; the client's answer shows that it is."""
    story.at("2026-06-04 10:00")
    number, _ = story.write()
    story.at("2026-06-04 10:30")
    acknowledgement = story.letters()[-1]
    story.bounce(acknowledgement)
    ticket = story.ticket(number)
    assert (ticket["accepted_at"], ticket["flags"]) == (None, ["not_accepted"])
    story.mail("Номер вижу.", answers=acknowledgement)
    ticket = story.ticket(number)
    assert (ticket["accepted_at"] is not None, ticket["flags"]) == (True, [])
