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
