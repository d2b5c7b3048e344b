"""Evidence of a ticket holds as it was handed out; no altered byte does, and no lie that only the seal fits."""

import asyncio
import random
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.integration.desk.conftest import SAMPLE
from tests.integration.sim.test_same_as_feeding import BEGIN, Town, history

from helpdesk.contracts.messages import Attachment
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import HOUR, MINUTE
from helpdesk.kernel.principal import system
from helpdesk.queries.tickets.evidence import SIGNED_AS, gather_evidence, seal_evidence
from helpdesk.regulation.certifying.seal import Seal, canonical
from helpdesk.store.instance import installation
from helpdesk.store.tickets import Tickets
from helpdesk.verify.certificates import Refused
from helpdesk.verify.evidence import check_contents, read_evidence, verify_evidence

FIND = Directory().of
ORIGINAL = "From: client@client.example\r\nSubject: Не работает\r\n\r\nСовсем не работает.\r\n".encode()

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))

Document = dict[str, Any]


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A ticket with an original, letters, a pause, a breach and notes as number 1; random ones after it."""
    folder = tmp_path_factory.mktemp("evidence")
    shutil.copy(sqlite_template, folder / "town.db")
    made = Town(f"sqlite:///{folder}/town.db", SAMPLE)

    async def live() -> None:
        files = (Attachment("снимок.png", "image/png", PICTURE),)
        mail = replace(made.letter(1, BEGIN), raw=ORIGINAL, message_id="<1@client.example>", attachments=files)
        await made.desk.receive(system("channel:email", made.tenant), Arrival(mail))
        made.numbers[1] = 1
        steps: list[tuple[int, TicketCommand]] = [
            (BEGIN + 5 * MINUTE, commands.Assign(1, "ann", inform_client=True)),
            (BEGIN + 15 * MINUTE, commands.SetLevel(1, "high", "стоят все")),
            (BEGIN + 20 * MINUTE, commands.Reply(1, ReplyKind.QUESTION, "Какая версия?")),
            (BEGIN + 30 * MINUTE, commands.AddNote(1, 'Заметка ✓ «кавычки» \\u0000 "x"')),
        ]
        for at, command in steps:
            await made.do((at, 1, command))
        await made.do((BEGIN + 3 * HOUR, 1, "again"))
        await made.do((BEGIN + 9 * HOUR, 1, commands.Reply(1, ReplyKind.ANSWER, "Обновите", resolves=True)))
        for step in [(at + 9 * HOUR, place + 1, what) for at, place, what in history(4, 12)]:
            await made.do(step)

    asyncio.run(live())
    yield made
    made.database.close()


def evidence(town: Town, number: int = 1) -> bytes:
    gathered = town.database.read_now(town.agent, lambda session: gather_evidence(session, number, FIND))
    return seal_evidence(gathered, town.desk.resources.files.get)


@pytest.fixture(scope="module")
def seal(town: Town) -> Seal:
    return Seal(town.database.read_now(system("test"), installation).secret)


def test_evidence_of_every_ticket_holds(town: Town, seal: Seal) -> None:
    """Whatever happened to it: handed out, it is found whole by the second implementation, signed by the service."""
    for number in range(1, 14):
        found = verify_evidence(evidence(town, number), [seal.public_key])
        assert (found.tenant, found.ticket, found.fingerprint) == ("sample", number, seal.fingerprint)
    with pytest.raises(NotFound):
        evidence(town, 99)


def test_everything_is_in_it(town: Town) -> None:
    """Log, messages with texts, the original, letters with what became of them, clocks, certificates, ledger."""
    document = read_evidence(evidence(town))
    log = town.database.read_now(town.agent, lambda s: Tickets(s).log(Tickets(s).by_number(1).id))
    assert [(entry["seq"], entry["what"], entry["actor"]) for entry in document["log"]] == [
        (entry.seq, entry.what.value, entry.actor) for entry in log
    ]
    texts = [message["text"] for message in document["messages"]]
    assert {"Какая версия?", "Обновите", 'Заметка ✓ «кавычки» \\u0000 "x"'} <= set(texts)
    assert len(document["originals"]) == 1
    assert [(file["name"], file["size"]) for file in document["attachments"]] == [("снимок.png", len(PICTURE))]
    assert [b64decode(content) for content in document["files"].values()] == [PICTURE]
    purposes = [letter["payload"]["purpose"] for letter in document["letters"]]
    assert {"acknowledgement", "notice", "question", "answer"} <= set(purposes)
    assert {"reaction/0", "resolution/0", "auto_close/0"} <= set(document["certificates"])
    assert [line["outcome"] for line in document["ledger"]] == ["ticket", "follow_up"]
    assert list(document["snapshots"]) == [document["row"]["snapshot_hash"]]


def test_no_altered_byte_holds(town: Town, seal: Seal) -> None:
    """A bit turned, a byte added, taken away or moved, anywhere: refused, with or without a key to trust."""
    content = evidence(town)
    luck = random.Random(11)
    for turn in range(600):
        place = luck.randrange(len(content))
        byte = content[place : place + 1]
        match turn % 4:
            case 0:
                mutant = content[:place] + bytes([byte[0] ^ (1 << luck.randrange(8))]) + content[place + 1 :]
            case 1:
                mutant = content[:place] + luck.choice((b" ", b"\n", b"0", byte, b"\xd0")) + content[place:]
            case 2:
                mutant = content[:place] + content[place + 1 + luck.randrange(3) :]
            case _:
                other = luck.randrange(len(content))
                low, high = min(place, other), max(place, other)
                mutant = content[:low] + content[high : high + 1] + content[low + 1 : high] + byte + content[high + 1 :]
        if mutant == content:
            continue
        with pytest.raises(Refused):
            verify_evidence(mutant, [seal.public_key] if turn % 2 else [])
    for mutant in (content + b"\n", b"\xef\xbb\xbf" + content, content[:-1], b"", b"[]", b"null"):
        with pytest.raises(Refused):
            verify_evidence(mutant)


def test_another_key_does_not_stand_in(town: Town, seal: Seal) -> None:
    """Sealed anew with a key of one's own it holds for whoever trusts nobody in particular, and for nobody else."""
    document = {key: value for key, value in read_evidence(evidence(town)).items() if key not in {"hash", "signature"}}
    forged = canonical(Seal(b"x" * 32).sealed(document, SIGNED_AS))
    with pytest.raises(Refused, match="not by the key that is trusted"):
        verify_evidence(forged, [seal.public_key])
    with pytest.raises(Refused):  # its certificates are signed by the true key, not by the one that sealed the whole
        verify_evidence(forged)
    as_certificate = canonical(seal.sealed(document))
    with pytest.raises(Refused, match="signature"):
        verify_evidence(as_certificate)


