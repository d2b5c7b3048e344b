"""Writes the reference page of the settings from the same table that reads them."""

from collections.abc import Mapping

from helpdesk.settings.table import TABLE

_HEAD = """\
# Settings

Settings are environment variables. `helpdesk serve` works with none of them set. An empty variable counts as absent;
a value that is not allowed, or a variable with our prefix that nobody declares, stops the start with one line for each.

This page is generated from the table that the service reads (`make reference`), and a test keeps the two in step.

## The service
"""


def render(plugins: Mapping[str, Mapping[str, str]]) -> str:
    """Return the page: the service's settings, then those of each plugin (title, then variable and paragraph)."""
    parts = [_HEAD]
    for setting in TABLE:
        default = f"`{setting.default}`" if setting.default else "empty"
        parts.append(
            f"### `{setting.variable}`\n\nTakes: {setting.takes}. Default: {default}.\n\n{setting.paragraph}\n"
        )
    for title in sorted(plugins):
        parts.append(f"## Plugin: {title}\n")
        if not plugins[title]:
            parts.append("It has no settings.\n")
        for variable, paragraph in sorted(plugins[title].items()):
            parts.append(f"### `{variable}`\n\n{paragraph}\n")
    return "\n".join(parts)
