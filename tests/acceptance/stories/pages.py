"""A visitor of a company's site, with its form before them, or signed in to an account or a chat there."""

from itertools import count
from typing import Any

import httpx2
from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.house import SIGNING, SITES
from tests.support.web_place import bearer, signed

_people = count(501)


class Page:
    """The page with the form, as the visitor's browser has it."""

    def __init__(self, story: Story) -> None:
        self._story, self._site = story, SITES[story.company]
        self._http = httpx2.Client(
            base_url=f"http://127.0.0.1:{story.house.web_port}",
            headers={"Origin": f"https://{self._site}"},
            timeout=30.0,
        )

    def send(self, files: dict[str, Any] | None = None, **fields: str) -> httpx2.Response:
        """Fill the form in and send it, with the client's mail address where no other is given."""
        handed = self._http.get(f"/forms/{self._site}").json()
        data = {"token": handed["token"], handed["trap"]: "", "email": self._story.client, **fields}
        answer = self._http.post(f"/forms/{self._site}", data=data, files=files)
        self._story.house.settle()
        return answer


class Member:
    """Somebody who is signed in, at ``accounts`` or ``chats``; the site has verified the client's mail address."""

    def __init__(self, story: Story, where: str) -> None:
        self._story, site = story, SITES[story.company]
        self.address = f"user:{site}/{next(_people)}"
        who, secret = self.address.rpartition("/")[2], SIGNING[site]
        told = signed(site, who, secret=secret, name="Анна", email=story.client, email_verified=True)
        self._http = httpx2.Client(
            base_url=f"http://127.0.0.1:{story.house.web_port}/{where}/{site}",
            headers={"Origin": f"https://{site}", **bearer(told)},
            timeout=30.0,
        )
        self._ids, self._cursor = count(1), 0

    def say(self, text: str, files: dict[str, Any] | None = None, **fields: Any) -> httpx2.Response:
        """Write; return the answer once all that follows has happened."""
        data = {"id": f"m{next(self._ids)}", "text": text, **fields}
        answer = self._http.post("/messages", data=data, files=files)
        self._story.house.settle()
        return answer

    def got(self) -> list[dict[str, Any]]:
        """Come for the letters since the last time."""
        self._story.house.settle()
        told = self._http.get("/letters", params={"after": self._cursor}).json()
        self._cursor = told["cursor"]
        found: list[dict[str, Any]] = told["items"]
        return found
