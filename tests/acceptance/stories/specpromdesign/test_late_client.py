"""SpecPromDesign: the client's details take long. The text sets clients no term."""

from tests.acceptance.stories.driver import Story

HOURS = "Классификация заявок"


def test_waiting_for_details_stops_no_reaction_and_ends_nothing(story: Story) -> None:
    """General provisions: the solution is put off, the reaction is not; silence closes nothing."""
    story.at("2026-04-20 08:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="medium", criterion="незначительно влияет на работу")
    story.act(number, "replies", kind="question", text="Какой серийный номер?")
    asked = story.letters()[-1]
    assert "Ждём вашего ответа до" not in asked.text
    story.promises(number, "reaction", "2026-04-20 16:00", "running", HOURS)
    story.at("2026-04-20 16:00")
    story.promises(number, "reaction", "2026-04-20 16:00", "breached", HOURS)
    story.at("2026-06-01 12:00")
    assert story.ticket(number)["state"] == "waiting"
    assert not [clock for clock in story.clocks(number).values() if clock["kind"] == "term"]
    story.mail("Номер 17.", answers=asked)
    assert story.ticket(number)["state"] == "open"


def test_a_word_after_the_end_is_a_request_of_its_own(story: Story) -> None:
    """A request is opened for every approach: the late one has a number and 24 working hours of its own."""
    story.at("2026-04-21 10:00")
    number, _ = story.write()
    story.act(number, "close", outcome="solved")
    closing = story.letters()[-1]
    story.at("2026-04-22 08:00")
    story.mail("Снова не работает.", answers=closing)
    late = story.newest()
    assert (late["follows"], late["level"]) == (number, "low")
    # 9 h on Wednesday, 9 h on Thursday, 6 h on Friday
    story.promises(late["number"], "reaction", "2026-04-24 14:00", "running", HOURS)
