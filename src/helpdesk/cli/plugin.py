"""``helpdesk plugin``."""

import os
from pathlib import Path

from cyclopts import App

from helpdesk.plugins.registry import build_registry
from helpdesk.settings import read

app = App(name="plugin", help="Plugins: channels, notifiers and regulations.")


@app.command(name="list")
def list_plugins(*folders: Path) -> int:
    """List the plugins found and what is wrong with any; exit 1 where something is.

    Parameters
    ----------
    folders
        Folders that hold regulations, besides those that HELPDESK_POLICIES names.
    """
    registry = build_registry((*read(os.environ).policies, *folders))
    for name, manifest in sorted(registry.manifests.items()):
        print(f"{name} {manifest.version}: {manifest.summary} [{', '.join(manifest.provides)}]")
    for tenant, package in sorted(registry.regulations.items()):
        print(f"regulation of {tenant}: {package.root}")
    for problem in registry.problems:
        print(f"PROBLEM {problem.plugin}: {problem.trouble.value}: {problem.cause}")
    return 1 if registry.problems else 0
