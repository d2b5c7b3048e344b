"""``helpdesk demo``."""

import os
from pathlib import Path

from helpdesk.bootstrap.plugins import policy_folders
from helpdesk.demo.run import run
from helpdesk.kernel.errors import Invalid
from helpdesk.settings import read


def demo(*, policies: Path | None = None, keep: bool = False) -> int:
    """Start the service in a new folder, drive real input through its real doors, print what happened and why.

    Exits 0 only if everything that is printed really happened. Nothing but what it started is ended.

    Parameters
    ----------
    policies
        The folder with the companies' regulations. Default: the one that the settings name.
    keep
        Keep the folder (database, NATS store, log) for a look.
    """
    folders = policy_folders(read(os.environ)) if policies is None else (policies,)
    if not folders or not folders[0].is_dir():
        raise Invalid("there is no folder with regulations: name it with --policies")
    return run(folders[0].resolve(), keep=keep)
