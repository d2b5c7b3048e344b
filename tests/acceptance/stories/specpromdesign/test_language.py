"""SpecPromDesign: somebody writes in another language."""

from tests.acceptance.stories.driver import Story


def test_a_letter_in_english_is_registered_and_asked_for_in_russian(story: Story) -> None:
    """General provisions: support is in Russian; the letter is a request all the same, and its reaction runs."""
    story.at("2026-06-01 09:00")
    number, sent = story.write("The cabinet does not start, please help us as soon as you can.", "Cabinet broken")
    ticket = story.ticket(number)
    assert "other_language" in ticket["flags"]
    (notice,) = [mail for mail in story.letters() if "по-русски" in mail.subject]
    assert "ведётся на русском языке" in notice.text
    assert str(notice.message["In-Reply-To"]) == sent
    story.promises(number, "reaction", "2026-06-03 15:00", "running", "Классификация заявок")
    story.mail("Шкаф управления не включается с утра.", answers=notice)
    assert story.log(number)[-1] != "withheld"
    assert [mail for mail in story.letters() if "по-русски" in mail.subject] == []
