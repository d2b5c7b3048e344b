"""SpecPromDesign: a letter, rated, taken into work by an engineer, solved. The text numbers no clauses."""

from tests.acceptance.stories.driver import Story

HOURS = "Классификация заявок"


def test_the_client_is_told_in_time_which_engineer_works_on_it(story: Story) -> None:
    """Reaction is from registration to the notice naming the engineer: 2, 4, 8 or 24 working hours of 08:00-17:00."""
    story.at("2026-04-14 09:00")
    number, sent = story.write("Не выгружаются чертежи.", "Выгрузка")
    story.letter(f"[#{number}] Заявка зарегистрирована", "получена 14.04.2026 09:00", answers=sent, automatic=True)
    # low: 8 h on Tuesday, 9 h on Wednesday, 7 h on Thursday
    story.promises(number, "reaction", "2026-04-16 15:00", "running", HOURS)
    story.promises(number, "resolution", None, "running", HOURS, kind="none")
    for level, due in (("medium", "2026-04-14 17:00"), ("high", "2026-04-14 13:00"), ("critical", "2026-04-14 11:00")):
        story.act(number, "level", "PUT", level=level, criterion="по классификации заявок")
        story.promises(number, "reaction", due, "running", HOURS)
    story.at("2026-04-14 10:30")
    story.act(number, "replies", kind="answer", text="Смотрим.")  # an answer is no naming of the engineer
    story.promises(number, "reaction", "2026-04-14 11:00", "running", HOURS)
    story.letters()
    story.act(number, "accept", agent="Анна")
    text = f"С заявкой {number} работает инженер технической поддержки Анна."
    story.letter(f"[#{number}] Выгрузка", text, answers=sent)
    story.promises(number, "reaction", "2026-04-14 11:00", "met", HOURS)
    warned = ("14.04.2026 11:00",) * 2  # at 50 and 80 per cent, of which 10:36 is not reached
    story.alerts(number, f"Приближается срок «реакция»: {warned[0]}")
    story.at("2026-04-15 12:00")
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    story.letter(f"[#{number}] Выгрузка", "Исправлено.", answers=sent)
    story.act(number, "confirm", text="Звонили: работает.")
    story.letter(f"[#{number}] Обращение закрыто", "закрыто: решено", automatic=True)
