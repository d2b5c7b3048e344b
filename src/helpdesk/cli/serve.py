"""``helpdesk serve``."""

import os

from helpdesk.bootstrap.service import run
from helpdesk.settings import read


def serve() -> int:
    """Run the service until it is told to stop (SIGTERM, or Ctrl-C).

    Settings are environment variables, described in docs/reference/settings.md; none is needed.
    """
    return run(read(os.environ))
