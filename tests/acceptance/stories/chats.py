"""A client who writes to a company's bot: updates as the platform gives them, and what the bot sent back."""

import time
from itertools import count
from typing import Any

from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.house import BOTS, PATIENCE_SECONDS
from tests.support.telegram import Sent

from helpdesk.kernel.instants import SECOND
from helpdesk.kernel.principal import system

_people = count(7001)
_numbers = count(1)


class Chat:
    """One person's private chat with the company's bot, and the groups that they drag it into."""

    def __init__(self, story: Story, name: str = "Анна") -> None:
        self.story, self.id = story, next(_people)
        self.telegram = story.house.telegram
        self._writer = {"id": self.id, "is_bot": False, "first_name": name, "username": f"user{self.id}"}
        self._bot = self.telegram.bots[BOTS[story.company][1]]
        self._seen = len(self.telegram.sent)

    def known(self) -> "Chat":
        """Have the company know the account as one of the story's organisation."""
        addresses = [{"channel_kind": "telegram", "address": str(self.id)}]
        body = {"organisation_id": self.story.organisation, "addresses": addresses}
        self.story.do("POST", "/v1/contacts", "admin", name="Лицо в чате", **body)
        return self

    def say(self, text: str = "", *, group: int = 0, answers: Sent | None = None, **more: Any) -> int:
        """Write to the bot, here or in a group; return the message's number once all that follows has happened."""
        number = more.pop("number", None) or next(_numbers)
        kind = more.pop("kind", "message")
        chat = {"id": group, "type": "supergroup"} if group else {"id": self.id, "type": "private"}
        message = {"message_id": number, "date": self._date(), "chat": chat, "from": self._writer, **more}
        if text:
            message["text"] = text
        if answers is not None:
            own = {"id": int(self._bot.token.partition(":")[0]), "is_bot": True, "first_name": "bot"}
            message["reply_to_message"] = {"message_id": 1, "from": own, "entities": answers.given["entities"]}
        put = self.story.house.soon(lambda: self._bot.put(self.telegram.update(kind=kind, **message)))
        limit = time.monotonic() + PATIENCE_SECONDS
        while put in self._bot.waiting:
            assert time.monotonic() < limit, "the bot does not take it"
            time.sleep(0.005)
        self.story.house.settle()
        return number

    def ticket(self, subject: str) -> dict[str, Any]:
        """Read this person's ticket of that subject."""
        items = self.story.do("GET", "/v1/tickets?limit=200")["items"]
        (found,) = [
            each for each in items if (each["subject"], each["requester"]["address"]) == (subject, str(self.id))
        ]
        assert isinstance(found, dict)
        return found

    def got(self) -> list[Sent]:
        """Take what the bot sent or did since the last look, in any chat of this person or their groups."""
        self.story.house.settle()
        found = self.telegram.sent[self._seen :]
        self._seen += len(found)
        return [each for each in found if each.bot == self._bot.name]

    def _date(self) -> int:
        return self.story.house.database.read_now(system("test"), lambda session: session.now) // SECOND
