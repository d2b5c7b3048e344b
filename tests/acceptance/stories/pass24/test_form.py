"""PASS24: the form that 3.1 names, on a working day and on a holiday."""

from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.pages import Page


def test_on_a_holiday_the_form_leads_to_the_mail(story: Story) -> None:
    """1.2: refused on 4 January with the mail's address; on the first working day it is taken, with its deadline."""
    story.at("2026-01-04 12:00")
    page = Page(story)
    refused = page.send(text="Пропуск не действует")
    assert (refused.status_code, refused.json()["clause"]) == (422, "1.2")
    assert "support@pass24online.ru" in refused.json()["hint"]
    assert story.tickets() == 0
    story.at("2026-01-12 09:00")
    number = page.send(text="Пропуск не действует").json()["number"]
    story.letter(f"ID #{number}: обращение принято", "получено 12.01.2026 09:00", automatic=True)
    story.promises(number, "resolution", "2026-01-19 18:00", "running", "1.5.2")  # Tue to Fri, Mon
