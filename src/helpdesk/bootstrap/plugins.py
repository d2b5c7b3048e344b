"""The registry that the settings name, and each channel's share of the settings."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

import helpdesk
from helpdesk.plugins.problems import call_alone
from helpdesk.plugins.registry import Registry, build_registry
from helpdesk.settings import Settings, check_channels

_POLICIES = "policies"

_log = structlog.get_logger("helpdesk.plugins")


class Declaring(Protocol):
    """What a plugin provides and names settings for."""

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads."""
        ...


def load_plugins(settings: Settings) -> Registry:
    """Return the registry; a broken plugin is logged and left out, and its settings stop nobody.

    Raises:
        SettingsError: a variable with our prefix belongs neither to the service nor to any plugin.
    """
    registry = build_registry(policy_folders(settings))
    for problem in registry.problems:
        _log.error("plugin left out", plugin=problem.plugin, trouble=problem.trouble.value, cause=problem.cause)
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
    for name in check_channels(settings, declared, unspoken):
        _log.warning("setting of a plugin that was left out", setting=name)
    return registry


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
