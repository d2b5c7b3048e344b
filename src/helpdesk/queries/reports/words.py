"""The words of reports, in Russian and English, and how either language writes numbers."""

from collections.abc import Mapping
from typing import Literal

Lang = Literal["ru", "en"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "attainment_title": ("Соблюдение сроков", "SLA attainment"),
    "averages_title": ("Средние сроки", "Means promised over a period"),
    "age_title": ("Возраст открытых обращений", "Age of unclosed tickets"),
    "balance_title": ("Баланс журнала приёма", "The ledger's balance"),
    "sla_title": ("Отчёт о соблюдении сроков поддержки", "Support SLA report"),
    "all_organisations": ("все организации", "all organisations"),
    "received_in_month": ("Получено обращений", "Tickets received"),
    "closed_of_them": ("из них закрыто", "of these closed"),
    "promises": ("Обязательства", "Promises"),
    "share": ("доля", "share"),
    "breaches": ("Нарушения", "Breaches"),
    "no_breaches": ("Нарушений нет", "There are none"),
    "exclusions": ("Не учтено", "Not counted"),
    "no_exclusions": ("Исключений нет", "There are none"),
    "excluded_because": ("почему не учтено", "why it is not counted"),
    "editions": ("Редакции регламента", "Editions of the regulation"),
    "times_by": ("Время указано по часам", "Times are by the clock of"),
    "not_over": ("месяц ещё не окончен", "the month is not over"),
    "how_counted": (
        "Соблюдение — доля обязательств, выполненных до срока, среди выполненных и нарушенных; обязательство "
        "относится к месяцу, в котором начался отсчёт. Проценты округлены вниз.",
        "Attainment is the share of promises kept, of those kept or broken; a promise belongs to the month in which "
        "its time began to count. Percentages are rounded down.",
    ),
    "subject": ("тема", "subject"),
    "started_at": ("начало отсчёта", "counted from"),
    "due": ("выполнить до", "due"),
    "stopped_at": ("выполнено", "done"),
    "not_yet": ("ещё нет", "not yet"),
    "over": ("просрочка", "late by"),
    "over_seconds": ("просрочка, с", "late by, s"),
    "counted_as": ("учтено как", "counted as"),
    "cause": ("причина", "cause"),
    "comparison_title": ("Прежняя система и этот регламент", "The old system and this regulation"),
    "compared": ("обращений", "tickets"),
    "here": ("здесь", "here"),
    "there": ("там", "there"),
    "kept_here": ("соблюдено бы здесь", "would be kept here"),
    "kept_there": ("соблюдено там", "kept there"),
    "closing": ("закрытие", "closing"),
    "number": ("номер", "number"),
    "source_id": ("номер там", "number there"),
    "done_at": ("сделано", "done"),
    "due_here": ("срок здесь", "due here"),
    "due_there": ("срок там", "due there"),
    "tenant": ("компания", "tenant"),
    "target": ("срок", "target"),
    "level": ("уровень", "level"),
    "line": ("линия", "line"),
    "channel": ("канал", "channel"),
    "agent": ("сотрудник", "agent"),
    "organisation": ("организация", "organisation"),
    "month": ("месяц", "month"),
    "origin": ("источник", "origin"),
    "state": ("состояние", "state"),
    "day": ("день", "day"),
    "met": ("соблюдено", "met"),
    "breached": ("нарушено", "breached"),
    "running": ("идёт", "running"),
    "excluded": ("исключено", "excluded"),
    "merged": ("исключено: объединены", "excluded: merged"),
    "closed": ("исключено: закрыты раньше", "excluded: closed before"),
    "unknown": ("исключено: срок не задан", "excluded: time not known"),
    "attainment": ("соблюдение, %", "attainment, %"),
    "goal_met": ("цель: достигнута", "goal: met"),
    "goal_missed": ("цель: пропущена", "goal: missed"),
    "goal_running": ("цель: идёт", "goal: running"),
    "goal_excluded": ("цель: исключено", "goal: excluded"),
    "goal_attainment": ("цель: достижение, %", "goal: attainment, %"),
    "clause": ("пункт", "clause"),
    "population": ("совокупность", "population"),
    "first_day": ("с", "from"),
    "last_day": ("по", "to"),
    "unit": ("время", "time"),
    "promised_seconds": ("обещано, с", "promised, s"),
    "promised": ("обещано", "promised"),
    "counted": ("учтено", "counted"),
    "mean_seconds": ("среднее, с", "mean, s"),
    "mean": ("среднее", "mean"),
    "open": ("открыто", "open"),
    "open_seconds": ("открытые, с", "open so far, s"),
    "average_state": ("итог", "state"),
    "rest_mean_seconds": ("допустимое среднее остатка, с", "mean left for the open, s"),
    "expected": ("ожидается ещё", "expected"),
    "rest_mean_expected_seconds": ("допустимое среднее с ожидаемыми, с", "mean left with the expected, s"),
    "kept": ("соблюдено", "kept"),
    "missed": ("нарушено", "missed"),
    "keepable": ("ещё можно соблюсти", "can still be kept"),
    "failing": ("открытые уже не спасут", "cannot be kept by the open ones"),
    "empty": ("нет обращений", "nothing counted"),
    "count": ("обращений", "tickets"),
    "p50_seconds": ("50 %, с", "50%, s"),
    "p75_seconds": ("75 %, с", "75%, s"),
    "p90_seconds": ("90 %, с", "90%, s"),
    "p95_seconds": ("95 %, с", "95%, s"),
    "oldest_seconds": ("старейшее, с", "oldest, s"),
    "oldest_number": ("старейшее, номер", "oldest, number"),
    "oldest": ("старейшее", "oldest"),
    "half": ("половина моложе", "half are younger than"),
    "most": ("90 % моложе", "90% are younger than"),
    "channel_kind": ("канал", "channel"),
    "received": ("получено", "received"),
    "imported": ("из них перенесено", "of these imported"),
    "balanced": ("сходится", "balanced"),
    "ticket": ("обращение", "ticket"),
    "follow_up": ("продолжение", "follow-up"),
    "consulted": ("консультация", "consulted"),
    "held": ("отложено", "held"),
    "noted": ("принято к сведению", "noted"),
    "refused": ("отказано", "refused"),
    "quarantined": ("карантин", "quarantined"),
    "duplicate": ("повтор", "duplicate"),
    "yes": ("да", "yes"),
    "no": ("нет", "no"),
    "of": ("из", "of"),
    "all": ("всего", "all"),
    "none": ("не указано", "none given"),
    "nothing": ("Данных нет", "There is nothing to show"),
    "more": ("и ещё строк", "and more lines"),
    "as_of": ("на", "as of"),
}


def word(key: str, lang: Lang) -> str:
    """Return a word; a key that is none (a level's name, an outcome of later days) as it is."""
    found = _WORDS.get(key)
    return key if found is None else found[lang == "en"]


def number(value: int | float | None, lang: Lang) -> str:
    """Return a number as people of the language write it; a dash for none. Thousands are parted by thin blanks."""
    if value is None:
        return "–"
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    whole, _, part = text.partition(".")
    point, part = ("," if lang == "ru" else "."), part.rstrip("0")
    return whole.replace(",", "\u202f") + (point + part if part else "")


def duration(seconds: int | None, lang: Lang) -> str:
    """Return a span in its two largest units: ``3 д 4 ч``, ``3 d 4 h``; a dash for none."""
    if seconds is None:
        return "–"
    sign, left = ("−" if seconds < 0 else ""), abs(seconds)
    parts: list[str] = []
    for size, ru, en in ((86_400, "д", "d"), (3_600, "ч", "h"), (60, "мин", "min"), (1, "с", "s")):
        count, left = divmod(left, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count}\u00a0{ru if lang == 'ru' else en}")
    return sign + " ".join(parts[:2])
