"""``helpdesk regulation``: its commands, each imported when it is asked for."""

from cyclopts import App

app = App(name="regulation", help="Regulations: what they say and by when.")

_CHECKING = "helpdesk.cli.regulation_checking"
_TELLING = "helpdesk.cli.regulation_telling"
_WRITING = "helpdesk.cli.regulation_writing"
_EDITIONS = "helpdesk.cli.regulation_editions"

app.command(f"{_WRITING}:new", name="new", help="Begin a regulation from the template.")
app.command(f"{_WRITING}:schema", name="schema", help="Print the JSON Schema of a regulation's files, for editors.")
app.command(f"{_CHECKING}:check", name="check", help="Find every mistake in a regulation's files, with its place.")
app.command(f"{_CHECKING}:lint_texts", name="lint", help="Find what is wrong with the text itself, with witnesses.")
app.command(f"{_CHECKING}:witness", name="witness", help="Show and replay the witness of one finding.")
app.command(f"{_CHECKING}:coverage", name="coverage", help="Map every clause to its rules and scenarios.")
app.command(f"{_TELLING}:show", name="show", help="Print channels, levels, targets and terms with their clauses.")
app.command(f"{_TELLING}:deadline", name="deadline", help="Print by when a request would have to be dealt with.")
app.command(f"{_TELLING}:explain", name="explain", help="Print the derivation of a deadline, or all its readings.")
app.command(f"{_TELLING}:replay", name="replay", help="Evaluate files of cases, a line each.")
app.command(f"{_EDITIONS}:diff", name="diff", help="Print what changes between two editions, and for whom.")
app.command(f"{_EDITIONS}:publish", name="publish", help="Publish an edition, or a new version, for a company.")
app.command(f"{_EDITIONS}:editions", name="editions", help="List what was published for a company.")
app.command(f"{_EDITIONS}:simulate", name="simulate", help="Judge the real tickets of a period by a draft edition.")
