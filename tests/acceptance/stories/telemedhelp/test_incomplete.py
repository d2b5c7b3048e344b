"""TelemedHelp: the letter says next to nothing."""

from tests.acceptance.stories.driver import Story


def test_a_poor_letter_is_registered_and_told_what_would_help(story: Story) -> None:
    """6.2: what should be told hastens, and is no condition: number and clock come all the same."""
    story.at("2026-03-18 09:00")
    number, sent = story.write("Не работает", "помогите")
    story.letter(
        f"Запрос #{number}: обращение принято", "описание проблемы по шагам", "версия продукта", "платформа",
        answers=sent, automatic=True,
    )  # fmt: skip
    story.promises(number, "reaction", "2026-03-18 09:05", "running", "3.1")
    story.at("2026-03-18 09:04")
    story.act(number, "replies", kind="question", text="Что именно не работает?")
    story.promises(number, "reaction", "2026-03-18 09:05", "met", "3.1")  # asking is reacting
    assert story.ticket(number)["state"] == "waiting"
    story.mail("Не приходит код.", answers=story.letter(f"Запрос #{number}: помогите", answers=sent))
    story.promises(number, "reaction_followup", "2026-03-18 09:09", "running", "2.4")
    assert story.ticket(number)["state"] == "open"
