"""What a request states, where the regulation lists what may be stated."""

from collections.abc import Callable

import pytest
from tests.integration.desk.lives import CLIENT, Life

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import Taken
from helpdesk.domain.opening import Way
from helpdesk.kernel.errors import Invalid
from helpdesk.queries.companies.promise import Question, ask

Lives = Callable[[str], Life]


def test_a_platform_is_one_of_those_that_are_supported(lives: Lives) -> None:
    """TelemedHelp 1.3, 6.2: who hands a request in chooses iOS, Android or the web; a letter says what it says."""
    life = lives("telemedhelp")

    def chat(platform: str) -> Taken:
        message = Inbound("chat", "", f"c-{platform}", "user-7", None, "Вопрос", "Как?", fields={"platform": platform})
        arrival = Arrival(message, CLIENT)
        taken: Taken = life.write(lambda session: receive(session, life.five.resources, arrival))
        return taken

    for platform in ("ios", "Android", "web"):
        assert chat(platform).number
    with pytest.raises(Invalid) as unknown:
        chat("symbian")
    assert (unknown.value.fields, unknown.value.clause) == ({"fields.platform": "one of ios, android, web"}, "6.2")
    question = Question(Way("chat"), requester="user-7", fields={"platform": "symbian"})
    with pytest.raises(Invalid, match="not listed"):
        life.read(
            lambda session: ask(
                session, question, None, life.five.resources.directory.in_force, life.five.resources.ways
            )
        )
    assert life.mail(fields={"platform": "symbian"}).number
