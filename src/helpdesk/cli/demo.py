"""``helpdesk demo``."""

from pathlib import Path

from helpdesk.demo.run import run


def demo(*, policies: Path = Path("policies"), keep: bool = False) -> int:
    """Start the service in a new folder, drive real input through its real doors, print what happened and why.

    Exits 0 only if everything that is printed really happened. Nothing but what it started is ended.

    Parameters
    ----------
    policies
        The folder with the companies' regulations.
    keep
        Keep the folder (database, NATS store, log) for a look.
    """
    return run(policies.resolve(), keep=keep)
