"""A visitor of a company's site, with its form before them."""

from typing import Any

import httpx2
from tests.acceptance.stories.driver import Story
from tests.acceptance.stories.house import SITES


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
