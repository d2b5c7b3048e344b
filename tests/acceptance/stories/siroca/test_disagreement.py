"""Siroca: the client disagrees with the completion, with reasons."""

from tests.acceptance.stories.driver import Story


def test_the_work_goes_on_with_what_was_left_of_the_time(story: Story) -> None:
    """3.7, 2.6: two of five hours were used; the hour until the disagreement does not count; three remain."""
    story.at("2026-04-27 10:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="1", criterion="система остановлена", affected=12)
    story.promises(number, "resolution", "2026-04-27 15:00", "running", "2.6")
    story.at("2026-04-27 12:00")
    story.act(number, "replies", kind="answer", text="Перезапущено.", resolves=True)
    answer = story.letters()[-1]
    story.promises(number, "auto_close", "2026-04-28 12:00", "running", "3.7", kind="term")
    problem = story.refuses(number, "disagree", 422)
    assert problem["clause"] == "3.7"  # without reasons it is no disagreement
    story.at("2026-04-27 13:00")
    story.mail("Касса на входе так и не печатает чеки.", answers=answer)
    assert story.ticket(number)["state"] == "resolved"  # an agent reads it and judges
    story.promises(number, "auto_close", "2026-04-28 12:00", "cancelled", "3.7", kind="term")
    story.act(number, "disagree")
    assert (story.ticket(number)["state"], story.log(number)[-1]) == ("open", "disagreed")
    clock = story.promises(number, "resolution", "2026-04-27 16:00", "running", "2.6")
    assert (clock["elapsed_seconds"], clock["paused_seconds"]) == (7200, 3600)
    story.at("2026-04-27 14:00")
    story.act(number, "replies", kind="answer", text="Печать исправлена.", resolves=True)
    story.promises(number, "auto_close", "2026-04-28 14:00", "running", "3.7", kind="term", seq=1)
    story.at("2026-04-28 14:00")
    assert story.ticket(number)["outcome"] == "confirmed_by_silence"


def test_a_question_about_the_solution_is_answered_and_silence_counts_anew(story: Story) -> None:
    """3.7: a word that is no reasoned disagreement: it is answered that all is done, and 24 hours run from that."""
    story.at("2026-05-13 10:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    first = story.letters()[-1]
    assert "Если до 14.05.2026 10:00 ответа не будет, обращение закроется (пункт 3.7 регламента)" in first.text
    story.at("2026-05-14 09:00")
    story.mail("А где это теперь искать?", answers=first)
    ticket = story.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["needs"]) == ("resolved", ["verdict_awaited"], "verdict")
    story.promises(number, "auto_close", "2026-05-14 10:00", "cancelled", "3.7", kind="term")
    assert number in [each["number"] for each in story.do("GET", "/v1/queue?needs=verdict")["items"]]
    story.at("2026-05-14 11:00")
    assert story.ticket(number)["state"] == "resolved"  # nobody was silent
    story.act(number, "replies", kind="answer", text="В отчёте за май.", resolves=True)
    story.letter(f"[#{number}] Не работает", "В отчёте за май.", "Если до 15.05.2026 11:00 ответа не будет")
    assert (story.ticket(number)["flags"], story.ticket(number)["needs"]) == ([], "")
    story.promises(number, "auto_close", "2026-05-15 11:00", "running", "3.7", kind="term", seq=1)
    story.at("2026-05-15 11:00")
    assert story.ticket(number)["outcome"] == "confirmed_by_silence"
