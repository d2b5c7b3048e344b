"""A promise in words that a phone agent reads aloud, in Russian and in English."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.contracts.clocks import ClockKind
from helpdesk.domain.opening import SPOKEN_ONLY
from helpdesk.domain.rights import IDENTIFICATION, INCOMPLETE, OLD_VERSION, Flag
from helpdesk.queries.views.promise import PromisedDeadline
from helpdesk.regulation.judging.explanation import place_en, place_ru
from helpdesk.regulation.vocabulary.work import Target

_MONTHS_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
_ON_RU = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
_UNTIL_RU = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FLAGS_RU = {
    IDENTIFICATION: "Нужно уточнить, кто обращается",
    INCOMPLETE: "Сведений не хватает, решение может быть отложено до уточнения",
    OLD_VERSION: "Версия продукта устарела, решение может быть отложено",
    SPOKEN_ONLY: "Номер обращения отправить вам некуда: назовите адрес почты или запишите номер",
}
_FLAGS_EN = {
    IDENTIFICATION: "Who is asking must be made clear",
    INCOMPLETE: "Details are missing, a solution may have to wait for them",
    OLD_VERSION: "The product's version is old, a solution may be postponed",
    SPOKEN_ONLY: "We have nowhere to send you the ticket's number: tell us a mail address, or write the number down",
}


class Said:
    """What is said of one request; instants are said in the regulation's zone, to the minute."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._place_ru = place_ru(zone)
        self._place_en = place_en(zone)

    def accepted_ru(
        self,
        clause: str,
        opens_at: datetime | None,
        at: datetime,
        deadlines: tuple[PromisedDeadline, ...],
        flags: tuple[Flag, ...],
        unrated: tuple[Target, ...] = (),
    ) -> str:
        """Say that it will be registered, when work begins, what is promised, and what must still be made clear.

        ``unrated``: of what is promised by level, while the request has none.
        """
        parts = [f"Обращение будет зарегистрировано ({_clause_ru(clause)})."]
        if opens_at is not None and opens_at > at:
            parts.append(f"Работа начнётся {self._at_ru(opens_at)}.")
        parts += self._promised_ru(deadlines)
        parts += [
            f"{(each.name_ru or each.name).capitalize()}: срок зависит от уровня, который будет присвоен "
            f"({_clause_ru(each.clause)})."
            for each in unrated
        ]
        parts += [f"{_FLAGS_RU[each.flag]} ({_clause_ru(each.clause)})." for each in flags if each.flag in _FLAGS_RU]
        return " ".join(parts)

    def accepted_en(
        self,
        clause: str,
        opens_at: datetime | None,
        at: datetime,
        deadlines: tuple[PromisedDeadline, ...],
        flags: tuple[Flag, ...],
        unrated: tuple[Target, ...] = (),
    ) -> str:
        """Say the same in English."""
        parts = [f"The request will be registered (clause {clause})."]
        if opens_at is not None and opens_at > at:
            parts.append(f"Work begins on {self._when_en(opens_at)}.")
        parts += self._promised_en(deadlines)
        parts += [
            f"{(each.name_en or each.name).capitalize()}: the time depends on the level that is given "
            f"(clause {each.clause})."
            for each in unrated
        ]
        parts += [f"{_FLAGS_EN[each.flag]} (clause {each.clause})." for each in flags if each.flag in _FLAGS_EN]
        return " ".join(parts)

    def refused_ru(self, clause: str, reason: str, hint: str, opens_at: datetime | None) -> str:
        """Say that it cannot be taken, why, what to do instead, and from when it could be."""
        again = f"Приём откроется {self._at_ru(opens_at)}." if opens_at is not None else ""
        return _joined(f"Обращение принять нельзя ({_clause_ru(clause)}).", reason, hint, again)

    def refused_en(self, clause: str, reason: str, hint: str, opens_at: datetime | None) -> str:
        """Say the same in English."""
        again = f"Requests are taken again from {self._when_en(opens_at)}." if opens_at is not None else ""
        return _joined(f"The request cannot be taken (clause {clause}).", reason, hint, again)

    def _promised_ru(self, deadlines: tuple[PromisedDeadline, ...]) -> Iterator[str]:
        for promised in deadlines:
            where = f"{promised.name_ru.capitalize()}"
            end = f"({_clause_ru(promised.clause)})."
            if promised.kind is ClockKind.NONE:
                yield f"{where}: срок не обещан {end}"
            elif promised.kind is ClockKind.AVERAGE:
                yield f"{where}: в среднем {promised.amount_ru} {end}"
            elif promised.kind is ClockKind.UNKNOWN:
                yield f"{where}: регламент не называет срока {end}"
            elif promised.due is None:
                yield f"{where}: срок пока нельзя назвать, календарь на эти дни ещё не известен {end}"
            else:
                yield f"{where}: не позднее {self._until_ru(promised.due)} {end}"
                if promised.disclaimed_by:
                    yield f"Этот срок регламент не гарантирует ({_clause_ru(promised.disclaimed_by)})."

    def _promised_en(self, deadlines: tuple[PromisedDeadline, ...]) -> Iterator[str]:
        for promised in deadlines:
            where = f"{promised.name_en.capitalize()}"
            end = f"(clause {promised.clause})."
            if promised.kind is ClockKind.NONE:
                yield f"{where}: no time is promised {end}"
            elif promised.kind is ClockKind.AVERAGE:
                yield f"{where}: {promised.amount_en} on average {end}"
            elif promised.kind is ClockKind.UNKNOWN:
                yield f"{where}: the regulation gives no time {end}"
            elif promised.due is None:
                yield f"{where}: the time cannot be told yet, the calendar of those days is not known {end}"
            else:
                yield f"{where}: no later than {self._when_en(promised.due)} {end}"
                if promised.disclaimed_by:
                    yield f"The regulation does not guarantee this time (clause {promised.disclaimed_by})."

    def _at_ru(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{_ON_RU[local.weekday()]}, {_date_ru(local)}, в {local:%H:%M} {self._place_ru}"

    def _until_ru(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{_UNTIL_RU[local.weekday()]}, {_date_ru(local)}, {local:%H:%M} {self._place_ru}"

    def _when_en(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return (
            f"{_DAYS_EN[local.weekday()]} {local.day} {_MONTHS_EN[local.month - 1]} {local:%Y, %H:%M} {self._place_en}"
        )


def _date_ru(local: datetime) -> str:
    return f"{local.day} {_MONTHS_RU[local.month - 1]} {local.year} года"


def _clause_ru(clause: str) -> str:
    """Name a clause: by its number, or by its section's name where the text numbers nothing."""
    return f"пункт {clause}" if clause[:1].isdigit() else f"раздел «{clause}»"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
