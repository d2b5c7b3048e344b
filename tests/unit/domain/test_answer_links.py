"""Which links an answer may hold, by the spelling tricks that browsers know."""

from pathlib import Path

import pytest

from helpdesk.domain.answer_links import demand_links, fault_of, faults, links_in
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.vocabulary.model import Edition

POLICIES = Path(__file__).parents[3] / "policies"


def edition(name: str) -> Edition:
    package = load_package(POLICIES / name)
    return take_snapshot(package, parameters=package.example).body().edition


@pytest.fixture(scope="module")
def telemedhelp() -> Edition:
    return edition("telemedhelp")


def test_links_are_found_as_readers_find_them() -> None:
    """With a scheme or www., up to what ends the sentence; each once."""
    text = (
        "См. (https://doc.telemed.help/a_(1)), «http://b.example/?q=1,2».\nWWW.c.example! ftp://d.example "
        "https://doc.telemed.help/a_(1) a@e.example doc.telemed.help"
    )
    assert links_in(text) == (
        "https://doc.telemed.help/a_(1)", "http://b.example/?q=1,2", "WWW.c.example", "ftp://d.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    "link",
    [
        "https://doc.telemed.help",
        "http://doc.telemed.help/x?y#z",
        "HTTPS://DOC.TELEMED.HELP/",
        "https://a.doc.telemed.help:8443/",
        "https://doc.telemed.help./x",
        "https://patient.telemed.help/вход",
    ],
)
def test_the_named_hosts_are_linked_to(telemedhelp: Edition, link: str) -> None:
    """TelemedHelp 6.8: the two hosts, and what is under them, in any spelling."""
    demand_links(telemedhelp, f"Ответ здесь: {link}.")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/doc.telemed.help",
        "https://doc.telemed.help.evil.example",
        "https://evildoc.telemed.help",
        "https://doc.telemed.help@evil.example/",
        "https://evil.example\\@doc.telemed.help/",
        "https://evil.example#@doc.telemed.help",
        "https://evil.example\N{FULLWIDTH SOLIDUS}.doc.telemed.help",
        "https://evil\N{IDEOGRAPHIC FULL STOP}doc.telemed.help",
        "www.evil.example",
        "javascript://doc.telemed.help/%0aalert(1)",
        "https://doc.telemed.help:99999/",
        "https://[::1]/",
        "http://localhost/",
    ],
)
def test_no_spelling_passes_for_another_host(telemedhelp: Edition, link: str) -> None:
    """Refused with the clause."""
    with pytest.raises(Invalid) as caught:
        demand_links(telemedhelp, f"Ответ здесь: {link}")
    assert (caught.value.clause, list(caught.value.fields)) == ("6.8", ["text"])


def test_where_no_host_is_named_any_will_do_but_it_must_be_one() -> None:
    """PASS24 3.6 lets answers link to vendors' sites; a canned answer's link must still have a link's form."""
    pass24 = edition("pass24")
    demand_links(pass24, "https://vendor.example/manual ftp://x")
    assert [link for link, _ in faults(pass24, "https://vendor.example/manual ftp://x.example")] == ["ftp://x.example"]
    assert fault_of("https://помощь.рф/вход") == ""
