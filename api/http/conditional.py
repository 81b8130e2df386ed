"""Conditional GET: every answer has an ETag, and who has the answer already is told so and nothing more.

An ETag ends with a hash of the content. That of an answer about a patient begins with the revision, which
alone counts for `If-Match`: an owner's absence changes what is shown and not what a decision rests on.
"""

from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_MODIFIED = 304
LEFT_OUT = ("content-length", "content-type")
"""Headers that tell of a body."""


class Conditional:
    """Completes the ETag of every answer by its content, and answers 304 to who has it already.

    An answer that is not sent in one piece, such as an export or a large file, stays as it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        start: Message | None = None

        async def compared(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and whole(message):
                start = message  # until its content is there
            elif start is not None and message["type"] == "http.response.body":
                begun, start = start, None
                if message.get("more_body"):
                    await send(begun)
                    await send(message)
                    return
                headers = MutableHeaders(scope=begun)
                headers["etag"] = completed(headers.get("etag"), message["body"])
                if has(known, headers["etag"]):
                    begun["status"], message["body"] = NOT_MODIFIED, b""
                    for name in LEFT_OUT:
                        del headers[name]
                await send(begun)
                await send(message)
            else:
                await send(message)

        await self.app(scope, receive, compared)


def whole(start: Message) -> bool:
    """Whether an answer is a good one that may come in one piece."""
    return start["status"] == 200 and "content-length" in Headers(raw=start["headers"])


def completed(tag: str | None, content: bytes) -> str:
    """Return the ETag of a content, beginning with the one it has already."""
    digest = sha256(content).hexdigest()[:16]
    return f'"{digest}"' if tag is None else f'{tag[:-1]}-{digest}"'


def has(known: str, tag: str) -> bool:
    """Whether `If-None-Match` names an ETag; a weak one counts, for nothing but the content is compared."""
    return tag in (part.strip().removeprefix("W/") for part in known.split(","))
