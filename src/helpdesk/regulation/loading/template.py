"""A new regulation from the template: the template's files under the company's own name."""

import re
from collections.abc import Iterator
from importlib.resources.abc import Traversable

from helpdesk.kernel.errors import Invalid

PLACEHOLDER = "newcompany"
"""The template's short name, in its texts and addresses."""

_TENANT = re.compile(r"[a-z][a-z0-9-]{1,40}")


def from_template(template: Traversable, tenant: str, name: str) -> dict[str, bytes]:
    """Return the files of a new regulation by their path in its folder; writing them is the caller's business.

    Raises:
        Invalid: ``tenant`` is no short name (lower-case letters, digits and dashes).
    """
    if not _TENANT.fullmatch(tenant):
        raise Invalid(f"{tenant!r} is no short name: lower-case letters, digits and dashes", fields={"tenant": "name"})
    shown = name.replace("\\", "").replace('"', "") or tenant
    return {
        path: content.replace(PLACEHOLDER, tenant)
        .replace("New Company", shown)
        .replace("Новая компания", shown)
        .encode()
        for path, content in _texts(template, "")
    }


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _texts(entry, f"{path}/")
        else:
            yield path, entry.read_text("utf-8")
