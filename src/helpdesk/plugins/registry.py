"""The registry of everything plugins provide, and the list of what is wrong with them.

Each plugin is looked at alone: its manifest first (without importing it), then its import, its hooks against the
specification, and each hook's call. Whatever one of these raises is written down as a problem of that plugin.
Entry points are taken in the order of their names, before folders; of two that provide the same, the first stays.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy
from msgspec import Struct

from helpdesk.contracts.carriers import Carrier
from helpdesk.contracts.channels import Answering, Channel, Collected
from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP, PROJECT, Hooks
from helpdesk.contracts.manifest import Manifest
from helpdesk.contracts.notifiers import Notifier
from helpdesk.contracts.regulations import RegulationPackage
from helpdesk.plugins.folders import find_regulations
from helpdesk.plugins.manifests import ManifestProblem, read_manifest
from helpdesk.plugins.problems import Problem, Trouble, call_alone

_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CHANNEL_METHODS = ("settings", "normalise", "listener", "sender")
_CARRIER_METHODS = ("settings", "carriage")
_NOTIFIER_METHODS = ("settings", "normalise", "sender")


class Registry(Struct, frozen=True):
    """What there is: channels by kind, carriers and notifiers by name, regulations by tenant, manifests, problems."""

    channels: Mapping[str, Channel]
    regulations: Mapping[str, RegulationPackage]
    manifests: Mapping[str, Manifest]
    problems: tuple[Problem, ...]
    notifiers: Mapping[str, Notifier] = {}
    carriers: Mapping[str, Carrier] = {}
    providers: Mapping[str, str] = {}
    """Which plugin provides what: ``channel:<kind>``, ``carrier:<name>``, ``notifier:<name>``, by the plugin's name."""

    @property
    def collecting(self) -> Mapping[str, str]:
        """The kinds of channels whose clients come for their letters, with how the addresses of those begin."""
        return {kind: channel.collects for kind, channel in self.channels.items() if isinstance(channel, Collected)}

    @property
    def answering(self) -> Answering:
        """Who is answered on the channel that they asked by."""
        collecting = self.collecting
        kinds = (kind for kind, channel in self.channels.items() if channel.answers)
        return Answering({kind: collecting.get(kind, "") for kind in kinds})


def new_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    return manager


def build_registry(
    folders: Sequence[Path] = (),
    *,
    found: Iterable[EntryPoint] | None = None,
    objects: Mapping[str, object] | None = None,
) -> Registry:
    """Load every plugin and every regulation folder. Never raises for a plugin's fault.

    Args:
        folders: regulations' folders, or folders that hold them.
        found: entry points instead of those that are installed (group ``helpdesk.plugins``).
        objects: plugin objects by name that need no entry point and no manifest (tests, embedding).
    """
    builder = _Builder()
    points = entry_points(group=ENTRY_POINT_GROUP) if found is None else found
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        builder.add_entry_point(point)
    for name, plugin in (objects or {}).items():
        builder.add_plugin(name, plugin)
    for folder, package in find_regulations(folders):
        if isinstance(package, RegulationPackage):
            builder.add_regulation(str(folder), package)
        else:
            builder.report(str(folder), Trouble.FOLDER, package)
    return Registry(
        builder.channels,
        builder.regulations,
        builder.manifests,
        tuple(builder.problems),
        builder.notifiers,
        builder.carriers,
        builder.providers,
    )


