"""The root of the commands. Each group is imported when it is asked for: ``tenant list`` needs no web server."""

import os
import sys
from importlib.metadata import version
from typing import NoReturn

from cyclopts import App

from helpdesk.kernel.errors import HelpdeskError, Invalid
from helpdesk.settings import SettingsError

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 + SIGINT."""

app = App(
    name="helpdesk",
    help="Technical support for many companies, each by its own regulation.",
    version=lambda: version("helpdesk"),
)
app.command("helpdesk.cli.serve:serve", name="serve", help="Run the service until it is told to stop.")
app.command("helpdesk.cli.demo:demo", name="demo", help="Drive real input through the real doors; print what happened.")
app.command("helpdesk.cli.tenant:app", name="tenant", help="The companies whose support is run here.")
app.command("helpdesk.cli.key:app", name="key", help="API keys.")
app.command("helpdesk.cli.regulation:app", name="regulation", help="Regulations: what they say and by when.")
app.command("helpdesk.cli.certificate:app", name="certificate", help="Deadlines certified, for others to check.")
app.command("helpdesk.cli.evidence:export_evidence", name="evidence", help="Everything about one ticket, sealed.")
app.command("helpdesk.cli.verify:verify_files", name="verify", help="Check certificates and evidence, offline.")
app.command("helpdesk.cli.calendar:app", name="calendar", help="Calendars by themselves.")
app.command("helpdesk.cli.plugin:app", name="plugin", help="Plugins: channels and regulations.")
app.command("helpdesk.cli.report:app", name="report", help="Promises kept, waiting times, the ledger's balance.")
app.command("helpdesk.cli.importing:import_history", name="import", help="Bring in another system's tickets.")
app.command("helpdesk.cli.clients:app", name="clients", help="A company's clients, brought in from a list.")
app.command("helpdesk.cli.audit:app", name="audit", help="Who did what: sealed, and checked.")
app.command("helpdesk.cli.db:app", name="db", help="The database.")


def main() -> NoReturn:
    """Run the command that the arguments name and exit: 0 done, 1 refused or failed, 130 interrupted."""
    try:
        app(sys.argv[1:])
    except (SettingsError, HelpdeskError) as problem:
        complain(problem)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as problem:
        print(f"helpdesk: {problem}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)


def complain(problem: SettingsError | HelpdeskError) -> None:
    """Say on standard error what is wrong, one line for each thing."""
    lines = problem.problems if isinstance(problem, SettingsError) else problem.detail.splitlines()
    for line in lines:
        print(f"helpdesk: {line}", file=sys.stderr)
    if isinstance(problem, Invalid) and problem.code == Invalid.code:  # kinds of their own name the places themselves
        for field, wrong in problem.fields.items():
            if wrong not in problem.detail:  # else the sentence has said it
                print(f"helpdesk:   {field}: {wrong}", file=sys.stderr)
