"""Replacing what one has seen: every PUT says which version, and these find out which one there is."""

from collections.abc import Mapping
from typing import Any

import httpx2

BEFORE_ANY = {"If-Match": '"0"'}
"""The version of nothing: versions are counted from 1."""


async def put(
    client: httpx2.AsyncClient, path: str, *, json: Any, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    """Replace what is there now, whichever version it is at."""
    told = await client.put(path, json=json, headers=BEFORE_ANY)
    if told.status_code != httpx2.codes.PRECONDITION_FAILED:
        return told
    return await client.put(path, json=json, headers={**seen(told), **(headers or {})})


def seen(told: httpx2.Response) -> dict[str, str]:
    """Return the header that names the version of which a 412 tells."""
    return {"If-Match": f'"{told.json()["current_version"]}"'}
