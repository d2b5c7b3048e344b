"""PASS24: an unknown sender, an outdated product, a way that is none."""

from tests.acceptance.stories.driver import Story


def test_non_commercial_users_are_served_so_nobody_is_refused_for_being_unknown(stranger: Story) -> None:
    """3.1: clients and non-commercial users alike."""
    stranger.at("2026-03-25 10:00")
    number, _ = stranger.write()
    stranger.promises(number, "resolution", "2026-04-01 18:00", "running", "1.5.2")


def test_an_outdated_product_is_registered_and_marked(story: Story) -> None:
    """Preamble, 3.7: only updated products are supported: the agent sees it and may decline for it."""
    story.at("2026-03-25 11:00")
    number = story.call(product="app", version="1.9").json()["number"]
    assert story.ticket(number)["flags"] == ["old_version"]
    story.letters()
    problem = story.refuses(number, "close", 422, outcome="out_of_scope")
    assert problem["fields"] == {"category": "is needed"}
    story.act(number, "category", "PUT", category="outdated_product")
    story.act(number, "close", outcome="out_of_scope")
    said = ("закрыто: вопрос вне рамок поддержки", "не обновлённый продукт", "Преамбула")
    story.letter(f"ID #{number}: обращение закрыто", *said, automatic=True)


def test_a_messenger_is_no_way_to_apply(story: Story) -> None:
    """3.1: one mailbox, one form, one number."""
    body = {"subject": "Не работает", "channel_kind": "telegram", "address": "@pass24", "requester": "@guest"}
    answer = story.ask("POST", "/v1/tickets", **body)
    assert (answer.status_code, answer.json()["clause"]) == (422, "3.1")
    assert "support@pass24online.ru" in answer.json()["hint"]
