"""Letters that look alike are one letter wherever words and names are compared."""

import pytest

from helpdesk.domain.clients import name_key
from helpdesk.store.words import stem, words_of


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("  Кузнецовa   Ольга ", "кузнецова ольга"),  # a Latin a
        ("CЕМЁНОВ", "семенов"),  # a Latin C
        ("ООО Acme", "ооо acme"),  # a word that is Latin throughout stays so
        ("PASS24 Москва", "pass24 москва"),
        ("ООО «Ромашка»", "ооо ромашка"),
        ('ООО "Ромашка"', "ооо ромашка"),
        ("ООО „Ромашка“ ", "ооо ромашка"),
        ("Сервис — Плюс", "сервис - плюс"),
        ('"»', '"»'),
    ],
)
def test_names_are_compared_in_one_script(written: str, key: str) -> None:
    """A Latin letter within a Cyrillic word is the Cyrillic one that looks like it; a Latin word is left alone."""
    assert name_key(written) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("терминал", "терминалы"), ("журнал", "журналами"), ("портал", "порталов"), ("филиал", "филиале"),
        ("канал", "каналы"), ("чек", "чеки"), ("экране", "экраны"), ("1C", "1С"), ("кaсса", "кассы"),
        ("Иванов", "Иванову"), ("Фёдоров", "Федоровой"), ("Соловьёв", "Соловьевым"), ("вызов", "вызовы"),
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    """However a word is inflected, and whichever keyboard a letter of it came from."""
    assert [*map(stem, words_of(one))] == [*map(stem, words_of(other))]
