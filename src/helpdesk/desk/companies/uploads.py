"""A regulation that was sent instead of installed: its files as data, read by the same strict loader as folders."""

import io
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import IO, Any


class Upload(Traversable):
    """Files by their paths (``editions/2026-01-01.toml``), as a folder that a loader can read. No path leaves it."""

    def __init__(self, files: Mapping[str, bytes], path: str = "") -> None:
        self._files = files
        self._path = path

    @property
    def name(self) -> str:
        """The last part of the path; empty for the folder itself."""
        return self._path.rpartition("/")[2]

    def iterdir(self) -> Iterator["Upload"]:
        """Yield what is directly inside."""
        prefix = f"{self._path}/" if self._path else ""
        inside = {file[len(prefix) :].partition("/")[0] for file in self._files if file.startswith(prefix)}
        for name in sorted(inside):
            yield Upload(self._files, prefix + name)

    def is_dir(self) -> bool:
        """Say whether any file is inside."""
        return any(file.startswith(f"{self._path}/") for file in self._files) or not self._path

    def is_file(self) -> bool:
        """Say whether it is one of the files."""
        return self._path in self._files

    def joinpath(self, *descendants: Any) -> "Upload":
        """Return what lies at the path below; nothing need be there."""
        return Upload(self._files, "/".join(filter(None, (self._path, *map(str, descendants)))))

    def read_bytes(self) -> bytes:
        """Return the file's contents.

        Raises:
            FileNotFoundError: there is none.
        """
        if self._path not in self._files:
            raise FileNotFoundError(self._path)
        return self._files[self._path]

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """Return the file's contents as text; raises as ``read_bytes``."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def open(self, mode: str = "r", *_: Any, encoding: str | None = None, **__: Any) -> IO[Any]:
        """Open the file for reading; raises as ``read_bytes``."""
        raw = io.BytesIO(self.read_bytes())
        return raw if "b" in mode else io.TextIOWrapper(raw, encoding or "utf-8")
