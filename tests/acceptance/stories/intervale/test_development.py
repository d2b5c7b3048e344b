"""Intervale: the text knows no development department and no second line."""

from tests.acceptance.stories.driver import Story


def test_there_is_one_line(story: Story) -> None:
    """5.6: the support service's specialist is responsible; nobody else is named, so nobody else can be handed to."""
    story.at("2026-06-26 10:00")
    number, _ = story.write()
    problem = story.refuses(number, "line", 422, "PUT", line="development")
    assert problem["fields"] == {"line": "one of support"}
    assert story.log(number) == ["received", "registered"]
    story.act(number, "assignment", "PUT", agent="Борис")
    assert story.ticket(number)["assignee"] == "Борис"
