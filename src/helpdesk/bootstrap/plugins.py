"""The registry that the settings name, and each channel's share of the settings."""

from pathlib import Path

import structlog

import helpdesk
from helpdesk.plugins.registry import Registry, build_registry
from helpdesk.settings import Settings, check_channels

_POLICIES = "policies"

_log = structlog.get_logger("helpdesk.plugins")


def load_plugins(settings: Settings) -> Registry:
    """Return the registry; a broken plugin is logged and left out, and its settings stop nobody.

    Raises:
        SettingsError: a variable with our prefix belongs neither to the service nor to any plugin.
    """
    registry = build_registry(policy_folders(settings))
    for problem in registry.problems:
        _log.error("plugin left out", plugin=problem.plugin, trouble=problem.trouble.value, cause=problem.cause)
    declared = [name for channel in registry.channels.values() for name in channel.settings()]
    declared += [name for carrier in registry.carriers.values() for name in carrier.settings()]
    declared += [name for notifier in registry.notifiers.values() for name in notifier.settings()]
    for name in check_channels(settings, declared, {problem.plugin for problem in registry.problems}):
        _log.warning("setting of a plugin that was left out", setting=name)
    return registry


def policy_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders of regulations: those set, else ``policies`` here or in the checkout, where there is one."""
    if settings.policies:
        return settings.policies
    beside = (Path(package).resolve().parents[1] / _POLICIES for package in helpdesk.__path__)
    return next(((folder,) for folder in (Path.cwd() / _POLICIES, *beside) if folder.is_dir()), ())


def settings_of(settings: Settings) -> dict[str, str]:
    """Return the plugins' variables with their values, as channels are given them."""
    return {name: secret.reveal() for name, secret in settings.channels.items()}
