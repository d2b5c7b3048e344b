"""Reads a plugin's manifest from its files, without importing the plugin."""

from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import msgspec

from helpdesk.contracts.manifest import CONTRACTS_VERSION, MANIFEST_FILE, Manifest


class ManifestProblem(ValueError):
    """The plugin's manifest is missing or wrong."""


def read_manifest(entry_point: EntryPoint) -> Manifest:
    """Return the manifest of the package that ``entry_point`` leads to.

    Raises:
        ManifestProblem: there is no such package or manifest, it is not valid, or it is for other contracts.
    """
    package = entry_point.value.partition(":")[0].partition(".")[0].strip()
    try:
        spec = find_spec(package)
    except (ImportError, ValueError) as error:
        raise ManifestProblem(f"package {package} cannot be found: {error}") from error
    if spec is None or not spec.submodule_search_locations:
        raise ManifestProblem(f"there is no package {package}")
    for location in spec.submodule_search_locations:
        path = Path(location) / MANIFEST_FILE
        if path.is_file():
            return _read(path)
    raise ManifestProblem(f"package {package} has no {MANIFEST_FILE}")


def _read(path: Path) -> Manifest:
    try:
        manifest = msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ManifestProblem(f"{MANIFEST_FILE}: {error}") from error
    if manifest.contracts != CONTRACTS_VERSION:
        raise ManifestProblem(f"is for contracts {manifest.contracts}; this service offers {CONTRACTS_VERSION}")
    return manifest
