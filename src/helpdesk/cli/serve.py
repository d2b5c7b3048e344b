"""``helpdesk serve``."""

import os

from helpdesk.bootstrap.plugins import read_settings
from helpdesk.bootstrap.service import run


def serve() -> int:
    """Run the service until it is told to stop (SIGTERM, or Ctrl-C).

    Settings are environment variables, described in docs/reference/settings.md; none is needed.
    """
    return run(read_settings(os.environ))
