"""The C limit programs: what a machine can do, compiled here and called in the same process, in turns with the core.

``gcc -O3 -march=native``; where there is no C compiler, the rows that need them are left out with a note.
"""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCES = Path(__file__).parent / "limits"

Column = Any
"""An array of 64-bit integers: NumPy tells the type checker that arrays have buffers only from Python 3.12 on."""


class Limits:
    """The limit programs as shared libraries in ``folder``."""

    def __init__(self, compiler: str, folder: Path) -> None:
        self._limit, self._queue, self._sweep = (
            self._compiled(compiler, name, folder) for name in ("limit", "queue", "sweep")
        )
        self._limit.limit_calendar.restype = ctypes.c_void_p
        self._sweep.sweep_calendars.restype = ctypes.c_void_p
        self._sweep.sweep_base.restype = ctypes.c_int64
        for name in ("sweep_compile", "sweep_stored", "sweep_elapsed", "sweep_due"):
            getattr(self._sweep, name).restype = ctypes.c_double

    @staticmethod
    def _compiled(compiler: str, name: str, folder: Path) -> Any:
        library = folder / f"limit_{name}.so"
        source = SOURCES / f"{name}_library.c"
        command = [
            compiler,
            "-O3",
            "-march=native",
            "-pthread",
            "-shared",
            "-fPIC",
            "-w",
            str(source),
            "-o",
            str(library),
        ]
        subprocess.run(command, check=True)
        return ctypes.CDLL(str(library))

    def calendar(self, intervals: list[tuple[int, int]]) -> ctypes.c_void_p:
        """Compile a calendar from UTC seconds."""
        edges = np.array(intervals, dtype=np.int64).ravel()
        return ctypes.c_void_p(self._limit.limit_calendar(_at(edges), ctypes.c_int64(len(intervals))))

    def add(self, calendar: ctypes.c_void_p, starts: Column, amounts: Column, out: Column) -> None:
        """Write every deadline, seconds."""
        self._limit.limit_add(calendar, _at(starts), _at(amounts), _at(out), ctypes.c_int64(len(starts)))

    def between(self, calendar: ctypes.c_void_p, starts: Column, ends: Column, out: Column) -> None:
        """Write every working time, seconds."""
        self._limit.limit_between(calendar, _at(starts), _at(ends), _at(out), ctypes.c_int64(len(starts)))

    def queue(self, keys: int) -> tuple[float, float, float]:
        """Push, re-key and pop so many keys: CPU nanoseconds a key."""
        spent = (ctypes.c_double * 4)()
        self._queue.queue_run(ctypes.c_uint32(keys), spent)
        return spent[0], spent[1], spent[2]

    def compile(self, years: int) -> tuple[float, int, int]:
        """Compile Monday to Friday 09-18 for so many years: CPU seconds, intervals, bytes."""
        intervals, size = ctypes.c_int64(), ctypes.c_int64()
        spent = self._sweep.sweep_compile(years, ctypes.byref(intervals), ctypes.byref(size))
        return spent, intervals.value, size.value

    def sweep_calendars(self, intervals: list[tuple[int, int]], count: int) -> ctypes.c_void_p:
        """Compile ``count`` copies of a calendar beside each other."""
        edges = np.array(intervals, dtype=np.int64).ravel()
        found = self._sweep.sweep_calendars(_at(edges), ctypes.c_int64(len(intervals)), ctypes.c_uint32(count))
        return ctypes.c_void_p(found)

    def sweep_base(self, calendars: ctypes.c_void_p) -> int:
        """The instant, seconds, that the columns of ``sweep_elapsed`` are relative to."""
        return int(self._sweep.sweep_base(calendars))

    def sweep_stored(self, dues: Column, states: NDArray[np.uint8], now_s: int) -> tuple[float, int]:
        """Find what is due among stored instants: CPU seconds, how many."""
        out, found = np.empty(len(dues) + 1, dtype=np.uint32), ctypes.c_uint32()
        spent = self._sweep.sweep_stored(
            _at(dues), _at(states), ctypes.c_uint32(len(dues)), ctypes.c_int64(now_s), _at(out), ctypes.byref(found)
        )
        return spent, found.value

    def sweep_elapsed(
        self, calendars: ctypes.c_void_p, count: int, columns: list[NDArray[Any]], now_relative_s: int
    ) -> tuple[float, int]:
        """Compute the elapsed time of starts, budgets, accumulated (all uint32) and states: CPU seconds, how many."""
        rows = len(columns[0])
        out, found = np.empty(rows + 1, dtype=np.uint32), ctypes.c_uint32()
        spent = self._sweep.sweep_elapsed(
            calendars,
            ctypes.c_uint32(count),
            *map(_at, columns),
            ctypes.c_uint32(rows),
            ctypes.c_uint32(now_relative_s),
            _at(out),
            ctypes.byref(found),
        )
        return spent, found.value

    def sweep_due(self, calendar: ctypes.c_void_p, columns: list[NDArray[Any]]) -> float:
        """Compute every due instant of starts, budgets, accumulated (all uint32): CPU seconds."""
        out = np.empty(len(columns[0]), dtype=np.int64)
        return float(self._sweep.sweep_due(calendar, *map(_at, columns), ctypes.c_uint32(len(out)), _at(out)))


def find_limits(folder: Path) -> Limits | None:
    """Compile the limit programs, or return None where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    return None if compiler is None else Limits(compiler, folder)


def _at(column: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(column.ctypes.data)
