"""Siroca: the letter says next to nothing."""

from tests.acceptance.stories.driver import Story


def test_it_is_registered_and_asked_and_its_mean_counts(story: Story) -> None:
    """3.2, 2.6: what a request should contain is asked for; asking is the response, and stops the solution's clock."""
    story.at("2026-03-25 10:00")
    number, sent = story.write("не работает", "помогите")
    lacks = ("если вы их ещё не сообщили", "- периодичность возникновения", "- ФИО ответственного лица")
    story.letter(f"[#{number}] Обращение зарегистрировано", *lacks, answers=sent, automatic=True)
    assert story.ticket(number)["state"] == "new"  # 3.2 hastens, it holds nothing
    story.act(number, "level", "PUT", level="4", criterion="нужен отчёт", affected=12)
    story.promises(number, "resolution", "2026-04-01 18:00", "running", "2.6")
    story.at("2026-03-25 10:09")
    story.act(number, "replies", kind="question", text="Опишите шаги и пришлите снимки экрана.")
    asked = story.letter(f"[#{number}] помогите", "Опишите шаги", answers=sent)
    mean = story.promises(number, "reaction", "2026-03-25 10:15", "met", "2.6", kind="average")
    assert mean["elapsed_seconds"] == 540
    story.promises(number, "resolution", None, "paused", "2.6")
    story.at("2026-03-27 09:00")
    story.mail("Шаги: открыть отчёт.", answers=asked)
    # Of the term's days the 26th was lost whole: nine hours are put behind the 1st of April.
    story.promises(number, "resolution", "2026-04-02 18:00", "running", "2.6")
