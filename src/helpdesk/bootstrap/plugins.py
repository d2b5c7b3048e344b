"""The registry that the settings name, and each channel's share of the settings."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

import helpdesk
from helpdesk.plugins.problems import call_alone
from helpdesk.plugins.registry import Registry, build_registry
from helpdesk.settings import OWN, Settings, SettingsError, check_channels, read

_POLICIES = "policies"

_log = structlog.get_logger("helpdesk.plugins")


class Declaring(Protocol):
    """What a plugin provides and names settings for."""

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads."""
        ...


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that ``environ`` gives.

    Raises:
        SettingsError: a value is not allowed; names all that is wrong, with the settings of plugins too.
    """
    try:
        return read(environ)
    except SettingsError as problem:
        rest = read({name: value for name, value in environ.items() if name not in OWN})
        registry = build_registry(policy_folders(rest))
        try:
            _check(rest, registry)
        except SettingsError as others:
            raise SettingsError((*problem.problems, *others.problems)) from problem
        raise SettingsError((*problem.problems, *refused(rest, registry))) from problem


def load_plugins(settings: Settings) -> Registry:
    """Return the registry; a broken plugin is logged and left out, and its settings stop nobody.

    Raises:
        SettingsError: a variable with our prefix belongs neither to the service nor to any plugin; told with what
            plugins refuse.
    """
    registry = build_registry(policy_folders(settings))
    for problem in registry.problems:
        _log.error("plugin left out", plugin=problem.plugin, trouble=problem.trouble.value, cause=problem.cause)
    for name in _check(settings, registry):
        _log.warning("setting of a plugin that was left out", setting=name)
    return registry


def _check(settings: Settings, registry: Registry) -> tuple[str, ...]:
    """Demand that somebody declares each variable; return those that a plugin may that was left out.

    Raises:
        SettingsError: nobody does; told with what plugins refuse.
    """
    declared: list[str] = []
    unspoken = {problem.plugin for problem in registry.problems}
    kinds: tuple[tuple[str, Mapping[str, Declaring]], ...] = (
        ("channel", registry.channels),
        ("carrier", registry.carriers),
        ("notifier", registry.notifiers),
    )
    for kind, provided in kinds:
        for name, thing in provided.items():
            named, cause = call_alone(partial(_names, thing))
            declared += named or ()
            if cause:
                plugin = registry.providers[f"{kind}:{name}"]
                _log.error("plugin does not name its settings", plugin=plugin, cause=cause)
                unspoken |= {plugin, name}
    try:
        return check_channels(settings, declared, unspoken)
    except SettingsError as problem:
        raise SettingsError((*problem.problems, *refused(settings, registry))) from None


def refused(settings: Settings, registry: Registry) -> tuple[str, ...]:
    """Return what the plugins say against their settings, each thing once."""
    values = settings_of(settings)
    sides: list[Callable[[Mapping[str, str]], object]] = [
        *(side for channel in registry.channels.values() for side in (channel.listener, channel.sender)),
        *(carrier.carriage for carrier in registry.carriers.values()),
        *(notifier.sender for notifier in registry.notifiers.values()),
    ]
    found = (call_alone(partial(_objection, make, values))[0] for make in sides)
    return tuple(dict.fromkeys(each for each in found if each))


def _objection(make: Callable[[Mapping[str, str]], object], values: Mapping[str, str]) -> str:
    try:
        make(values)
    except ValueError as problem:
        return str(problem)
    return ""


def _names(thing: Declaring) -> list[str]:
    return [str(name) for name in thing.settings()]


def policy_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders of regulations: those set, else ``policies`` here or in the checkout, where there is one."""
    if settings.policies:
        return settings.policies
    beside = (Path(package).resolve().parents[1] / _POLICIES for package in helpdesk.__path__)
    return next(((folder,) for folder in (Path.cwd() / _POLICIES, *beside) if folder.is_dir()), ())


def settings_of(settings: Settings) -> dict[str, str]:
    """Return the plugins' variables with their values, as channels are given them."""
    return {name: secret.reveal() for name, secret in settings.channels.items()}
