"""Intervale: the client writes after the three working days."""

from tests.acceptance.stories.driver import Story


def test_a_word_one_moment_too_late_is_a_new_request(story: Story) -> None:
    """5.10: until 24:00 of the third working day it reopens; from then on it is a request of its own, linked."""
    story.at("2026-06-08 10:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Готово.")
    story.promises(number, "client_reply", "2026-06-12 00:00", "running", "5.10", kind="term")
    answer = story.letters()[-1]
    story.at("2026-06-12 00:00")
    story.mail("Не помогло.", answers=answer)
    late = story.newest()
    assert (late["follows"], late["state"]) == (number, "new")
    assert story.ticket(number)["outcome"] == "no_more_questions"


def test_a_word_at_the_last_moment_reopens(story: Story) -> None:
    """5.10, 5.8: the very end of the third day still counts; 12 June is a holiday and no day of the term."""
    story.at("2026-06-11 10:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Готово.")
    story.promises(number, "client_reply", "2026-06-18 00:00", "running", "5.10", kind="term")  # 15, 16, 17 June
    answer = story.letters()[-1]
    story.at("2026-06-17 23:59:59.999999")
    story.mail("А где взять справку?", answers=answer)
    assert (story.ticket(number)["state"], story.tickets()) == ("open", 1)
    story.promises(number, "client_reply", "2026-06-18 00:00", "cancelled", "5.10", kind="term")
