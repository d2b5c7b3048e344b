"""Files with messages: what is kept, what is kept aside, and that no message is lost for its files."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from tests.integration.desk.conftest import SECRET, World

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Attachment, Outcome
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.desk.upkeep.sweeping import sweep_orphans
from helpdesk.domain.attachments import LARGEST_BYTES, MOST_FILES, Attached, FileState
from helpdesk.domain.commands import Reply, ReplyKind
from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.store.attachments import Attachments
from helpdesk.store.files import FileStore

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
EXE = b"MZ" + bytes(20)


async def files_of(world: World, number: int = 1) -> tuple[Attached, ...]:
    ticket = await world.ticket(number)
    found = await world.database.read(world.agent, lambda session: Attachments(session).of(ticket.id))
    return tuple(file for file, _ in found)


async def test_files_of_a_mail_are_kept_for_what_their_bytes_are(world: World) -> None:
    """Name and declared type count for nothing; the bytes are in the store under the tenant."""
    files = (Attachment("снимок.exe", "application/x-msdownload", PNG), Attachment("../../etc/x", "image/png", b"log"))
    await world.mail(attachments=files)
    found = await files_of(world)
    assert [(file.name, file.content_type, file.state) for file in found] == [
        ("снимок.exe", "image/png", FileState.KEPT),
        ("x", "text/plain", FileState.KEPT),
    ]
    store = world.desk.resources.files
    assert [store.get(world.tenant_id, file.sha256) for file in found] == [PNG, b"log"]
    assert Happened.ATTACHMENT_REFUSED not in await world.happened()


async def test_what_the_regulation_does_not_accept_is_kept_aside_and_told(world: World) -> None:
    """The request is registered; log and client are told, with the clause and what is accepted, the file not named."""
    taken = await world.mail(attachments=(Attachment("вирус.png", "image/png", EXE), Attachment("a.png", "", PNG)))
    assert taken.outcome is Outcome.TICKET
    aside, kept = await files_of(world)
    assert (aside.state, aside.reason, aside.clause) == (FileState.QUARANTINED, "type", "4.4")
    assert kept.state is FileState.KEPT
    (refused,) = [entry for entry in await world.log() if entry.what is Happened.ATTACHMENT_REFUSED]
    assert (refused.data["name"], refused.data["clause"], refused.data["state"]) == ("вирус.png", "4.4", "quarantined")
    (letter,) = await world.owed("attachment")
    assert "4.4" in str(letter["text"])
    assert "image/" in str(letter["text"])
    assert "вирус" not in str(letter)


async def test_what_is_too_large_or_one_too_many_stays_in_the_original_only(world: World) -> None:
    """No bytes are kept for it; the client is told the limits."""
    many = tuple(Attachment(f"{n}.png", "", PNG) for n in range(MOST_FILES + 1))
    await world.mail("m1", attachments=many)
    found = await files_of(world)
    assert [file.state for file in found].count(FileState.KEPT) == MOST_FILES
    assert (found[-1].reason, found[-1].sha256) == ("count", "")
    await world.mail("m2", sender="c2@client.example", attachments=(Attachment("b", "", bytes(LARGEST_BYTES + 1)),))
    (large,) = await files_of(world, 2)
    assert (large.state, large.reason, large.size) == (FileState.REFUSED, "size", LARGEST_BYTES + 1)
    assert "20 МБ" in str((await world.owed("attachment"))[-1]["text"])


async def test_a_file_put_to_the_ticket_leaves_with_a_letter_once(world: World) -> None:
    """A letter takes along what is the ticket's, kept, and not sent before; the outbox holds no bytes."""
    await world.mail()
    put = await world.desk.put_file(world.agent, 1, Attachment("инструкция.pdf", "", b"%PDF-1.7"))
    assert (await world.log())[-1].what is Happened.ATTACHED
    reply = Reply(1, ReplyKind.NOTICE, "Смотрите вложение", attachments=(put.file.id,))
    await world.desk.change(world.agent, reply)
    (letter,) = await world.owed("notice")
    (sent,) = cast(list[dict[str, object]], letter["attachments"])
    assert (sent["name"], sent["content"], sent["sha256"]) == ("инструкция.pdf", "", put.file.sha256)
    with pytest.raises(Invalid):
        await world.desk.change(world.agent, reply)
    aside = await world.desk.put_file(world.agent, 1, Attachment("a", "", EXE))
    assert (await world.log())[-1].what is Happened.ATTACHMENT_REFUSED
    with pytest.raises(Invalid):
        await world.desk.change(world.agent, Reply(1, ReplyKind.NOTICE, "x", attachments=(aside.file.id,)))


async def test_a_held_message_keeps_its_files(world: World) -> None:
    """What waits for an agent's look is no orphan."""
    await world.mail()
    number = (await world.ticket()).number
    subject = f"Re: [#{number}] x"
    taken = await world.mail(
        "m2", sender="stranger@x.example", subject=subject, attachments=(Attachment("a", "", PNG),)
    )
    assert taken.outcome is Outcome.HELD
    store = world.desk.resources.files
    later = datetime.now(UTC) + timedelta(days=2)
    assert sweep_orphans(world.database, store, later) == (1, 0)


async def test_a_store_that_does_not_answer_takes_nothing_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail stays with its sender: nothing is acknowledged, nothing registered."""

    def fail(*_: object) -> str:
        raise Unavailable("нет связи")

    with monkeypatch.context() as patched:
        patched.setattr(FileStore, "put", fail)
        with pytest.raises(Unavailable):
            await world.mail(attachments=(Attachment("a", "", PNG),))
    assert (await world.mail(attachments=(Attachment("a", "", PNG),))).number == 1


async def test_orphans_are_swept_when_they_are_old(world: World, tmp_path: Path) -> None:
    """What a message tells of stays for ever; what none tells of goes after a day."""
    files = FileStore(f"file://{tmp_path}/files")
    there = World(world.database, Desk(world.database, Resources(Directory(), SECRET, files)), world.tenant_id)
    await there.mail(attachments=(Attachment("a", "", PNG),))
    files.put(world.tenant_id, b"orphan")
    assert sweep_orphans(world.database, files, datetime.now(UTC)) == (0, 0)
    old = datetime.now(UTC).timestamp() - 2 * 86400
    for path in (tmp_path / "files").rglob("*"):
        os.utime(path, (old, old))
    assert sweep_orphans(world.database, files, datetime.now(UTC)) == (2, 1)
    (kept,) = await files_of(there)
    assert files.get(world.tenant_id, kept.sha256) == PNG
