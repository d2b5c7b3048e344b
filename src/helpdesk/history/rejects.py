"""What could not be brought in, one JSON object a line: the place, the reason, the record as it was read."""

from pathlib import Path
from typing import BinaryIO

import msgspec

from helpdesk.history.records import Record


class Rejects:
    """The file of them; made when there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def add(self, record: Record, reason: str, *, of: str = "tickets") -> None:
        """Write down a record and why it was not brought in."""
        if self._file is None:
            self._file = self._path.open("wb")
        line = {"of": of, "line": record.line, "reason": reason, "record": record.fields}
        self._file.write(msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
