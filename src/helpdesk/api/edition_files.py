"""A regulation's files as they were sent, laid out as the folder that the loader reads."""

from pathlib import Path

from helpdesk.api.requests.editions import Draft, RegulationFiles
from helpdesk.plugins.registry import Registry


def files_of(body: RegulationFiles, registry: Registry) -> dict[str, bytes]:
    """Return what was sent by its paths in a folder, beside the service's own production calendars."""
    files = _calendars(registry)
    files |= {f"calendars/{code.lower()}.json": text.encode() for code, text in body.calendars.items()}
    files |= {f"editions/{name}.toml": text.encode() for name, text in body.editions.items()}
    files |= {f"messages/{language}.ftl": text.encode() for language, text in body.messages.items()}
    if body.regulation:
        files["regulation.toml"] = body.regulation.encode()
    if isinstance(body, Draft):
        files |= {f"scenarios/{name}.toml": text.encode() for name, text in body.scenarios.items()}
        if body.example_parameters:
            files["example-parameters.toml"] = body.example_parameters.encode()
    return files


def _calendars(registry: Registry) -> dict[str, bytes]:
    folders = {root.resolve().parent / "calendars" for root in _roots(registry)}
    return {
        f"calendars/{file.name}": file.read_bytes()
        for folder in sorted(folders)
        if folder.is_dir()
        for file in sorted(folder.glob("*.json"))
    }


def _roots(registry: Registry) -> list[Path]:
    return [package.root for package in registry.regulations.values() if isinstance(package.root, Path)]
