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


def test_an_empty_letter_is_asked_at_once_for_what_every_request_must_contain(story: Story) -> None:
    """5.3, 5.8: registered, asked for by a date, and meanwhile the solution waits; somebody is responsible (5.6)."""
    story.at("2026-06-29 10:00")  # a Monday
    number, sent = story.write(" ", "Перевод")
    story.letter(
        f"[Ticket #{number}] Запрос зарегистрирован", "решение отложено до уточнения", "- подробное описание вопроса",
        "Ждём вашего ответа до 03.07.2026 00:00", answers=sent, automatic=True,
    )  # fmt: skip
    ticket = story.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["needs"]) == ("waiting", ["incomplete"], "responsible")
    assert [wait["reason"] for wait in ticket["waits"]] == ["incomplete"]
    # To 24:00 of the third working day: Tuesday, Wednesday, Thursday.
    story.promises(number, "missing_information", "2026-07-03 00:00", "running", "5.8", kind="term")
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.promises(number, "resolution", None, "paused", "4.2")
    story.act(number, "accept", agent="Анна")
    assert story.ticket(number)["needs"] == ""
    story.at("2026-07-03 00:00")
    assert (story.ticket(number)["state"], story.ticket(number)["needs"]) == ("waiting", "ask_again")
    story.act(number, "replies", kind="question", text="Что случилось с переводом?")
    asked = story.letter(f"[#{number}] Перевод", "Ждём вашего ответа до 09.07.2026 00:00", answers=sent)
    story.at("2026-07-03 12:00")
    story.mail("Не дошёл.", answers=asked)
    ticket = story.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["waits"]) == ("open", [], [])
    clock = story.promises(number, "resolution", "2026-07-03 20:00", "running", "4.2")  # its eight hours begin now
    assert (clock["elapsed_seconds"], clock["paused_seconds"]) == (0, 98 * 3600)


def test_a_letter_in_words_of_its_own_waits_for_nothing(story: Story) -> None:
    """5.3: what it may have told is asked for with the number, and the work begins."""
    story.at("2026-06-30 10:00")
    number, sent = story.write("Перевод не дошёл: отправил и жду.", "Перевод")
    subject = f"[Ticket #{number}] Запрос зарегистрирован"
    story.letter(subject, "если вы их ещё не сообщили", "- действия по воспроизведению", answers=sent, automatic=True)
    assert (story.ticket(number)["state"], story.ticket(number)["waits"]) == ("new", [])
