"""Answers to files of cases: one JSON object a line, whatever becomes of the others."""

from collections.abc import Iterable
from typing import Any

import msgspec

from helpdesk.kernel.errors import Invalid


def print_lines(answers: Iterable[dict[str, Any]]) -> int:
    """Print each answer on a line of its own; return the exit status: 1 where any of them is an error.

    Raises:
        Invalid: a file cannot be read; the lines before it are printed.
    """
    status = 0
    try:
        for answer in answers:
            status |= "error" in answer
            print(msgspec.json.encode(answer).decode())
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}") from error
    return status
