"""Webhooks: messages to other systems as they are, signed (Standard Webhooks 1.0)."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from httpx2 import (
    AsyncClient,
    ConnectError,
    ConnectTimeout,
    HTTPError,
    Response,
    Timeout,
    create_ssl_context,
)

from api.channels.configured import Network
from api.channels.guard import Destination, Resolve, destination, looked_up
from api.channels.outcomes import code_of, silenced
from api.channels.signing import signature
from api.errors import WebhookAddressUnusable
from api.keys import SigningKey
from engine.core.dispatches import Letter, Outcome
from engine.ports import Clock

PATIENCE = 13
"""Seconds until an answer has begun, once the host is found."""
CONNECTING = 5
"""Seconds of them for each address of the host."""
LISTENING = 2
"""Seconds in which more of an answer is heard; with those of the guard it is 20 in all."""
LARGEST = 4096
"""Bytes of an answer that are heard."""
LONGEST_WAIT = 9
"""Digits a number of seconds may have."""
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "careway"}
GONE = 410
BUSY = frozenset({429, 502, 503, 504})
"""Answers with which a receiver may say when to come again."""


class Webhooks:
    """Carries messages to other systems, past no proxy: it would look up the host once more."""

    def __init__(
        self,
        key: SigningKey,
        clock: Clock,
        networks: Sequence[Network] = (),
        resolve: Resolve = looked_up,
        patience: int = PATIENCE,
    ) -> None:
        """Send to other systems.

        Args:
            key: the installation's, from which the secrets follow.
            clock: dates the attempts; receivers take those of the last minutes only.
            networks: those that webhooks may lead into, beside what everybody can reach.
            resolve: looks up a host.
            patience: seconds until an answer has to begin, once the host is found.
        """
        silenced("httpx2", "httpcore2")  # a path may hold a secret of the receiver's
        self._key, self._clock, self._networks = key, clock, networks
        self._resolve, self._patience = resolve, patience
        self._trust: ssl.SSLContext = create_ssl_context()

    def carry(self, letter: Letter) -> Outcome:
        """Try once; it is sent when the receiver answers 2xx. Nothing that leads elsewhere is followed."""
        try:
            there = destination(letter.channel.address, self._networks, self._resolve)
        except WebhookAddressUnusable:
            return Outcome("failed", "forbidden-address")
        except OSError as error:
            return Outcome("failed", code_of(error, "unresolved"))
        try:
            return asyncio.run(self._post(letter, there))
        except (HTTPError, TimeoutError) as error:
            return Outcome("failed", code_of(error, "dropped"))

    async def _post(self, letter: Letter, there: Destination) -> Outcome:
        assert letter.body is not None, "webhooks are for other systems"
        now = self._clock.now().astimezone(UTC)
        signed = {
            "webhook-id": letter.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature(self._key, letter.channel, letter.id, letter.body, now),
        }
        waiting = Timeout(self._patience, connect=CONNECTING)
        async with AsyncClient(verify=self._trust, trust_env=False, timeout=waiting) as client:
            async with asyncio.timeout(self._patience):
                response = await _answer(client, there, {**HEADERS, **signed}, letter.body.encode())
            with suppress(HTTPError, TimeoutError):  # it has answered; nothing it goes on to say counts
                async with asyncio.timeout(LISTENING):
                    await _listen(response)
        return _outcome(response, self._clock.now())


async def _answer(client: AsyncClient, there: Destination, headers: dict[str, str], body: bytes) -> Response:
    """Return the head of the answer from the first address that can be connected to."""

    async def asked(address: str) -> Response:
        request = client.build_request(
            "POST",
            there.url.copy_with(host=address),
            headers={"Host": there.url.netloc.decode("ascii"), **headers},
            content=body,
            extensions={"sni_hostname": there.url.raw_host.decode("ascii")},
        )
        return await client.send(request, stream=True, follow_redirects=False)

    *others, last = there.addresses
    for address in others:
        with suppress(ConnectError, ConnectTimeout):
            return await asked(address)
    return await asked(last)


async def _listen(response: Response) -> None:
    """Hear a few kilobytes of an answer: some receivers stop what they do when nobody listens."""
    heard = 0
    async for part in response.aiter_raw():
        heard += len(part)
        if heard >= LARGEST:
            return


def _outcome(response: Response, now: datetime) -> Outcome:
    code = f"http-{response.status_code}"
    if response.is_success:
        return Outcome("sent", code)
    if response.status_code == GONE:
        return Outcome("gone", code)
    busy = response.status_code in BUSY
    return Outcome("failed", code, retry_after(response.headers.get("Retry-After"), now) if busy else None)


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Return how long a receiver asks to wait, in seconds or until a date; None when it cannot be read."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) <= LONGEST_WAIT else None
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000" says that it is UTC, and nothing about where
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta())
