"""SpecPromDesign: equipment whose act of acceptance is not signed."""

from tests.acceptance.stories.driver import Story

CLAUSE = "Порядок активации услуг"


def test_without_an_act_there_is_no_service_yet(stranger: Story) -> None:
    """The service begins with the signed act: before, the letter is kept and refused with the clause and the reason."""
    stranger.at("2026-05-13 10:00")
    stranger.registered(equipment={"name": "Шкаф управления"})
    stranger.mail("Не работает.")
    refusal = stranger.ledger("refused")
    assert (refusal["clause"], refusal["sender"]) == (CLAUSE, stranger.client)
    stranger.letter("Обращение не принято: СпецПромДизайн", CLAUSE, "с подписания акта", automatic=True)
    assert stranger.tickets() == 0
    problem = stranger.call().json()
    assert (problem["status"], problem["clause"]) == (422, CLAUSE)


def test_from_the_day_of_the_act_on_there_is(stranger: Story) -> None:
    """The same client on the day on which the act was signed."""
    stranger.at("2026-05-14 00:00")
    stranger.registered(equipment={"name": "Шкаф управления", "accepted_on": "2026-05-14"})
    number, _ = stranger.write()
    stranger.promises(number, "reaction", "2026-05-18 14:00", "running", "Классификация заявок")
