"""What every notifier promises, as tests: subclass these in a plugin's own tests, and pytest runs them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

import pytest

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.notifiers import Notification, NotificationSender, Notifier, TargetGone
from helpdesk.testing.channels import run

SECRET = "whsec_" + "QUJD" * 8
"""What the kit's notifications are signed with."""


class NotifierContract:
    """Every notifier: its name, its settings, its targets, what it sends and how it fails."""

    targets: ClassVar[Mapping[str, str]]
    """Targets as people write them, with their canonical forms. At least one."""
    no_targets: ClassVar[Sequence[str]]
    """What is no target. At least one."""

    def notifier(self) -> Notifier:
        """Return the notifier under test."""
        raise NotImplementedError

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[NotificationSender, str, list[bytes]]]:
        """Give a sender, a target that behaves so, and the list in which it puts what it took, its id included.

        ``behaviour``: ``takes``; ``busy`` (says: later); ``ended`` (wants nothing any more); ``gone`` (cannot be
        reached); ``drops`` (takes it, and the connection breaks before its answer).
        """
        raise NotImplementedError

    def test_name_is_a_short_lower_case_name(self) -> None:
        """Letters, digits and underscores, the same every time."""
        name = self.notifier().name
        assert name == self.notifier().name
        assert name.isascii()
        assert name.islower()
        assert name.replace("_", "").isalnum()

    def test_settings_are_paragraphs(self) -> None:
        """Each begins with HELPDESK_<NAME>_ and is explained."""
        for name, paragraph in self.notifier().settings().items():
            assert name.startswith(f"HELPDESK_{self.notifier().name.upper()}_")
            assert len(paragraph.split()) >= 3

    def test_targets_have_one_form(self) -> None:
        """Each form of a target gives the canonical one, and that one itself."""
        notifier = self.notifier()
        assert self.targets
        for written, canonical in self.targets.items():
            assert notifier.normalise(written) == canonical
            assert notifier.normalise(canonical) == canonical

    def test_what_is_no_target_is_refused(self) -> None:
        """ValueError, nothing else; empty, control characters and endless text included. The text does not quote it."""
        notifier = self.notifier()
        for text in (*self.no_targets, "", "\x00", "\r\n", "x" * 100_000, "\ud800"):
            with pytest.raises(ValueError) as problem:  # noqa: PT011 - the text is the plugin's
                notifier.normalise(text)
            assert len(str(problem.value)) < 200

    def test_a_sender_is_made_without_settings(self) -> None:
        """What it needs has defaults."""
        assert isinstance(self.notifier().sender({}), NotificationSender)

    def test_an_event_is_sent_once_and_the_targets_word_returned(self) -> None:
        """One call, one event there, byte for byte; the return value is not empty."""

        async def main() -> None:
            async with self.remote("takes") as (sender, target, taken):
                assert await sender.send(self.notification(target))
                assert len(taken) == 1
                assert self.notification(target).body in taken[0]

        run(main())

    def test_a_repeated_event_can_be_recognised(self) -> None:
        """Two sendings of one event carry its id both times."""

        async def main() -> None:
            async with self.remote("takes") as (sender, target, taken):
                for _ in range(2):
                    await sender.send(self.notification(target))
                assert len(taken) == 2
                assert all(self.notification(target).id.encode() in each for each in taken)

        run(main())

    @pytest.mark.parametrize("behaviour", ["busy", "gone", "drops"])
    def test_what_may_work_later_is_a_temporary_failure(self, behaviour: str) -> None:
        """Busy, unreachable, or silent after taking it: tried again."""

        async def main() -> None:
            async with self.remote(behaviour) as (sender, target, _):
                with pytest.raises(TemporaryFailure) as problem:
                    await sender.send(self.notification(target))
                assert SECRET not in str(problem.value)

        run(main())

    def test_a_target_that_wants_nothing_any_more_says_so(self) -> None:
        """TargetGone, which is permanent: the subscription ends."""

        async def main() -> None:
            async with self.remote("ended") as (sender, target, _):
                with pytest.raises(TargetGone) as problem:
                    await sender.send(self.notification(target))
                assert isinstance(problem.value, PermanentFailure)

        run(main())

    def notification(self, target: str) -> Notification:
        """Return an event to send."""
        body = '{"type":"ticket.registered","timestamp":"2026-03-04T07:10:00+00:00","data":{"number":17,"note":"ё"}}'
        return Notification("018f0000-0000-7000-8000-000000000001", target, (SECRET,), body.encode())
