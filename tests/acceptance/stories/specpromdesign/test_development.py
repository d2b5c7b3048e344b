"""SpecPromDesign: the third line changes software. No line has a term of its own."""

from tests.acceptance.stories.driver import Story


def test_handing_over_moves_no_deadline(story: Story) -> None:
    """Terms: line 3 does what changes the software; reaction counts from the registration, whoever works on it."""
    story.at("2026-05-18 09:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="high", criterion="существенно влияет на работу")
    before = story.clocks(number)
    assert story.ticket(number)["line"] == "line_1"
    story.act(number, "line", "PUT", line="line_2", reason="диагностика")
    story.act(number, "line", "PUT", line="line_3", reason="доработка ПО")
    assert story.ticket(number)["line"] == "line_3"
    after = story.clocks(number)
    assert {name: clock["due"] for name, clock in after.items()} == {
        name: clock["due"] for name, clock in before.items()
    }
    story.promises(number, "reaction", "2026-05-18 13:00", "running", "Классификация заявок")
    problem = story.refuses(number, "line", 422, "PUT", line="development")
    assert problem["fields"] == {"line": "one of line_1, line_2, line_3"}
