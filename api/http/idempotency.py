"""`Idempotency-Key`: a call sent again under its key is answered as it was, and nothing is done twice.

As the IETF draft of the header has it; keys belong to the credential or person that sends them, at one site.
"""

import json
import re
from datetime import datetime
from hashlib import sha256

from fastapi import Request, Response

from api.http.problems import KeyUnreadable
from engine.core.answered import Answered
from engine.core.canonical import dump

HEADER = "idempotency-key"
REPLAYED = {"Idempotency-Replayed": "true"}
"""Said with an answer that was given before."""
KEPT = ("ETag", "Location")
"""Headers that are part of an answer."""

_KEY = re.compile(r'"(?P<quoted>[ -!#-\[\]-~]{1,255})"|(?P<bare>[!#-~]{1,255})')


def key_of(request: Request) -> str | None:
    """Return the key of a call, without quotes; None without the header. Raises `KeyUnreadable`."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    match = _KEY.fullmatch(sent.strip())
    if match is None:
        raise KeyUnreadable
    return match["quoted"] or match["bare"]


def fingerprint(request: Request) -> str:
    """Return what tells one call from another: the hash of its method, path, query and body."""
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return sha256(head.encode() + getattr(request.state, "sent", b"")).hexdigest()


def kept(
    response: Response, caller: str, key: str, fingerprint: str, now: datetime, *, secret: bool
) -> Answered:
    """Return an answer as it is kept; one with a secret without its body."""
    headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    body = None if secret or not response.body else bytes(response.body).decode()
    return Answered(caller, key, fingerprint, response.status_code, dump(headers), body, secret, now)


def again(answer: Answered) -> Response:
    """Return the response to a call that was answered before."""
    headers = {**json.loads(answer.headers), **REPLAYED}
    media = None if answer.body is None else "application/json"
    return Response(answer.body, answer.status, headers, media)
