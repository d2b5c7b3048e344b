"""TelemedHelp: the question needs development."""

from tests.acceptance.stories.driver import Story


def test_development_reacts_within_three_working_days(story: Story) -> None:
    """4.2: from the hand-over on Friday the 6th: 9 March is a day off, so the 10th, 11th and 12th, until 20:00."""
    story.at("2026-03-06 15:00")
    number, sent = story.write("Нужна выгрузка в Excel", "Пожелание")
    story.at("2026-03-06 15:02")
    story.act(number, "replies", kind="answer", text="Передаём разработчикам.")
    story.letters()
    story.at("2026-03-06 16:00")
    story.act(number, "line", "PUT", line="development", reason="доработка")
    story.promises(number, "dev_reaction", "2026-03-12 20:00", "running", "4.2")
    story.promises(number, "resolution", None, "running", "2.3", kind="none")
    story.at("2026-03-12 19:59:59")
    story.alerts(number, "Приближается срок «реакция отдела разработки»: 12.03.2026 20:00")
    story.act(number, "replies", kind="notice", text="Взято в план на второй квартал.")
    story.letter(f"Запрос #{number}: Пожелание", "Взято в план на второй квартал.", answers=sent)
    story.at("2026-03-13 09:00")
    story.promises(number, "dev_reaction", "2026-03-12 20:00", "met", "4.2")
    story.alerts(number)
