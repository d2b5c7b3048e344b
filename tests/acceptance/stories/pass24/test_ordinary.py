"""PASS24: a letter of the ordinary level, solved within its range."""

from tests.acceptance.stories.driver import Story


def test_the_range_is_a_goal_and_a_limit(story: Story) -> None:
    """1.5.2: aimed at 24 working hours (8 + 9 + 7), at most five days without weekends: the 12th to the 18th."""
    story.at("2026-03-11 10:00")
    number, sent = story.write("Пропуск не открывает шлагбаум.", "Шлагбаум")
    story.letter(
        f"ID #{number}: обращение принято", "получено 11.03.2026 10:00", f"ID #{number}", answers=sent, automatic=True
    )
    clock = story.promises(number, "resolution", "2026-03-18 18:00", "running", "1.5.2")
    assert clock["goal"] == "2026-03-13T13:00:00Z"  # Friday, 16:00 in Moscow
    story.promises(number, "reaction", None, "running", "1.2", kind="unknown")  # promised, and no number given
    story.at("2026-03-13 16:00")
    assert story.log(number)[-1] == "goal_passed"
    story.promises(number, "resolution", "2026-03-18 18:00", "running", "1.5.2")
    story.at("2026-03-16 12:00")
    story.act(number, "replies", kind="answer", text="Исправлено.", resolves=True)
    story.letter(f"ID #{number}: Шлагбаум", "Исправлено.", answers=sent)
    story.promises(number, "resolution", "2026-03-18 18:00", "met", "1.5.2")
    story.act(number, "confirm", text="Проверили, спасибо.")
    story.letter(f"ID #{number}: обращение закрыто", "закрыто: решено", automatic=True)
    story.alerts(number)


def test_the_low_level_s_goal_never_lies_after_its_limit(story: Story) -> None:
    """1.5.3: 48 working hours from 15:00 would end on the next Wednesday at 18:00 and later; five days are the end."""
    story.at("2026-03-11 16:00")
    number, _ = story.write()
    story.act(number, "level", "PUT", level="low", criterion="общий вопрос")
    clock = story.promises(number, "resolution", "2026-03-18 18:00", "running", "1.5.3")
    assert clock["goal"] == "2026-03-18T15:00:00Z"


def test_letters_join_by_the_number_only_from_a_proved_sender(story: Story) -> None:
    """3.5: the ID in the subject adds a letter to its request; a sender who proves nothing is looked at first."""
    story.at("2026-03-12 10:00")
    number, _ = story.write()
    story.letters()
    story.mail("Ещё подробность.", f"ID #{number}: ещё", results="dmarc=pass header.from=clients.example")
    assert story.log(number)[-1] == "client_message"
    story.mail("И ещё.", f"ID #{number}: ещё")
    assert story.ledger("held")["sender"] == story.client
    assert story.tickets() == 1
