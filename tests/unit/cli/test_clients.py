"""A list of clients is brought in once, completed by a longer one; what contradicts it is set aside with the reason."""

import json
import re
from pathlib import Path

import pytest
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.kernel.errors import Invalid

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "import-clients.md"
HEAD = "Организация;Домен;ФИО;Почта;Телефон;Уполномочен;Вид договора;Номер договора;Действует с;Действует по"
ROWS = (
    "ООО «Берёза»;bereza.example;Анна Иванова;anna@bereza.example;+7 916 123-45-67;да"
    ";Лицензия;17;01.01.2026;31.12.2026",
    "ооо «береза»;;Борис Ким;boris@bereza.example, boris@home.example;;нет;;;;",
    "АО «Дуб»;;;;;;Сублицензия;18;01.03.2026;",
)
BAD = (
    ("АО «Дуб»;;Чужой Человек;anna@bereza.example;;;;;;", "an address is that of Анна Иванова"),
    ("АО «Дуб»;;Анна Иванова;anna@bereza.example;;;;;;", "Анна Иванова is kept as a person of another organisation"),
    ("АО «Дуб»;;Вера Ли;no address;;;;;;", "'no address' is no address of kind email"),
    ("АО «Дуб»;;;;;;Абонемент;19;01.03.2026;", "kind one of licence, sublicence"),
    ("АО «Дуб»;;;;;;Лицензия;20;1 марта;", "'1 марта' is not of the form %d.%m.%Y"),
    (";;;x@y.example;;;;;;", "neither an organisation nor a person"),
    ("АО «Дуб»;bereza.example;;;;;;;;", "The domain bereza.example is another organisation's."),
)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """The page's own mapping."""
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path / "crm.toml"
    path.write_text(found[1], "utf-8")
    return path


def listed(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([HEAD, *rows]), encoding)
    return path


def test_a_list_comes_in_once_and_a_longer_one_adds_what_it_has_more(run: Run, mapping: Path, tmp_path: Path) -> None:
    """The page's example, in cp1251 too; a dry run writes nothing; again nothing changes."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    file = listed(tmp_path / "crm.csv", *ROWS, encoding="cp1251")
    how = ("clients", "import", str(file), "--tenant", "siroca", "--mapping", str(mapping))
    dry = "3 records: 3 would be added, 0 would be changed, 0 there already, 0 rejected\n"
    assert run(*how, "--dry-run") == (0, dry)
    assert run(*how) == (0, "3 records: 3 added, 0 changed, 0 there already, 0 rejected\n")
    assert run(*how) == (0, "3 records: 0 added, 0 changed, 3 there already, 0 rejected\n")
    longer = "ООО «Берёза»;;Анна Иванова;anna@bereza.example;+7 916 765-43-21;;Лицензия;17;01.01.2026;31.12.2027"
    listed(file, *ROWS[1:], longer, "АО «Дуб»;;Глеб Ли;;;;;;;")
    assert run(*how) == (0, "4 records: 1 added, 1 changed, 2 there already, 0 rejected\n")


def test_what_contradicts_is_set_aside_with_line_and_reason(run: Run, mapping: Path, tmp_path: Path) -> None:
    """The others come in; each reject has its line, its reason and the record as it was read."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    file = listed(tmp_path / "crm.csv", *ROWS, *(row for row, _ in BAD))
    status, said = run("clients", "import", str(file), "--tenant", "siroca", "--mapping", str(mapping))
    assert (status, f"3 added, 0 changed, 0 there already, {len(BAD)} rejected" in said) == (1, True)
    rejects = [json.loads(line) for line in (tmp_path / "crm.csv.rejects.jsonl").read_text("utf-8").splitlines()]
    assert [reject["line"] for reject in rejects] == [*range(5, 5 + len(BAD))]
    for reject, (row, reason) in zip(rejects, BAD, strict=True):
        assert reason in reject["reason"], reject
        assert reject["record"]["ФИО"] == row.split(";")[2]


def test_a_mapping_s_mistakes_are_told(run: Run, tmp_path: Path) -> None:
    """With file, line and key; a list of nothing is none."""
    path = tmp_path / "crm.toml"
    path.write_text('source = "crm"\ndefaults.mial = "x"\n[file]\nformat = "csv"\n[client]\nmail = "Почта"\n', "utf-8")
    with pytest.raises(Invalid) as told:
        run("clients", "import", "none.csv", "--tenant", "siroca", "--mapping", path)
    assert "crm.toml:2: defaults.mial: nothing here is called 'mial'" in str(told.value)
    assert "no column says an organisation's name or a person's" in str(told.value)
    with pytest.raises(Invalid, match="--mapping"):
        run("clients", "import", "none.csv")
    schema = json.loads(run("clients", "import", "--schema")[1])
    assert "ClientRule" in schema["$defs"]
