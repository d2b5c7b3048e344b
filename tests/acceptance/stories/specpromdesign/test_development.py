"""SpecPromDesign: the third line changes software. No line has a term of its own."""

from tests.acceptance.stories.driver import Story


def test_handing_over_moves_no_deadline(story: Story) -> None:
    """Terms: line 3 does what changes the software; reaction counts from the registration, whoever works on it."""
    story.at("2026-05-18 09:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="high", criterion="существенно влияет на работу")
    before = story.clocks(number)
    assert story.ticket(number)["line"] == "line_1"
    problem = story.refuses(number, "line", 422, "PUT", line="line_2")
    assert (problem["clause"], problem["fields"]) == (
        "Термины и определения",
        {"work": "is needed", "reason": "is needed"},
    )
    story.act(number, "work", work="instructions", text="Отправлено руководство.")
    problem = story.refuses(number, "work", 409, work="remote_diagnosis")
    assert (problem["clause"], "line_2" in problem["hint"]) == ("Термины и определения", True)
    story.act(number, "line", "PUT", line="line_2", reason="диагностика", work="remote_diagnosis")
    story.act(number, "work", work="remote_diagnosis")
    story.act(number, "line", "PUT", line="line_3", reason="доработка ПО", work="software_changes")
    assert story.ticket(number)["line"] == "line_3"
    after = story.clocks(number)
    assert {name: clock["due"] for name, clock in after.items()} == {
        name: clock["due"] for name, clock in before.items()
    }
    story.promises(number, "reaction", "2026-05-18 13:00", "running", "Классификация заявок")
    problem = story.refuses(number, "line", 422, "PUT", line="development")
    assert problem["fields"] == {"line": "one of line_1, line_2, line_3"}
