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
    head = f"head-{story.client}"
    story.add_authorised(head)
    story.act(number, "replies", kind="notice", text="С 03:00 ставим внеплановое обновление.", to_authorised=True)
    story.letter(f"[#{number}] Авария", "С 03:00 ставим внеплановое обновление.")
    assert ["С 03:00 ставим внеплановое обновление." in mail.text for mail in story.letters(head)] == [True]
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


def test_an_announced_window_ends_by_itself(story: Story) -> None:
    """2.7, 2.6: the update was announced until 05:00; the clock goes on then, whoever forgets to say so."""
    story.at("2026-03-21 03:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="2", criterion="работает частично", affected=12)
    story.act(number, "replies", kind="notice", text="Обновление с 04:00 до 05:00.", to_authorised=True)
    story.at("2026-03-21 04:00")
    story.act(number, "pauses", reason="update", until="2026-03-21T05:00:00+06:00")
    story.at("2026-03-21 06:00")
    assert story.ticket(number)["state"] == "new"
    clock = story.promises(number, "resolution", "2026-03-21 12:00", "running", "2.6")  # eight hours and one
    assert clock["paused_seconds"] == 3600


def test_levels_three_and_four_wait_for_working_days(story: Story) -> None:
    """2.4, 2.6: after Friday the 20th (a holiday): Monday and Tuesday; five days end on Friday the 27th; no update."""
    story.at("2026-03-20 23:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="3", criterion="небольшая ошибка", affected=12)
    story.promises(number, "resolution", "2026-03-24 18:00", "running", "2.6")
    story.act(number, "replies", kind="notice", text="Обновление.", to_authorised=True)
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
    assert story.refuses(first, "expedite", 409, cause="просят")["clause"] == "2.5"
