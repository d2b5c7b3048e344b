"""The plugins of a registry, each run apart from the service and from each other."""

import asyncio
import sys
from collections.abc import Mapping

from msgspec.structs import replace

from helpdesk.contracts.channels import Channel, Collected
from helpdesk.plugins.registry import Registry
from helpdesk.plugins.runner import Runner
from helpdesk.plugins.sides import ApartCarrier, ApartChannel, ApartCollected, ApartNotifier

SHORT_TURN_SECONDS = 0.001
"""How long a thread keeps the interpreter while a plugin stands still: it may spin, and Python's 5 ms are long."""


class Apart:
    """Every plugin's runner; ``registry`` is the one given, with every plugin behind its runner."""

    def __init__(self, registry: Registry) -> None:
        self._providers = registry.providers
        self._turn_seconds = sys.getswitchinterval()
        self._runners: dict[str, Runner] = {}
        channels = {kind: self._channel(kind, channel) for kind, channel in registry.channels.items()}
        carriers = {
            name: ApartCarrier(self._runner(f"carrier:{name}"), carrier) for name, carrier in registry.carriers.items()
        }
        notifiers = {
            name: ApartNotifier(self._runner(f"notifier:{name}"), notifier)
            for name, notifier in registry.notifiers.items()
        }
        self.registry = replace(registry, channels=channels, carriers=carriers, notifiers=notifiers)

    def standing(self) -> Mapping[str, float]:
        """Return for how many seconds which plugins' code has stood still, by the plugins' names."""
        found = {plugin: runner.standing_seconds for plugin, runner in self._runners.items()}
        return {plugin: seconds for plugin, seconds in found.items() if seconds}

    def look(self) -> None:
        """Look whether every plugin's loop turns. Called every second."""
        for runner in self._runners.values():
            runner.look()
        sys.setswitchinterval(SHORT_TURN_SECONDS if self.standing() else self._turn_seconds)

    async def end(self, within_seconds: float) -> None:
        """End every plugin's loop; those that stand still are left to the process's end."""
        await asyncio.gather(*(runner.end(within_seconds) for runner in self._runners.values()))
        sys.setswitchinterval(self._turn_seconds)

    def _channel(self, kind: str, channel: Channel) -> ApartChannel:
        runner = self._runner(f"channel:{kind}")
        if isinstance(channel, Collected):
            return ApartCollected(runner, channel, channel.collects)
        return ApartChannel(runner, channel)

    def _runner(self, provided: str) -> Runner:
        plugin = self._providers.get(provided, provided)
        if plugin not in self._runners:
            self._runners[plugin] = Runner(plugin)
        return self._runners[plugin]
