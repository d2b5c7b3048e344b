"""A data folder is one service's."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.bootstrap.claim import claimed
from helpdesk.kernel.errors import Unavailable

_HOLD = """
import sys
from pathlib import Path
from helpdesk.bootstrap.claim import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_service_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    """The second is told which folder and which setting; whatever ended the first, its folder is free."""
    folder = tmp_path / "data"
    command = [sys.executable, "-c", _HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(Unavailable, match="HELPDESK_DATA_DIR"), claimed(folder):
            pass
        first.kill()
        first.wait()
    with claimed(folder):
        assert folder.stat().st_mode & 0o077 == 0
