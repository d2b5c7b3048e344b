"""Every error has its kind of problem, and the documentation lists exactly those."""

import inspect
import re
from pathlib import Path

import msgspec
import pytest
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException

from helpdesk.api import problems
from helpdesk.kernel import errors
from helpdesk.kernel.ids import new_id

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "problems.md"


def all_errors(of: type[errors.HelpdeskError] = errors.HelpdeskError) -> list[type[errors.HelpdeskError]]:
    return [of, *(found for child in of.__subclasses__() for found in all_errors(child))]


@pytest.mark.parametrize("kind", [kind for kind in vars(errors).values() if inspect.isclass(kind)])
def test_every_kernel_error_has_a_kind_of_its_own(kind: type) -> None:
    """No error of the kernel ends as a failure nobody foresaw, and its code is its problem's."""
    if not issubclass(kind, errors.HelpdeskError) or kind is errors.HelpdeskError:
        return
    error = kind(clause="1", ledger_id=new_id()) if kind is errors.Refused else kind()
    problem, _ = problems.describe(error)
    assert problems.URN + kind.code == problem.type
    assert problem.status < 500 or kind is errors.Unavailable


def test_a_refusal_carries_clause_hint_and_ledger_entry() -> None:
    """Whoever is refused learns by which clause, what else to do, and where it is recorded."""
    ledger_id = new_id()
    problem, _ = problems.describe(errors.Refused("не канал", clause="6.1", hint="пишите в чат", ledger_id=ledger_id))
    assert (422, "6.1", "пишите в чат", ledger_id) == (
        problem.status,
        problem.clause,
        problem.hint,
        problem.ledger_id,
    )


def test_not_found_tells_nothing() -> None:
    """Whatever was looked for, the answer has the same bytes."""
    one, other = (
        problems.describe(error) for error in (errors.NotFound("no ticket 17"), NotFoundException("no route"))
    )
    assert problems.encode(one[0]) == problems.encode(other[0])


def test_a_version_conflict_is_a_failed_precondition_where_a_version_was_named() -> None:
    """409 without If-Match, 412 with it, and the version stored now in both."""
    error = errors.VersionConflict(current=7)
    assert (problems.describe(error)[0].status, problems.describe(error)[0].current_version) == (409, 7)
    assert problems.describe(error, if_match=True)[0].status == 412


def test_headers_say_what_to_do() -> None:
    """Retry-After, WWW-Authenticate and Allow come with the answers that need them."""
    assert problems.describe(errors.Unavailable())[1] == {"retry-after": "2"}
    assert problems.describe(errors.NotAuthenticated())[1] == {"www-authenticate": "Bearer"}
    assert problems.describe(MethodNotAllowedException(headers={"allow": "GET"}))[1] == {"allow": "GET"}


def test_an_unforeseen_failure_shows_nothing_but_its_incident() -> None:
    """No text of an unknown exception reaches the client."""
    problem, _ = problems.describe(RuntimeError("password=hunter2"))
    assert b"hunter2" not in problems.encode(problem)
    assert problem.status == 500
    incident = new_id()
    assert incident == problems.unexpected(incident)[0].incident


def test_litestar_s_own_errors_keep_their_status() -> None:
    """A client's error that Litestar finds stays one."""
    assert problems.describe(ClientException("Invalid host header"))[0].status == 400


def test_the_page_lists_exactly_the_kinds() -> None:
    """docs/reference/problems.md has one heading per kind, with its status."""
    text = PAGE.read_text(encoding="utf-8")
    documented = dict(re.findall(r"^## `([a-z-]+)` \((\d{3})\)$", text, flags=re.MULTILINE))
    assert {kind.code: str(kind.status) for kind in problems.KINDS} == documented


def test_members_without_a_value_are_left_out() -> None:
    """A problem has the members that mean something for it."""
    problem, _ = problems.describe(errors.NotFound())
    assert {"type", "title", "status", "detail"} == set(msgspec.json.decode(problems.encode(problem)))
