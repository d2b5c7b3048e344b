"""What a phone agent's or a helpdesk's program does: the HTTP API with a key."""

from typing import Any, Self
from uuid import uuid4

import httpx2

from helpdesk.demo.service import Service

Body = dict[str, Any]


class UnexpectedAnswer(RuntimeError):
    """The API answered with another status than the demonstration needs."""


class Api:
    """The API for one key; each call names the company it is about, or none on an operator's routes."""

    def __init__(self, service: Service, key: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=httpx2.Timeout(10.0)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, tenant: str) -> Body:
        """Return the answer's body.

        Raises:
            UnexpectedAnswer: it is not 200.
        """
        answer = await self._client.get(path, headers={"Helpdesk-Tenant": tenant})
        return _body(answer, httpx2.codes.OK)

    async def post(self, path: str, tenant: str, body: Body) -> Body:
        """Write once, under a fresh idempotency key, and return the answer's body.

        Raises:
            UnexpectedAnswer: it is neither 200 nor 201.
        """
        return _body(await self.try_post(path, tenant, body), httpx2.codes.OK, httpx2.codes.CREATED)

    async def try_post(self, path: str, tenant: str, body: Body) -> httpx2.Response:
        """Write once and return the answer, whatever it is."""
        headers = {"Idempotency-Key": str(uuid4())}
        if tenant:
            headers["Helpdesk-Tenant"] = tenant
        return await self._client.post(path, json=body, headers=headers)


def _body(answer: httpx2.Response, *expected: int) -> Body:
    if answer.status_code not in expected:
        raise UnexpectedAnswer(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    found: Body = answer.json()
    return found
