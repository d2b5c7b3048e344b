"""What every carrier promises, as tests: subclass this in a plugin's own tests, and pytest runs them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

import pytest

from helpdesk.contracts.carriers import Carriage, Carrier
from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.testing.channels import run

TEXT = "Компания: обращение 17 зарегистрировано."
"""What the kit's letters say."""
_LONGEST = 100_000


class CarrierContract:
    """Every carrier: its names, its settings, whom it reaches, what fits, what it sends and how it fails."""

    ours: ClassVar[str]
    """An address of ours for which it is configured."""
    reached: ClassVar[Sequence[str]]
    """Canonical addresses that it reaches from there. At least one."""
    not_reached: ClassVar[Sequence[str]]
    """What it does not: others' addresses, and what is none. At least one."""

    def carrier(self) -> Carrier:
        """Return the carrier under test."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, Any]:
        """Return settings under which it carries."""
        raise NotImplementedError

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[Carriage, list[bytes]]]:
        """Give a carriage whose remote side behaves so, and the list in which it puts what it took, its id included.

        ``behaviour``: ``takes``; ``busy`` (says: later); ``refuses`` (says: never); ``gone`` (cannot be reached);
        ``drops`` (takes it, and the connection breaks before its answer).
        """
        raise NotImplementedError

    def test_names_are_short_lower_case_names(self) -> None:
        """Letters, digits and underscores; it is no channel and follows one."""
        carrier = self.carrier()
        for name in (carrier.name, carrier.follows):
            assert name.isidentifier()
            assert name == name.lower()
            assert len(name) <= 32
        assert carrier.name != carrier.follows

    def test_settings_are_named_after_the_carrier_and_explained(self) -> None:
        """Each begins with HELPDESK_<NAME>_ and has a paragraph that names its default."""
        for name, paragraph in self.carrier().settings().items():
            assert name.startswith(f"HELPDESK_{self.carrier().name.upper()}_")
            assert "Default" in paragraph, name

    def test_it_rests_where_it_is_not_configured(self) -> None:
        """Without settings it is None: nobody is written to whom nobody wanted to be."""
        assert self.carrier().carriage({}) is None

    def test_it_reaches_whom_it_says_and_nobody_else(self) -> None:
        """From our address only; what is no address at all is not reached, and no error."""
        carriage = self.carriage()
        assert [each for each in self.reached if not carriage.reaches(each, self.ours)] == []
        for text in (*self.not_reached, "", "\x00", "\r\n", "x" * _LONGEST, "\ud800"):
            assert not carriage.reaches(text, self.ours)
            assert not carriage.reaches(self.reached[0], text)

    def test_whatever_a_text_that_fits_begins_with_fits(self) -> None:
        """So that the longest beginning can be looked for by halves; something is too long."""
        carriage = self.carriage()
        for text in ("a" * _LONGEST, "я" * _LONGEST, "a" * 200 + "я" * 200 + "😀" * 200, "{}[]" * 1_000):
            lengths = [length for length in range(0, min(len(text), 3_000), 7) if carriage.fits(text[:length])]
            assert lengths == list(range(0, len(lengths) * 7, 7))
        assert carriage.fits(TEXT)
        assert not carriage.fits("я" * _LONGEST)

    def test_a_letter_is_sent_once_and_the_remote_word_returned(self) -> None:
        """One call, one letter there; the return value is not empty."""

        async def main() -> None:
            async with self.remote("takes") as (carriage, taken):
                assert await carriage.send(self.message())
                assert len(taken) == 1

        run(main())

    def test_a_repeated_letter_can_be_recognised(self) -> None:
        """Two sendings of one letter carry its id both times."""

        async def main() -> None:
            async with self.remote("takes") as (carriage, taken):
                for _ in range(2):
                    await carriage.send(self.message())
                assert len(taken) == 2
                assert all(self.message().id.encode() in each for each in taken)

        run(main())

    @pytest.mark.parametrize("behaviour", ["busy", "gone", "drops"])
    def test_what_may_work_later_is_a_temporary_failure(self, behaviour: str) -> None:
        """Busy, unreachable, or silent after taking it: tried again."""

        async def main() -> None:
            async with self.remote(behaviour) as (carriage, _):
                with pytest.raises(TemporaryFailure) as problem:
                    await carriage.send(self.message())
                assert TEXT not in str(problem.value)

        run(main())

    def test_what_is_refused_for_good_is_a_permanent_failure(self) -> None:
        """A refusal that another try cannot change."""

        async def main() -> None:
            async with self.remote("refuses") as (carriage, _):
                with pytest.raises(PermanentFailure) as problem:
                    await carriage.send(self.message())
                assert TEXT not in str(problem.value)

        run(main())

    def test_nothing_is_sent_to_whom_it_does_not_reach(self) -> None:
        """However the letter came to be owed: it never goes, and nothing arrives there."""

        async def main() -> None:
            async with self.remote("takes") as (carriage, taken):
                for recipient in self.not_reached:
                    with pytest.raises(PermanentFailure):
                        await carriage.send(self.message(recipient))
                assert taken == []

        run(main())

    def carriage(self) -> Carriage:
        """Return the carriage as it is configured."""
        found = self.carrier().carriage(self.settings())
        assert isinstance(found, Carriage)
        return found

    def message(self, recipient: str = "") -> Outbound:
        """Return a letter to send."""
        return Outbound(
            id="018f0000-0000-7000-8000-000000000001",
            channel_kind=self.carrier().name,
            sender=self.ours,
            recipient=recipient or self.reached[0],
            subject="",
            text=TEXT,
            automatic=True,
            purpose="acknowledgement",
        )
