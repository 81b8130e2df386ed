"""Asking an issuer: little, soon, and over TLS unless it is this machine."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from api.addresses import reachable
from api.errors import ProviderUnavailable

PATIENCE = 5
"""Seconds an answer may take in all."""
LARGEST = 256 * 1024
"""Bytes an answer may have."""


async def json_at(
    url: str, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
) -> tuple[int, Any]:
    """Return status and JSON of an answer; one that leads elsewhere is not followed.

    Args:
        url: what is asked.
        form: what is posted; None to get.
        auth: name and password, if the other side wants them.

    Raises:
        ProviderUnavailable: there is no answer in time, it is no JSON, it is too large, or its author says
            that something is wrong on its side.
    """
    host = urlsplit(url).hostname if reachable(url) else None
    if host is None:
        raise ProviderUnavailable("An issuer names an address that is neither https nor on this machine.")
    try:
        async with asyncio.timeout(PATIENCE):
            status, content = await _answer(url, form, auth)
            found = json.loads(content)
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError):
        raise _unavailable(host) from None
    if status >= 500:
        raise _unavailable(host)
    return status, found


async def _answer(
    url: str, form: Mapping[str, str] | None, auth: tuple[str, str] | None
) -> tuple[int, bytes]:
    proxied = url.startswith("https:")  # a proxy for the world outside does not know this machine
    async with (
        httpx2.AsyncClient(timeout=PATIENCE, trust_env=proxied) as client,
        client.stream(
            "GET" if form is None else "POST",
            url,
            data=form,
            auth=auth,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        ) as response,
    ):
        taken = bytearray()
        async for part in response.aiter_bytes():
            taken += part
            if len(taken) > LARGEST:
                raise ValueError("too large")
        return response.status_code, bytes(taken)


def _unavailable(host: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{host} does not answer as it should, so it cannot be asked. Try again in a moment."
    )
