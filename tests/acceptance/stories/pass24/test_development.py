"""PASS24: the question needs development."""

from tests.acceptance.stories.driver import Story


def test_development_has_no_term_and_stops_none(story: Story) -> None:
    """1.3, 1.4: when it is released follows their plan; the level's maximum (1.5) is measured all the same."""
    story.at("2026-03-26 10:00")
    number, sent = story.write()
    story.promises(number, "resolution", "2026-04-02 18:00", "running", "1.5.2")
    story.act(number, "line", "PUT", line="development", reason="доработка")
    assert story.ticket(number)["line"] == "development"
    story.promises(number, "resolution", "2026-04-02 18:00", "running", "1.5.2")
    story.letters()
    story.act(number, "replies", kind="notice", text="Передано разработчикам.")
    story.letter(f"ID #{number}: Не работает", "Передано разработчикам.", answers=sent)
    story.at("2026-04-02 18:00")
    story.promises(number, "resolution", "2026-04-02 18:00", "breached", "1.5.2")
