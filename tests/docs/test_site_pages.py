"""The pages on sites' forms and users say what works: their code is run, their fields are those of the door."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from helpdesk_channel_web.config import Site
from helpdesk_channel_web.forms import TOKEN_FIELD, TRAP_FIELD
from helpdesk_channel_web.usertoken import read

HOWTO = Path(__file__).parents[2] / "docs" / "howto"


def block(page: str, language: str) -> str:
    """Return a page's one block of code in a language."""
    (found,) = re.findall(
        rf"^ *```{language}\n(.*?)^ *```", (HOWTO / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    lines = found.splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line)
    return "\n".join(line[indent:] for line in lines)


@pytest.mark.parametrize("verified", [True, False])
def test_the_token_of_the_page_signs_somebody_in(verified: bool) -> None:
    """The Python lines make a token that the door takes; a mail address counts only if it is verified."""
    names: dict[str, Any] = {}
    exec(block("sign-your-users-in.md", "python"), names)
    made = names["token"]("s" * 32, "www.a.example", "17", "Анна", "a@b.example", verified)
    found = read(Site("www.a.example", frozenset(), (b"s" * 32,)), made, time.time())
    assert (found.address, found.name) == ("user:www.a.example/17", "Анна")
    assert found.mail == ("a@b.example" if verified else "")


def test_the_form_of_the_page_has_the_fields_of_the_door() -> None:
    """The trap is there and hidden, the token is fetched and set, and what is told is put in as text."""
    page = block("put-a-form-on-your-site.md", "html")
    (trap,) = re.findall(rf'<input name="{TRAP_FIELD}"[^>]*>', page)
    assert "left:-9999px" in trap
    assert f'data.set("{TOKEN_FIELD}"' in page
    assert "innerHTML" not in page
    assert {"name", "email", "subject", "text", "steps"} <= set(re.findall(r'name="(\w+)"', page))
    assert len(page.splitlines()) <= 25
