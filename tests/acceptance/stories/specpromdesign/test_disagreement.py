"""SpecPromDesign: the client is not content. The text has no rule for that: a further word goes on with the work."""

from tests.acceptance.stories.driver import Story


def test_a_further_word_sets_the_work_going_again(story: Story) -> None:
    """General provisions: requests are worked on until solved; no target comes of it, because the text has none."""
    story.at("2026-04-23 10:00")
    number, _ = story.write()
    story.act(number, "accept", agent="Анна")
    story.act(number, "resolve", text="Готово.")
    answer = story.letters()[-1]
    story.at("2026-04-24 10:00")
    story.mail("Нет, всё по-прежнему.", answers=answer)
    assert story.log(number)[-2:] == ["client_message", "reopened"]
    assert story.ticket(number)["state"] == "open"
    assert {name for name, _ in story.clocks(number)} == {"reaction", "resolution"}
    assert story.clocks(number)["reaction", 0]["state"] == "met"
    story.refuses(number, "disagree", 409, text="Не согласен.")
