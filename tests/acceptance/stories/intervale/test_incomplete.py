"""Intervale: the letter says next to nothing."""

from tests.acceptance.stories.driver import Story


def test_what_is_asked_for_is_awaited_and_the_solution_s_clock_waits_too(story: Story) -> None:
    """5.3, 5.8: a letter cannot be refused for what it lacks; the question stops the clock until the answer."""
    story.at("2026-06-29 10:00")
    number, sent = story.write("Не работает", "помогите")
    story.letter(f"[Ticket #{number}] Запрос зарегистрирован", answers=sent, automatic=True)
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    problem = story.refuses(number, "pauses", 422, reason="waiting_client")
    assert problem["clause"] == "5.8"  # nobody waits for what nobody asked
    story.at("2026-06-29 11:00")
    story.act(number, "replies", kind="question", text="Какая операция не проходит?")
    asked = story.letter(f"[#{number}] помогите", "Какая операция не проходит?", answers=sent)
    story.promises(number, "resolution", None, "paused", "4.2")
    story.at("2026-06-29 21:00")
    story.mail("Перевод по номеру.", answers=asked)
    clock = story.promises(number, "resolution", "2026-06-30 04:00", "running", "4.2")  # seven hours are left
    assert (clock["elapsed_seconds"], clock["paused_seconds"]) == (3600, 10 * 3600)
