"""``helpdesk regulation new|schema``: the beginning of a regulation, and what editors need to help with it."""

import os
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from helpdesk.bootstrap.plugins import policy_folders
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.loading.template import from_template
from helpdesk.regulation.telling.schema import schemas
from helpdesk.settings import read

_TEMPLATE = "_template"
_BESIDE = ("calendars", "_schemas")
"""What a regulation refers to that several share."""


def new(tenant: str, *, name: str, into: Path | None = None) -> None:
    """Begin a regulation: the template's files under the company's own name, which `check` finds in order.

    Parameters
    ----------
    tenant
        The company's short name, in addresses and commands: lower-case letters, digits, dashes.
    name
        The company's name as people read it.
    into
        The folder that gets a folder of this name, and the production calendars and schemas beside it where it has
        none; default: the first of those that the settings know.
    """
    folders = policy_folders(read(os.environ))
    template = next((folder / _TEMPLATE for folder in folders if (folder / _TEMPLATE).is_dir()), None)
    if template is None:
        raise Invalid("there is no template: none of the folders of regulations has _template")
    files = from_template(template, tenant, name)
    target = (into or folders[0]) / tenant
    if target.exists():
        raise Conflict(f"{target} is there already")
    _write(target, files)
    for beside in _BESIDE:
        if (template.parent / beside).is_dir() and not (target.parent / beside).exists():
            shutil.copytree(template.parent / beside, target.parent / beside)
            print(f"{target.parent / beside}: as they are beside the template")
    print(f"{target}: fill in regulation.toml and editions/, then `helpdesk regulation check {target}`")


def _write(target: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def schema(file: Literal["regulation", "edition", "scenarios"] | None = None, *, into: Path | None = None) -> None:
    """Print the JSON Schema of one kind of file, or write all of them into a folder.

    Parameters
    ----------
    file
        regulation (regulation.toml), edition (editions/<id>.toml) or scenarios (scenarios/*.toml).
    into
        Write <kind>.schema.json of every kind, or of the one named, into this folder instead of printing.
    """
    known = schemas()
    wanted = known if file is None else {file: known[file]}
    if into is None and file is None:
        raise Invalid("name the kind of file (regulation, edition, scenarios), or a folder with --into")
    for kind, found in wanted.items():
        text = msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n"
        if into is None:
            print(text, end="")
        else:
            into.mkdir(parents=True, exist_ok=True)
            (into / f"{kind}.schema.json").write_text(text, encoding="utf-8")
            print(into / f"{kind}.schema.json")
