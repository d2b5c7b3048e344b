"""What may be done at the desk, drawn by hypothesis: sensible or not, of a ticket of one of the five companies."""

from hypothesis import strategies as st
from tests.integration.desk.companies import COMPANIES
from tests.support.readings import COMPANIES as RULES
from tests.support.still import BEGINS, KNOWN, SECOND_VERSION, SUSPENDED, UNKNOWN

from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, SECOND

MOST = 5
"""Tickets worked on at a time: the latest."""

STARTS = (  # a holiday's night, an evening before a weekend, a short day before holidays, the new version's eve
    BEGINS + 3 * HOUR,
    BEGINS + 15 * DAY + 17 * HOUR + 59 * MINUTE,
    BEGINS + 52 * DAY - 8 * HOUR,
    SECOND_VERSION - 30 * MINUTE,
)
SPANS = (0, 1, SECOND, 5 * MINUTE, 37 * MINUTE, HOUR, 5 * HOUR, 9 * HOUR, DAY, 3 * DAY)
TEXTS = st.sampled_from(["Смотрим", "Что видно на экране?", "Готово", "Ещё раз", " "])
WORDS = st.sampled_from(["стоит всё", "так сказал клиент", ""])
EVERY_FACT = ("not_client_fault", "confirmed_by_staff", "no_workaround")
"""What whoever registers with a level records as true."""
FACTS = st.sampled_from([EVERY_FACT, EVERY_FACT, ()])


def _commands(company: str) -> st.SearchStrategy[TicketCommand]:
    """Anything that may be asked about ticket 0 of the company, sensible or not; planned ends count from now."""
    rules, n = RULES[company], st.just(0)
    levels = st.sampled_from([*rules.levels, "no such"])
    categories = st.sampled_from([*rules.served, *rules.unserved, "no such"])
    facts = st.sampled_from([{}, {"vendor": "ООО Касса"}]) | st.builds(lambda name: {"category": name}, categories)
    works = st.sampled_from([*(work for done in rules.works.values() for work in done), "no such", ""])
    answer = st.builds(commands.Reply, n, st.just(ReplyKind.ANSWER), TEXTS, resolves=st.booleans())
    question = st.builds(commands.Reply, n, st.just(ReplyKind.QUESTION), TEXTS)
    notice = st.builds(commands.Reply, n, st.just(ReplyKind.NOTICE), TEXTS, st.booleans(), to_authorised=st.booleans())
    usual = (answer, answer, question, question, notice)
    return st.one_of(
        *usual,
        *usual,
        st.builds(commands.Accept, n, st.sampled_from(["Анна", "Борис"]), st.sampled_from([None, True, False])),
        st.builds(commands.Unassign, n, WORDS),
        st.builds(commands.Confirm, n, WORDS, st.sampled_from(["", "", *rules.outcomes, *rules.silences])),
        st.builds(commands.Disagree, n, WORDS),
        st.builds(commands.Reopen, n, WORDS),
        st.builds(commands.Assign, n, st.sampled_from(["Анна", "Борис"]), st.booleans()),
        st.builds(
            commands.SetLevel, n, levels, st.sampled_from(["по таблице", " "]), FACTS, st.sampled_from([None, 3, 3])
        ),
        st.builds(commands.SetLine, n, st.sampled_from([*rules.lines, "no such"]), WORDS, works),
        st.builds(commands.SetCategory, n, categories | st.sampled_from([*rules.served]), facts=FACTS),
        st.builds(commands.RecordWork, n, works),
        st.builds(commands.PlanRelease, n, st.sampled_from(["5.3", " "]), st.sampled_from(["", "2026-09-01", "soon"])),
        st.builds(commands.TellNumber, n, st.sampled_from([*rules.channels, "no such"])),
        st.builds(commands.Supply, n, st.dictionaries(st.sampled_from([*rules.fields, "no such"]), TEXTS, max_size=2)),
        st.builds(commands.Hold, n, st.sampled_from([*rules.pauses, "no such"]), until=st.sampled_from([None, HOUR])),
        st.builds(commands.Release, n, st.sampled_from([*rules.pauses])),
        st.builds(commands.Resolve, n, WORDS),
        st.builds(commands.Close, n, st.sampled_from([*rules.outcomes, *rules.silences, "no such"]), facts),
        st.builds(commands.Expedite, n, WORDS, FACTS),
        st.builds(commands.AddNote, n, TEXTS),
        st.builds(commands.BeginRemoteSession, n, st.just("Анна"), TEXTS, WORDS),
        st.builds(commands.EndRemoteSession, n, st.sampled_from([0, 0, 1])),
    )


COMMANDS = {company: _commands(company) for company in COMPANIES}
ACTS = ("work", "work", "work", "work", "course", "course")
KINDS = (*ACTS, "register", "mail", "rejudge", "time", "time", "repeat", "feed")
COURSES = ("waits", "silence", "silence", "verdict", "hands")
BY, WHO = ("email", "phone", "web"), (KNOWN, KNOWN, UNKNOWN, SUSPENDED)
LETTERS = ("word", "word", "stranger", "robot", "bounce")
RATED, COUNT = st.integers(-3, 5), st.integers(1, 8)
WHICH = st.integers(0, 2 * MOST)
STALE = st.integers(0, 14)
PAUSES = st.sampled_from((0, 0, MINUTE, 3 * HOUR))
