"""Siroca: the question needs development."""

from tests.acceptance.stories.driver import Story


def test_development_has_no_term_and_stops_none(story: Story) -> None:
    """1.4, 2.6: the maximum of the level goes on; it ends with the word that a later update will bring it (3.6)."""
    story.at("2026-03-30 10:00")
    number, sent = story.write()
    story.act(number, "level", "PUT", level="4", criterion="нужен отчёт", affected=12)
    story.promises(number, "resolution", "2026-04-06 18:00", "running", "2.6")
    story.act(number, "line", "PUT", line="development", reason="нужна доработка")
    assert story.ticket(number)["line"] == "development"
    story.promises(number, "resolution", "2026-04-06 18:00", "running", "2.6")
    assert {name for name, _ in story.clocks(number)} == {"reaction", "resolution"}
    story.letters()
    story.act(number, "replies", kind="answer", text="Отчёт войдёт в одно из обновлений.")
    story.letter(f"[#{number}] Не работает", "Отчёт войдёт в одно из обновлений.", answers=sent)
    story.act(number, "close", outcome="future_update")
    story.letter(f"[#{number}] Обращение закрыто", "закрыто: будет решено в одном из обновлений", automatic=True)
