"""Which ticket an agent is given next, as a reader of the five regulations would choose it among all that wait."""

from collections.abc import Iterable

from tests.support.chart import CLOSED, NEW, OPEN, RESOLVED, WAITING
from tests.support.expected import Shadow
from tests.support.readings import CLIENT

BY_LEVEL = {"specpromdesign", "intervale", "siroca"}
"""Where urgency comes first; elsewhere what is taken out of turn does."""


def first(shadows: Iterable[Shadow], line: str | None) -> Shadow | None:
    """Return the ticket that goes next to whoever asks for work on a line, or on any; None: nothing waits."""
    return min((each for each in shadows if waits(each, line)), key=place, default=None)


def waits(shadow: Shadow, line: str | None) -> bool:
    """Say whether the ticket is nobody's and somebody must act on it."""
    return not shadow.assignee and line in {None, shadow.line} and needs_an_act(shadow)


def place(shadow: Shadow) -> tuple[int, ...]:
    """Return what orders tickets: urgency or turn, then arrival, then number; the unrated may be urgent."""
    if shadow.company in BY_LEVEL:
        urgency = 0 if shadow.level is None else shadow.rules.levels.index(shadow.level)
    else:
        urgency = not shadow.expedited
    return urgency, shadow.received, shadow.number


def needs_an_act(shadow: Shadow) -> bool:
    """Say whether an agent must do something with the ticket."""
    if shadow.state == CLOSED:
        return False
    if shadow.state in {NEW, OPEN} or shadow.awaited or shadow.ask_again or shadow.withheld or shadow.lost:
        return True
    if shadow.state == RESOLVED:
        return False
    assert shadow.state == WAITING
    responsible = shadow.rules.responsible and not shadow.assignee  # Intervale 5.6
    return responsible or _is_owed(shadow)


def _is_owed(shadow: Shadow) -> bool:
    """Say whether a promise of ours runs on while the ticket waits."""
    asked = CLIENT in shadow.waits
    match shadow.company:
        case "telemedhelp":  # 2.1, 2.4, 4.2: nothing stops these clocks but a person's word
            return not shadow.reacted or shadow.words > 0 or shadow.handed_over
        case "specpromdesign":
            return not shadow.named
        case "siroca":  # 2.6, 2.7
            update = "update" in shadow.waits and shadow.level in {"1", "2"}
            return not shadow.reacted or (shadow.level is not None and not asked and not update)
        case "pass24":
            return not shadow.reacted or shadow.words > 0 or not asked
        case _:  # 4.2, 5.8
            return shadow.level is not None and not asked and "incomplete" not in shadow.waits
