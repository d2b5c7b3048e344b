"""PASS24: the letter says next to nothing."""

from tests.acceptance.stories.driver import Story


def test_what_should_be_told_is_named_and_demanded_of_nobody(story: Story) -> None:
    """3.2: the acknowledgement names what hastens; number, level and limit come all the same."""
    story.at("2026-03-18 17:00")
    number, sent = story.write("не работает", "помогите")
    story.letter(
        f"ID #{number}: обращение принято", "модель телефона и версия его ОС", "версия продукта",
        answers=sent, automatic=True,
    )  # fmt: skip
    story.promises(number, "resolution", "2026-03-25 18:00", "running", "1.5.2")
    story.act(number, "replies", kind="question", text="Какая версия приложения?")
    asked = story.letter(f"ID #{number}: помогите", "Какая версия приложения?", answers=sent)
    story.at("2026-03-19 09:00")
    story.mail("2.5", answers=asked)
    # The hour of the day of receipt is none of the term's: the wait has cost nothing.
    story.promises(number, "resolution", "2026-03-25 18:00", "running", "1.5.2")
