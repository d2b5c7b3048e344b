"""``helpdesk calendar``."""

from pathlib import Path

from cyclopts import App

from helpdesk.cli.lines import print_lines
from helpdesk.sla.cases import replay_files

app = App(name="calendar", help="Calendars by themselves.")


@app.command
def replay(*files: Path, specs: Path) -> int:
    """Evaluate cases, one JSON object a line, and print {"id", "result"} for each; exit 1 where any had no answer.

    A line that cannot be evaluated prints {"id", "error"}, and the others go on.

    Parameters
    ----------
    files
        Files of cases: id, calendar, op and its arguments.
    specs
        The folder with the calendars that the cases name, one JSON file each.
    """
    return print_lines(replay_files(specs, files))
