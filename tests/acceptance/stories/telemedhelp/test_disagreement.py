"""TelemedHelp: the client is not content. The text has no rule of disagreeing; 2.4 knows further words."""

from tests.acceptance.stories.driver import Story


def test_a_further_word_sets_the_work_going_again(story: Story) -> None:
    """2.4: the word reopens what was done and has five minutes; nothing more is needed, nor possible."""
    story.at("2026-03-16 10:00")
    number, _ = story.write()
    story.act(number, "replies", kind="answer", text="Переустановите приложение.", resolves=True)
    answer = story.letters()[-1]
    assert story.ticket(number)["state"] == "resolved"
    story.at("2026-03-16 10:20")
    story.mail("Не помогло: страница всё так же пуста.", answers=answer)
    assert story.log(number)[-2:] == ["client_message", "reopened"]
    story.promises(number, "reaction_followup", "2026-03-16 10:25", "running", "2.4")
    story.refuses(number, "disagree", 409, text="Не согласен")
    story.act(number, "replies", kind="answer", text="Посмотрим ещё раз.")
    story.promises(number, "reaction_followup", "2026-03-16 10:25", "met", "2.4")


def test_what_the_client_said_to_us_counts_as_well(story: Story) -> None:
    """2.4: staff may record the disagreement; the client's words are kept, and have their reaction."""
    story.at("2026-03-17 10:00")
    number, _ = story.write()
    story.act(number, "resolve", text="Готово.")
    story.at("2026-03-17 10:10")
    assert story.act(number, "disagree", text="Звонил: не работает.")["state"] == "open"
    story.promises(number, "reaction_followup", "2026-03-17 10:15", "running", "2.4")
    assert story.log(number)[-2:] == ["client_message", "disagreed"]