def _drop_entry(document: Document) -> None:
    del document["log"][3]


def _renumber(document: Document) -> None:
    _drop_entry(document)
    for seq, entry in enumerate(document["log"], 1):
        entry["seq"] = seq
    document["row"]["last_seq"] -= 1


def _move(document: Document) -> None:
    document["log"][2]["at"], document["log"][-1]["at"] = document["log"][-1]["at"], document["log"][2]["at"]


LIES: dict[str, Callable[[Document], None]] = {
    "an entry left out": _drop_entry,
    "an entry left out, the rest renumbered": _renumber,
    "entries out of order": _move,
    "an entry after the present": lambda d: d["log"][-1].update(at="2099-01-01T00:00:00+00:00"),
    "another number": lambda d: d.update(ticket=7),
    "another snapshot": lambda d: d["row"].update(snapshot_hash="0" * 64),
    "a snapshot altered": lambda d: d["snapshots"].update({d["row"]["snapshot_hash"]: "{}"}),
    "an original altered": lambda d: d["originals"].update({next(iter(d["originals"])): "eA=="}),
    "an original taken away": lambda d: d["originals"].clear(),
    "an original added": lambda d: d["originals"].update({"0" * 64: "eA=="}),
    "a file altered": lambda d: d["files"].update({next(iter(d["files"])): "eA=="}),
    "a file taken away": lambda d: d["files"].clear(),
    "a file of nothing": lambda d: d["attachments"].clear(),
    "a file of another size": lambda d: d["attachments"][0].update(size=1),
    "a file of another message": lambda d: d["attachments"][0].update(message_id="x"),
    "a message twice": lambda d: d["messages"].append(d["messages"][0]),
    "a message of no entry": lambda d: d["messages"][0].update(seq=10_000),
    "a certificate taken away": lambda d: d["certificates"].pop("resolution/0"),
    "a certificate of another clock": lambda d: d["certificates"].update(
        {"reaction/0": d["certificates"]["resolution/0"]}
    ),
    "a certificate of no clock": lambda d: d["certificates"].update({"nothing/0": d["certificates"]["resolution/0"]}),
    "another state": lambda d: d["clocks"][0].update(state="met" if d["clocks"][0]["state"] != "met" else "breached"),
    "another due instant": lambda d: d["clocks"][0].update(due="2026-03-04T00:00:00+00:00"),
    "a clock twice": lambda d: d["clocks"].append(d["clocks"][0]),
    "closed, says the row": lambda d: d["row"].update(state="closed" if d["row"]["state"] != "closed" else "open"),
    "an act about something else": lambda d: d["audit"].append(
        {"id": "x", "at": "2026-03-04T00:00:00+00:00", "act": "key.create", "object": "key:1"}
    ),
    "an unknown part": lambda d: d.update(more=[]),
    "a missing part": lambda d: d.pop("letters"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_that_is_sealed_fits_nothing_else(lie: str, town: Town, seal: Seal) -> None:
    """Sealed anew by the true key, what contradicts itself is refused all the same."""
    document = read_evidence(evidence(town))
    check_contents(document)
    LIES[lie](document)
    bare = {key: value for key, value in document.items() if key not in {"hash", "signature"}}
    with pytest.raises(Refused):
        verify_evidence(canonical(seal.sealed(bare, SIGNED_AS)), [seal.public_key])
