"""An import's mapping is read strictly, and its files in the encoding that they have."""

from pathlib import Path

import pytest
from tests.integration.history.test_import import CSV_MAPPING

from helpdesk.history.mapping import load_mapping
from helpdesk.history.records import encoding_of
from helpdesk.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('id = "Номер"', 'idd = "Номер"', "mapping.toml:11: ticket.idd: unknown key 'idd'"),
        ('format = "csv"', 'format = "xls"', "mapping.toml:5: file.format:"),
        ("Europe/Moscow", "Europe/Moskva", "mapping.toml:7: file.zone: there is no zone 'Europe/Moskva'"),
        ('what = "resolved"', 'what = "solved"', "columns[1].what"),
        ('channel."Почта"', 'chanel."Почта"', "nothing here is called 'chanel' (did you mean 'channel'?)"),
        ("defaults.line", "defaults.lien", "defaults.lien: nothing here is called 'lien' (did you mean 'line'?)"),
        ('channel = "Канал"\n', "", "no column says the channel"),
        ('delimiter = ";"', 'delimiter = ";;"', "file.delimiter"),
        ('source = "otrs"', 'source = "OTRS 5"', "mapping.toml:1: source"),
        ("[file]", "[file", "mapping.toml:4"),
    ],
)  # fmt: skip
def test_a_mapping_is_read_strictly(before: str, after: str, said: str, tmp_path: Path) -> None:
    """Every mistake with file, line and key."""
    assert before in CSV_MAPPING
    file = tmp_path / "mapping.toml"
    file.write_text(CSV_MAPPING.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        load_mapping(file)
    assert said in refused.value.detail


def test_encodings_are_declared_or_detected(tmp_path: Path) -> None:
    """UTF-8 where all of it can be read so, however long; else cp1251; what is declared is taken at its word."""
    file = tmp_path / "x"
    file.write_bytes("я".encode() * 700_000)
    assert encoding_of(file, "detect") == "utf-8-sig"
    file.write_bytes("я".encode() * 700_000 + b"\xff")
    assert encoding_of(file, "detect") == "cp1251"
    assert encoding_of(file, "koi8-r") == "koi8-r"
    with pytest.raises(Invalid):
        encoding_of(tmp_path / "none", "detect")
