"""PASS24: nobody can drive in, on a public holiday."""

from tests.acceptance.stories.driver import Story

FACTS = ("not_client_fault", "confirmed_by_staff")


def test_on_a_holiday_there_is_the_mail_only(story: Story) -> None:
    """1.2: a call and a form are refused with the mail's address; the letter is taken; work begins on the 12th."""
    story.at("2026-01-04 12:00")
    problem = story.call().json()
    assert (problem["status"], problem["clause"]) == (422, "1.2")
    assert "support@pass24online.ru" in problem["hint"]
    form = {"subject": "Не открывается", "channel_kind": "web", "requester": "user-1"}
    assert story.ask("POST", "/v1/tickets", **form).json()["clause"] == "1.2"
    assert story.tickets() == 0
    number, _ = story.write("Ни один пропуск не действует.", "Въезд закрыт")
    story.letter(f"ID #{number}: обращение принято", "получено 04.01.2026 12:00", automatic=True)
    problem = story.refuses(number, "level", 422, "PUT", level="high", criterion="въезд невозможен")
    assert problem["clause"] == "1.5.1"
    story.act(number, "level", "PUT", level="high", criterion="въезд невозможен", facts=FACTS)
    story.promises(number, "resolution", "2026-01-12 13:00", "running", "1.5.1")
    story.at("2026-01-12 12:00")
    story.alerts(number, "Приближается срок «решение»: 12.01.2026 13:00")
    story.at("2026-01-12 13:00")
    story.alerts(number, "Срок «решение» нарушен")


def test_an_ordinary_weekend_takes_calls_and_the_high_level_may_go_first(story: Story) -> None:
    """1.2, 1.5.1: Saturday is no holiday; due on Monday at 13:00; out of turn goes the high level alone."""
    story.at("2026-03-14 23:00")
    number = story.call(level="high", criterion="въезд невозможен", facts=FACTS).json()["number"]
    story.promises(number, "resolution", "2026-03-16 13:00", "running", "1.5.1")
    usual, _ = story.write()
    assert story.refuses(usual, "expedite", 422, cause="просят")["clause"] == "1.2"
    story.act(number, "expedite", cause="восстановление критически важного проекта")
    queue = [entry["number"] for entry in story.do("GET", "/v1/queue?limit=200")["items"]]
    assert queue.index(number) < queue.index(usual)
