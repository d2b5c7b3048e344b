"""Regulations that are mere folders: a ``regulation.toml`` makes a folder a regulation, without any Python."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpdesk.contracts.regulations import RegulationPackage

REGULATION_FILE = "regulation.toml"


def find_regulations(folders: Sequence[Path]) -> Iterator[tuple[Path, RegulationPackage | str]]:
    """Yield every regulation's folder with its package, or with what is wrong with it.

    Each of ``folders`` is a regulation itself or holds regulations, in the order of their names; names that begin
    with ``_`` or ``.`` are passed over there (templates).
    """
    for folder in folders:
        if not folder.is_dir():
            yield folder, "is not a folder"
        elif (folder / REGULATION_FILE).is_file():
            yield folder, _package(folder)
        else:
            for child in sorted(folder.iterdir()):
                if child.name[0] not in "_." and (child / REGULATION_FILE).is_file():
                    yield child, _package(child)


def _package(folder: Path) -> RegulationPackage | str:
    """Return the folder as a package; only the tenant's name is read here, the rest is the loader's business."""
    try:
        with (folder / REGULATION_FILE).open("rb") as file:
            tenant = tomllib.load(file).get("tenant")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"{REGULATION_FILE} cannot be read: {error}"
    if not isinstance(tenant, str) or not tenant:
        return f"{REGULATION_FILE} names no tenant"
    return RegulationPackage(tenant, folder)
