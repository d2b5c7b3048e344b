"""TelemedHelp: everything stands still, at night and on a holiday."""

from tests.acceptance.stories.driver import Story


def test_a_holiday_is_a_day_as_any_other_and_the_night_does_not_count(story: Story) -> None:
    """2.1: every day from 8 to 20: a letter of New Year's night is reacted to by 08:05 on the first of January."""
    story.at("2026-01-01 02:10")
    number, _ = story.write("Работать невозможно совсем.", "Сервис недоступен")
    story.letter(f"Запрос #{number}: обращение принято", "получено 01.01.2026 02:10", automatic=True)
    story.promises(number, "reaction", "2026-01-01 08:05", "running", "3.1")
    story.at("2026-01-01 08:04:59.999999")
    assert story.clocks(number)["reaction", 0]["state"] == "running"
    story.at("2026-01-01 08:05")
    story.promises(number, "reaction", "2026-01-01 08:05", "breached", "3.1")
    story.alerts(number, "Приближается срок «реакция»: 01.01.2026 08:05", "Срок «реакция» нарушен")


def test_out_of_turn_goes_what_is_an_emergency_by_the_text(story: Story) -> None:
    """2.1, 4.1: the product failed, not by the client's fault, confirmed, no way round: all, or it keeps its turn."""
    story.at("2026-01-02 21:00")
    first, _ = story.write("Вопрос по тарифу")
    second, _ = story.write("Не открывается ни на одном устройстве")
    facts = ["not_client_fault", "confirmed_by_staff"]
    problem = story.refuses(second, "expedite", 422, cause="отказ продукта", facts=[*facts, "no_workaround"])
    assert problem["fields"] == {"category": "needs product_error"}
    story.act(second, "category", "PUT", category="product_error")
    problem = story.refuses(second, "expedite", 422, cause="отказ продукта", facts=facts)
    assert (problem["clause"], problem["fields"]) == ("4.1", {"facts": "needs no_workaround"})
    story.act(second, "expedite", cause="отказ продукта", facts=[*facts, "no_workaround"])
    queue = [entry["number"] for entry in story.do("GET", "/v1/queue?limit=200")["items"]]
    assert queue.index(second) < queue.index(first)
    story.promises(second, "reaction", "2026-01-03 08:05", "running", "3.1")
