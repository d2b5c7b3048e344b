"""Intervale: the highest level round the clock, the low one in working time."""

from tests.acceptance.stories.driver import Story


def test_the_highest_level_runs_through_a_holiday_s_night(story: Story) -> None:
    """4.1: round the clock: four hours from 03:00 on New Year's Day are over at 07:00."""
    story.at("2026-01-01 03:00")
    answer = story.call(level="highest", criterion="сервис недоступен", description="Ни одна операция не проходит")
    number = answer.json()["number"]
    story.letter(f"[Ticket #{number}] Запрос зарегистрирован", automatic=True)  # 5.2: the number is sent
    story.promises(number, "resolution", "2026-01-01 07:00", "running", "4.2")
    story.at("2026-01-01 06:00")
    story.alerts(number, "Приближается срок «решение»: 01.01.2026 07:00")
    story.at("2026-01-01 07:00")
    story.alerts(number, "Срок «решение» нарушен")


def test_the_others_wait_for_working_time(story: Story) -> None:
    """4.1: of January 2026 the 12th is the first working day: five working days end on the 16th at 18:00."""
    story.at("2026-01-01 04:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="low", criterion="вопрос")
    story.promises(number, "resolution", "2026-01-16 18:00", "running", "4.2")
    story.act(number, "level", "PUT", level="medium", criterion="заметно, есть обход")
    story.promises(number, "resolution", "2026-01-13 16:00", "running", "4.2")  # 16 working hours: 9 + 7
    story.act(number, "level", "PUT", level="high", criterion="часть операций не проходит")
    story.promises(number, "resolution", "2026-01-01 12:00", "running", "4.2")  # 8 hours round the clock
