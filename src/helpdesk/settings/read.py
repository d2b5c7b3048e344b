"""Reads the settings from the environment, all or nothing: every problem is named at once."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from helpdesk.settings.shape import Secret, SecretUrl, Settings
from helpdesk.settings.table import PREFIX, TABLE

OWN = frozenset(setting.variable for setting in TABLE)
"""The service's own variables."""


class SettingsError(ValueError):
    """The settings are not valid. ``problems`` holds one sentence for each; no secret value is in any of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that ``environ`` gives, defaults filled in.

    An empty variable counts as absent. Variables with our prefix that are not the service's own are kept for the
    plugins; ``check_channels`` judges them once the plugins are known.

    Raises:
        SettingsError: a value is not allowed; names every such variable and what it takes.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in TABLE:
        text = environ.get(setting.variable, "").strip() or setting.default
        try:
            values[setting.field] = setting.parse(text)
        except ValueError as problem:
            problems.append(f"{setting.variable} {problem}")
    if problems:
        raise SettingsError(problems)
    names = (name for name, value in environ.items() if name.startswith(PREFIX) and name not in OWN and value)
    others = {name: Secret(environ[name]) for name in names}
    settings = Settings(**values, channels=MappingProxyType(others))
    if not settings.database_url:
        file = settings.data_dir / "helpdesk.sqlite3"
        settings = msgspec.structs.replace(settings, database_url=SecretUrl(f"sqlite:///{file}"))
    if not settings.files_url:
        folder = settings.data_dir / "files"
        settings = msgspec.structs.replace(settings, files_url=SecretUrl(f"file://{folder}"))
    return settings


def check_channels(settings: Settings, declared: Iterable[str], unspoken: Collection[str] = ()) -> tuple[str, ...]:
    """Refuse variables that nobody declares: a misspelt setting must not be silently ignored.

    ``unspoken`` are plugins, by name, that are there and cannot say which variables are theirs: what begins as theirs
    would is returned instead.

    Raises:
        SettingsError: names each unknown variable, with the nearest known one.
    """
    known = [setting.variable for setting in TABLE] + sorted(declared)
    words = (word for plugin in unspoken for word in re.split("[^A-Z0-9]+", plugin.upper()) if word)
    theirs = tuple(f"{PREFIX}{word}_" for word in words)
    unknown = sorted(set(settings.channels) - set(known))
    perhaps = tuple(name for name in unknown if name.startswith(theirs))
    problems = []
    for name in sorted(set(unknown) - set(perhaps)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        problems.append(f"{name} is not a setting of the service or of an installed plugin{hint}")
    if problems:
        raise SettingsError(problems)
    return perhaps
