"""Siroca: everything stands still in a holiday's night."""

from tests.acceptance.stories.driver import Story


def test_level_one_runs_round_the_clock_but_for_the_update(story: Story) -> None:
    """2.4, 2.6, 2.7: five hours from 02:00 on Nooruz; an announced update of an hour and a half does not count."""
    story.at("2026-03-21 02:00")
    number, _ = story.write("Стоит вся клиника.", "Авария")
    story.act(number, "level", "PUT", level="1", criterion="система остановлена, 40 пользователей", affected=12)
    story.promises(number, "resolution", "2026-03-21 07:00", "running", "2.6")
    story.at("2026-03-21 03:00")
    problem = story.refuses(number, "pauses", 422, reason="update")
    assert problem["clause"] == "2.7"  # first the notice to the client's authorised persons
    story.letters()
    story.act(number, "replies", kind="notice", text="С 03:00 ставим внеплановое обновление.")
    story.letter(f"[#{number}] Авария", "С 03:00 ставим внеплановое обновление.")
    story.act(number, "pauses", reason="update")
    story.promises(number, "resolution", None, "paused", "2.6")
    story.at("2026-03-21 04:30")
    story.ask("DELETE", f"/v1/tickets/{number}/pauses/update")
    story.promises(number, "resolution", "2026-03-21 08:30", "running", "2.6")
    story.at("2026-03-21 07:15")
    story.alerts(number, "Приближается срок «решение»: 21.03.2026 08:30")  # at three quarters: 3 h 45 min
    story.at("2026-03-21 08:30")
    story.promises(number, "resolution", "2026-03-21 08:30", "breached", "2.6")
    story.alerts(number, "Срок «решение» нарушен")


def test_levels_three_and_four_wait_for_working_days(story: Story) -> None:
    """2.4, 2.6: after Friday the 20th (a holiday): Monday and Tuesday; five days end on Friday the 27th; no update."""
    story.at("2026-03-20 23:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="3", criterion="небольшая ошибка", affected=12)
    story.promises(number, "resolution", "2026-03-24 18:00", "running", "2.6")
    story.act(number, "replies", kind="notice", text="Обновление.")
    assert story.refuses(number, "pauses", 422, reason="update")["clause"] == "2.7"
    story.act(number, "level", "PUT", level="4", criterion="нужен отчёт", affected=12)
    story.promises(number, "resolution", "2026-03-27 18:00", "running", "2.6")


def test_the_higher_level_goes_first(story: Story) -> None:
    """2.5: of several requests the more critical one; nothing else is taken out of turn."""
    story.at("2026-03-23 10:00")
    first, _ = story.write("Отчёт")
    second, _ = story.write("Авария")
    story.act(first, "level", "PUT", level="4", criterion="нужен отчёт", affected=12)
    story.act(second, "level", "PUT", level="1", criterion="система остановлена", affected=12)
    queue = [entry["number"] for entry in story.do("GET", "/v1/queue?limit=200")["items"]]
    assert queue.index(second) < queue.index(first)
    assert story.refuses(first, "expedite", 422, cause="просят")["clause"] == "2.5"