class _Builder:
    """Gathers one registry."""

    def __init__(self) -> None:
        self.manager = new_manager()
        self.channels: dict[str, Channel] = {}
        self.carriers: dict[str, Carrier] = {}
        self.notifiers: dict[str, Notifier] = {}
        self.regulations: dict[str, RegulationPackage] = {}
        self.manifests: dict[str, Manifest] = {}
        self.problems: list[Problem] = []
        self.providers: dict[str, str] = {}

    def report(self, plugin: str, trouble: Trouble, cause: str) -> None:
        self.problems.append(Problem(plugin, trouble, cause))

    def add_entry_point(self, point: EntryPoint) -> None:
        try:
            manifest = read_manifest(point)
        except ManifestProblem as problem:
            return self.report(point.name, Trouble.MANIFEST, str(problem))
        plugin, cause = call_alone(point.load)
        if plugin is None:
            return self.report(point.name, Trouble.IMPORT, cause or "there is nothing to load")
        self.manifests[point.name] = manifest
        provided = self.add_plugin(point.name, plugin)
        if provided is not None and provided != set(manifest.provides):
            said, done = sorted(manifest.provides), sorted(provided)
            self.report(point.name, Trouble.MANIFEST, f"says it provides {said}, and provides {done}")
        return None

    def add_plugin(self, name: str, plugin: object) -> set[str] | None:
        """Take in a plugin's hooks; return what they provide, or None where one of them failed."""
        cause = _hooks_wrong(plugin) or call_alone(lambda: self.manager.register(plugin, name))[1]
        if cause:
            self.report(name, Trouble.HOOK, cause)
            return None
        provided: set[str] = set()
        before = len(self.problems)
        for caller in self.manager.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    provided |= self._call(name, caller.name, implementation)
        self.providers |= dict.fromkeys(provided, name)
        return provided if len(self.problems) == before else None

    def _call(self, name: str, hook: str, implementation: pluggy.HookImpl) -> set[str]:
        if implementation.hookwrapper or implementation.wrapper:
            self.report(name, Trouble.HOOK, f"{hook} is a wrapper: plugins do not stand around each other")
            return set()
        result, cause = call_alone(implementation.function)
        if cause:
            self.report(name, Trouble.CALL, f"{hook}: {cause}")
            return set()
        if hook == "register_channel":
            return self.add_channel(name, result)
        if hook == "register_carrier":
            return self.add_carrier(name, result)
        if hook == "register_notifier":
            return self.add_notifier(name, result)
        return self.add_regulation(name, result)

    def add_channel(self, name: str, channel: Any) -> set[str]:
        kind, cause = call_alone(lambda: channel.kind)
        if cause or not isinstance(kind, str) or not _KIND.fullmatch(kind):
            self.report(name, Trouble.RESULT, f"register_channel: kind is {kind!r} ({cause or 'not a channel kind'})")
            return set()
        if self._lacks(name, "channel", kind, channel, _CHANNEL_METHODS):
            return set()
        answers, cause = call_alone(lambda: channel.answers)
        if cause or not isinstance(answers, bool):
            said = cause or f"{answers!r} is neither true nor false"
            self.report(name, Trouble.RESULT, f"register_channel: answers of channel {kind}: {said}")
            return set()
        collects, cause = call_alone(lambda: getattr(channel, "collects", ""))
        if cause or not isinstance(collects, str):
            said = cause or f"{collects!r} is no text"
            self.report(name, Trouble.RESULT, f"register_channel: collects of channel {kind}: {said}")
            return set()
        if kind in self.channels or kind in self.carriers:
            self.report(name, Trouble.DUPLICATE, f"channel {kind} is there already")
            return set()
        self.channels[kind] = channel
        return {f"channel:{kind}"}

    def add_carrier(self, name: str, carrier: Any) -> set[str]:
        said, cause = call_alone(lambda: (carrier.name, carrier.follows))
        own, follows = said or ("", "")
        if cause or not all(isinstance(each, str) and _KIND.fullmatch(each) for each in (own, follows)):
            what = cause or f"name {own!r}, follows {follows!r}: not both names"
            self.report(name, Trouble.RESULT, f"register_carrier: {what}")
            return set()
        if self._lacks(name, "carrier", own, carrier, _CARRIER_METHODS):
            return set()
        if own in self.carriers or own in self.channels:
            self.report(name, Trouble.DUPLICATE, f"a carrier or channel {own} is there already")
            return set()
        self.carriers[own] = carrier
        return {f"carrier:{own}"}

    def add_notifier(self, name: str, notifier: Any) -> set[str]:
        own, cause = call_alone(lambda: notifier.name)
        if cause or not isinstance(own, str) or not _KIND.fullmatch(own):
            self.report(name, Trouble.RESULT, f"register_notifier: name is {own!r} ({cause or 'not a name'})")
            return set()
        if self._lacks(name, "notifier", own, notifier, _NOTIFIER_METHODS):
            return set()
        if own in self.notifiers:
            self.report(name, Trouble.DUPLICATE, f"notifier {own} is there already")
            return set()
        self.notifiers[own] = notifier
        return {f"notifier:{own}"}

    def _lacks(self, name: str, what: str, own: str, given: object, methods: Sequence[str]) -> bool:
        """Say whether what a plugin registers lacks one of the methods of such a ``what``; report those it lacks."""
        lacking = [method for method in methods if not _has_method(given, method)]
        if lacking:
            self.report(name, Trouble.RESULT, f"register_{what}: {what} {own} has no {', '.join(lacking)}")
        return bool(lacking)

    def add_regulation(self, name: str, package: Any) -> set[str]:
        if not isinstance(package, RegulationPackage):
            self.report(name, Trouble.RESULT, f"register_regulation: {type(package).__name__} is no RegulationPackage")
            return set()
        if package.tenant in self.regulations:
            self.report(name, Trouble.DUPLICATE, f"regulation of {package.tenant} is there already")
            return set()
        self.regulations[package.tenant] = package
        return {f"regulation:{package.tenant}"}


def _hooks_wrong(plugin: object) -> str:
    """Return what is wrong with the plugin's hooks, tried on a manager of its own; ``""`` where nothing is."""

    def trial() -> None:
        manager = new_manager()
        manager.register(plugin)
        manager.check_pending()
        if not manager.get_hookcallers(plugin):
            raise LookupError("it implements no hook")

    return call_alone(trial)[1]


def _has_method(thing: object, name: str) -> bool:
    method, _ = call_alone(lambda: getattr(thing, name))
    return callable(method)
