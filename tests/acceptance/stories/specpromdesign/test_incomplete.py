"""SpecPromDesign: what is needed to find the fault is missing."""

from tests.acceptance.stories.driver import Story


def test_every_approach_opens_a_request(story: Story) -> None:
    """General provisions: registered whatever is missing; work waits for the details, the reaction does not."""
    story.at("2026-05-19 08:00")
    number, sent = story.write("Сломалось", "Помогите")
    story.letter(f"[#{number}] Заявка зарегистрирована", "зарегистрирована под номером", answers=sent, automatic=True)
    missing = ["серийный номер устройства", "что видно на индикаторах"]
    story.act(number, "replies", kind="question", missing=missing)
    told = (f"Заявка {number} зарегистрирована, но её решение отложено до уточнения", *missing)
    asked = story.letter(f"[#{number}] Помогите", *told, answers=sent)
    assert story.ticket(number)["state"] == "waiting"
    # low: 9 h on Tuesday, 9 h on Wednesday, 6 h on Thursday
    story.promises(number, "reaction", "2026-05-21 14:00", "running", "Классификация заявок")
    story.at("2026-05-20 08:00")
    story.mail("Серийный номер 17.", answers=asked)
    assert story.ticket(number)["state"] == "open"
    story.promises(number, "reaction", "2026-05-21 14:00", "running", "Классификация заявок")


def test_a_call_in_which_something_was_missing_waits_from_the_first_moment(story: Story) -> None:
    """General provisions: the agent says what is missing, the letter with the number says that the solution waits."""
    story.at("2026-05-26 08:00")
    missing = ["серийный номер устройства", "что видно на индикаторах"]
    answer = story.call(missing=missing)
    assert answer.status_code == 201
    number = answer.json()["number"]
    told = (f"Заявка {number} зарегистрирована, но её решение отложено до уточнения", *missing)
    story.letter(f"[#{number}] Заявка зарегистрирована", *told, automatic=True)
    ticket = story.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["needs"]) == ("waiting", ["incomplete"], "promise")
    assert ticket["waits"][0]["missing"] == missing
    # low: 9 h on Tuesday, 9 h on Wednesday, 6 h on Thursday; the wait takes nothing from it
    story.promises(number, "reaction", "2026-05-28 14:00", "running", "Классификация заявок")
    story.act(number, "details", details={missing[0]: "17"})
    assert story.ticket(number)["state"] == "waiting"
    story.at("2026-05-26 12:00")
    story.act(number, "details", details={missing[1]: "горит красный"})
    ticket = story.ticket(number)
    assert (ticket["state"], ticket["flags"], ticket["needs"]) == ("new", [], "work")
    assert story.log(number)[-3:] == ["supplied", "supplied", "resumed"]
    story.promises(number, "reaction", "2026-05-28 14:00", "running", "Классификация заявок")
