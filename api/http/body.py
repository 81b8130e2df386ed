"""Reading a body: JSON with its numbers exactly as written, and nothing that only looks like it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.exact import NotExact, exact_json
from api.http.problems import BodyTooLarge, BodyTooSlow, BodyUnreadable, MediaTypeUnsupported

LARGEST = 1024 * 1024
"""Bytes a body may have."""
PATIENCE = 20
"""Seconds a body may take to come."""
MOST = 500
"""Fields a form may have: each of 200 rows that are ticked is one."""
NO_TEXT = "The form holds a character that is no text."


async def json_of(request: Request) -> Any:
    """Return the body of a request; numbers as int or Decimal.

    Raises:
        MediaTypeUnsupported: it is not declared as JSON.
        BodyTooLarge: it has more than 1 MiB; the rest is not read.
        BodyTooSlow: it did not come in time.
        BodyUnreadable: it is not JSON in UTF-8, repeats a key, or nests too deep.
    """
    _declared_json(request)
    return _json(await bytes_of(request))


async def json_if_any(request: Request) -> Any:
    """Return the body of a request as `json_of` does; an empty object when there is no body."""
    return _json(content) if (content := await bytes_of(request)) and _declared_json(request) else {}


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form; of a field that comes twice, the last. Raises what `fields_of` raises."""
    return dict(await fields_of(request))


async def fields_of(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a form in their order.

    Raises:
        MediaTypeUnsupported: it is not declared as a form.
        BodyTooLarge: it has more than 1 MiB; the rest is not read.
        BodyTooSlow: it did not come in time.
        BodyUnreadable: it is no form, or holds what is no text.
    """
    declared = declared_as(request)
    if declared != "application/x-www-form-urlencoded":
        shown = declared or "nothing"
        raise MediaTypeUnsupported(
            f"The body must be declared as application/x-www-form-urlencoded; got {shown!r}."
        )
    content = await bytes_of(request)
    try:
        text = content.decode("utf-8")
        fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:
        raise BodyUnreadable("The body is not a form.") from None
    if any("\0" in part for field in fields for part in field):
        raise BodyUnreadable(NO_TEXT)
    return fields


async def form_with_file_of(
    request: Request, largest: int, patience: int
) -> tuple[list[tuple[str, str]], UploadFile | None]:
    """Return the fields of a form in their order, and the file that came with it, if any.

    Args:
        request: whose body.
        largest: bytes it may have.
        patience: seconds it may take.

    Raises:
        BodyTooLarge: it has more bytes; the rest is not read.
        BodyTooSlow: it did not come in time.
        BodyUnreadable: it is no form with at most one file.
    """

    async def bounded() -> AsyncGenerator[bytes]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > largest:
                raise BodyTooLarge(f"This file may have {largest >> 20} MiB at most. Send it in parts.")
            yield piece

    try:
        async with asyncio.timeout(patience):
            found = await MultiPartParser(request.headers, bounded(), max_files=1, max_fields=MOST).parse()
    except TimeoutError:
        raise BodyTooSlow(f"The file did not come within {patience} seconds. Send it again.") from None
    except MultiPartException:
        raise BodyUnreadable("The body is no form with a file.") from None
    items = found.multi_items()
    fields = [(name, value) for name, value in items if isinstance(value, str)]
    file = next((value for _, value in items if not isinstance(value, str)), None)
    if any("\0" in part for field in fields for part in field):
        if file is not None:
            await file.close()
        raise BodyUnreadable(NO_TEXT)
    return fields, file


async def parts_of(
    request: Request, media: Sequence[str], largest: int, patience: int
) -> AsyncIterator[bytes]:
    """Yield the body of a request in parts of at most 1 MiB and a little, as they come.

    Args:
        request: whose body.
        media: what it may be declared as.
        largest: bytes it may have.
        patience: seconds it may take.

    Raises:
        MediaTypeUnsupported: it is declared as something else.
        BodyTooLarge: it has more bytes; the rest is not read.
        BodyTooSlow: it did not come in time.
        BodyUnreadable: there is none.
    """
    declared = declared_as(request)
    if declared not in media:
        shown, wanted = declared or "nothing", ", ".join(media)
        raise MediaTypeUnsupported(f"The body must be declared as one of {wanted}; got {shown!r}.")
    seen, size, part = sha256(), 0, bytearray()
    try:
        async with asyncio.timeout(patience):
            async for piece in request.stream():
                size += len(piece)
                if size > largest:
                    raise BodyTooLarge(f"This body may have {largest} bytes at most. Send it in parts.")
                seen.update(piece)
                part += piece
                if len(part) >= LARGEST:
                    yield bytes(part)
                    part.clear()
    except TimeoutError:
        raise BodyTooSlow(f"The body did not come within {patience} seconds. Send it again.") from None
    if not size:
        raise BodyUnreadable("The body is empty. Send the file itself as the body.")
    if part:
        yield bytes(part)
    request.state.sent = seen.digest()  # by which the same call is known when it comes again


async def bytes_of(request: Request) -> bytes:
    """Return the body of a request; raises `BodyTooLarge`, `BodyTooSlow`."""
    taken = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                taken += part
                if len(taken) > LARGEST:
                    raise BodyTooLarge(f"A body may have {LARGEST} bytes at most. Send it in several calls.")
    except TimeoutError:
        raise BodyTooSlow(f"The body did not come within {PATIENCE} seconds. Send it again.") from None
    request.state.sent = bytes(taken)  # by which the same call is known when it comes again
    return bytes(taken)


def _declared_json(request: Request) -> bool:
    declared = declared_as(request)
    if declared != "application/json" and not declared.endswith("+json"):
        shown = declared or "nothing"
        raise MediaTypeUnsupported(f"The body must be declared as application/json; got {shown!r}.")
    return True


def declared_as(request: Request) -> str:
    """Return the media type a body is declared as; nothing for none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _json(content: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raises `BodyUnreadable`."""
    try:
        return exact_json(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise BodyUnreadable("The body is not text in UTF-8.") from None
    except NotExact as error:
        raise BodyUnreadable(f"The body {error}") from None
