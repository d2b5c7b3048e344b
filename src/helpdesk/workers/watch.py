"""The watch: looks every second whether plugins' loops turn, and has it said where one stands still."""

from collections.abc import Callable

from helpdesk.workers.periodic import Periodic


class Watch(Periodic):
    """Looks."""

    name = "watch"

    def __init__(self, look: Callable[[], None], *, every_seconds: float = 1.0) -> None:
        super().__init__(every_seconds=every_seconds)
        self._look = look

    async def work(self) -> None:
        """Look once."""
        self._look()
