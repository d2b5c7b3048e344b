"""``helpdesk calendar``."""

from pathlib import Path

from cyclopts import App

from helpdesk.cli.lines import print_lines
from helpdesk.cli.month_view import differences, legend, read_dates
from helpdesk.cli.month_view import month as month_view
from helpdesk.kernel.errors import Invalid
from helpdesk.sla.cases import replay_files

LAST_MONTH = 12

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


@app.command
def show(file: Path, year: int, *, month: int | None = None) -> None:
    """Print a production calendar by month: holidays, moved days off, working weekends, short days, with their sources.

    Parameters
    ----------
    file
        The calendar, e.g. policies/calendars/ru.json.
    year
        The year.
    month
        One month only, 1 to 12.
    """
    dates = read_dates(file)
    known = sorted({day.year for day in dates})
    if year not in known or (month is not None and not 1 <= month <= LAST_MONTH):
        raise Invalid(f"{file.name} knows the years {known[0]} to {known[-1]}, each with months 1 to {LAST_MONTH}")
    print(f"{legend()}\n")
    months = range(1, LAST_MONTH + 1) if month is None else (month,)
    print("\n\n".join(month_view(dates, year, number) for number in months))


@app.command
def diff(old: Path, new: Path) -> None:
    """Print what differs between two versions of a production calendar, with the source of each date.

    Parameters
    ----------
    old
        The earlier version.
    new
        The later version.
    """
    lines = list(differences(read_dates(old), read_dates(new)))
    print("\n".join(lines) if lines else "the two say the same")
