"""``helpdesk import``: says what became of every record, and exits as scripts expect."""

import json
import tomllib
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.history.mapping import mapping_schema
from helpdesk.kernel.errors import Invalid

DOCS = POLICIES.parent / "docs"
MAPPING = (DOCS / "howto" / "import-history.md").read_text("utf-8").split("```toml\n")[1].split("```")[0]
HEAD = "Номер;Создана;Тема;Описание;Клиент;Приоритет;Исполнитель;Первый ответ;Закрыта;Итог"
ROWS = (
    "1;02.03.2026 09:00;Вход;Не входит;c@client.example;Высокий;Анна;02.03.2026 09:05;02.03.2026 12:00;Решена",
    "2;02.03.2026 09:00;Вход;Не входит;c@client.example;Срочный;Анна;;;",
)


def test_the_pages_example_brings_in_tickets(run: Run, tmp_path: Path) -> None:
    """The mapping of the how-to works as it stands: run twice, brought in once; rejects are named."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    file, mapping = tmp_path / "export.csv", tmp_path / "otrs.toml"
    file.write_text("\n".join((HEAD, *ROWS)), encoding="cp1251")
    mapping.write_text(MAPPING, encoding="utf-8")
    words = ("import", file, "--tenant", "siroca", "--mapping", mapping)
    status, said = run(*words, "--dry-run")
    assert (status, said.splitlines()[0]) == (1, "2 records: 1 would be imported, 0 there already, 1 rejected")
    assert run("db", "verify-clocks")[1] == "0 tickets folded anew: 0 differ\n"
    status, said = run(*words)
    assert (status, said.splitlines()) == (
        1,
        [
            "2 records: 1 imported, 0 there already, 1 rejected",
            f"rejected, with reasons: {file}.rejects.jsonl",
        ],
    )
    report = json.loads(run("report", "attainment", "--tenant", "siroca", "--format", "json", "--since", "2026-03")[1])
    assert report["total"]["limit"]["met"] == 1, "closed in time as solved is a promise kept"
    reject = json.loads(Path(f"{file}.rejects.jsonl").read_text("utf-8"))
    assert (reject["line"], "no level 'Срочный'" in reject["reason"]) == (3, True)
    file.write_text("\n".join((HEAD, ROWS[0])), encoding="cp1251")
    assert run(*words) == (0, "1 records: 0 imported, 1 there already, 0 rejected\n")
    assert run("db", "verify-clocks") == (0, "1 tickets folded anew: 0 differ\n")


def test_a_column_that_the_file_has_not_is_told_before_anything_is_brought_in(run: Run, tmp_path: Path) -> None:
    """A misspelt one would be empty in every record, for good: a record is brought in once."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    file, mapping = tmp_path / "export.csv", tmp_path / "otrs.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    words = ("import", file, "--tenant", "siroca", "--mapping", mapping)
    for head, said in (
        (HEAD.replace("Приоритет", "Приоритеты"), r"ticket\.level: export.csv has no column 'Приоритет': did you mean"),
        (HEAD.replace("Первый ответ", "Ответ"), r"columns\[0\]\.at: export.csv has no column 'Первый ответ'"),
        (HEAD.replace("Описание", "Тема"), r"ticket\.subject: export.csv has 'Тема' twice"),
    ):
        file.write_text("\n".join((head, ROWS[0])), encoding="cp1251")
        with pytest.raises(Invalid, match=said):
            run(*words)
    file.write_text("\n".join((HEAD, ROWS[0])), encoding="cp1251")
    assert run(*words)[0] == 0


def test_what_is_missing_is_told(run: Run, tmp_path: Path) -> None:
    """The file, the company, the mapping, and events where the mapping wants them."""
    with pytest.raises(Invalid, match="--mapping"):
        run("import", tmp_path / "x.csv", "--tenant", "siroca")
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    with pytest.raises(Invalid, match="belong together"):
        run("import", tmp_path / "x", "--tenant", "s", "--mapping", mapping, "--events", tmp_path / "y")
    with pytest.raises(Invalid, match="cannot be read"):
        run("import", tmp_path / "x", "--tenant", "s", "--mapping", tmp_path / "none.toml")


def test_the_schema_takes_what_the_reader_takes(run: Run) -> None:
    """Printed and in the reference it is the same; the how-to's mapping fits it, a misspelt one does not."""
    printed = json.loads(run("import", "--schema")[1])
    assert (
        printed
        == mapping_schema()
        == json.loads((DOCS / "reference" / "import-mapping.schema.json").read_text("utf-8"))
    )
    example = tomllib.loads(MAPPING)
    jsonschema.validate(example, printed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**example, "sorce": "x"}, printed)
