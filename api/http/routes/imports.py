"""Imports: a file is sent, imported by whichever process is free, and each row that was refused is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Enum
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.body import parts_of
from api.http.calls import Ask, By, Caller
from api.http.pages import Page, before_of, link_to, numbers_of, place_of
from api.http.problems import BodyUnreadable, ParameterUnreadable
from api.http.responses import sent
from api.imports.cells import MARKS, Mark
from api.imports.files import KINDS
from api.imports.reports import table
from api.imports.texts import BYTE_ORDER_MARKS
from engine.core.result import View
from engine.core.uploads import RowProblem, Upload
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.uploads import Wish, begin, cancel, complete, upload_of

router = APIRouter(prefix="/v1/imports", tags=["data in"])

LARGEST = 64 << 20
"""Bytes a file may have."""
PATIENCE = 600
"""Seconds a file may take to come."""
MEDIA = ("text/csv", "application/x-ndjson", "application/octet-stream")
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"The file; it may be declared as any of {', '.join(MEDIA)}.",
        "content": {MEDIA[-1]: {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""Described as plain bytes alone, for generators of clients know what to do with those."""
ImportKind = Enum("ImportKind", {kind: kind for kind in KINDS})  # type: ignore[misc]


class RowCounts(View):
    """How many rows came to what."""

    accepted: int
    duplicate: int
    quarantined: int
    refused: int


class ImportView(View):
    """A file that was sent to be imported, and how far that is."""

    id: str
    kind: str
    origin: str
    dry_run: bool
    created: datetime
    status: str
    """`waiting`, `running`, `done`, `refused` or `cancelled`."""
    done: int
    """Rows of which it is known what became of them."""
    rows: int | None
    """All rows; None until the file was read."""
    results: RowCounts
    finished: datetime | None
    why: str | None
    """Why the file as a whole was refused."""


class RowProblemView(View):
    """One thing wrong with a row."""

    row: int
    """The line it begins on; the first line of the file is 1."""
    column: str
    code: str
    says: str


def import_view(upload: Upload) -> ImportView:
    """Return an import as shown."""
    alike = ImportView.model_fields.keys() - {"dry_run", "results"}
    results = RowCounts(**{name: getattr(upload, name) for name in RowCounts.model_fields})
    shown = {name: getattr(upload, name) for name in alike}
    return ImportView(dry_run=upload.trial, results=results, **shown)


def problem_view(problem: RowProblem) -> RowProblemView:
    """Return a problem as shown."""
    return RowProblemView(row=problem.row, column=problem.pointer, code=problem.code, says=problem.says)


@router.post("", status_code=202, response_model=ImportView, openapi_extra=BODY)
async def import_file(
    request: Request,
    by: By,
    kind: ImportKind,
    origin: Annotated[str, Query(min_length=1, max_length=80)],
    *,
    dry_run: bool = False,
    decimal_mark: Mark | None = None,
) -> Response:
    """Send a file to be imported; what becomes of it is at `Location`. The same file again does no harm."""
    if not origin.isprintable():
        raise ParameterUnreadable("`origin` must be 1 to 80 printable characters.")
    await by.admit()
    mark, clock = None if decimal_mark is None else MARKS[decimal_mark], by.application.clock
    async with arriving(by, Wish(kind.value, origin, mark, dry_run)) as arrival:
        async for part in parts_of(request, MEDIA, LARGEST, PATIENCE):
            await arrival.keep(part)
        return await by.answer(
            lambda uow, sender: import_view(complete(uow, arrival.id, sender, clock.now())), accepted
        )


class Arrival:
    """A file that comes part by part."""

    def __init__(self, by: Caller, upload: str) -> None:
        """Hold whose it is, and the id it goes by."""
        self.by, self.id = by, upload
        self._parts = 0

    async def keep(self, part: bytes) -> None:
        """Keep the next part; raises `BodyUnreadable` when the first one is no text."""
        if self._parts == 0 and b"\0" in part and not any(part.startswith(m) for m, _ in BYTE_ORDER_MARKS):
            raise BodyUnreadable("The file is no text in UTF-8, UTF-16 or Windows 1252. Save it as UTF-8.")
        number = self._parts
        await self.by.write(lambda uow, _: uow.uploads.put_part(self.id, number, part))
        self._parts += 1


@asynccontextmanager
async def arriving(by: Caller, wish: Wish) -> AsyncIterator[Arrival]:
    """Begin an upload; nothing is left of one that was not completed within."""
    app = by.application
    begun = await by.write(lambda uow, sender: begin(uow, wish, sender, app.clock.now(), app.randomness))
    try:
        yield Arrival(by, begun.id)
    finally:  # when it was refused, or is answered as before
        await app.run(lambda uow: uow.uploads.forget(app.clock.now(), begun.id))


def accepted(made: ImportView) -> Response:
    """Return the response to a file that arrived."""
    return sent(made, 202, {"Location": f"/v1/imports/{made.id}"})


@router.get("", response_model=Page[ImportView])
async def list_imports(
    request: Request, by: By, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> Response:
    """List the imports of the caller's site, newest first."""
    before = before_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Upload, ...]:
        return uow.uploads.of(sender.site, before=before, limit=limit + 1)

    found = await by.read(ask)
    last = found[limit - 1] if len(found) > limit else None
    headers = link_to(request, None if last is None else place_of(last.created, last.id), limit)
    return sent(Page[ImportView](items=tuple(map(import_view, found[:limit]))), 200, headers)


@router.get("/{upload}", response_model=ImportView)
async def show_import(upload: str, by: By) -> Response:
    """Show how far an import is."""
    return sent(await by.read(one(upload)))


@router.delete("/{upload}", response_model=ImportView)
async def cancel_import(upload: str, by: By) -> Response:
    """Cancel an import that has not finished; what it recorded stays."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> ImportView:
        found = upload_of(uow, upload, sender.site, hold=True)
        return import_view(cancel(uow, found, sender, clock.now()))

    return await by.answer(ask, sent, of=one(upload))


@router.get(
    "/{upload}/report",
    response_model=Page[RowProblemView],
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def import_report(
    upload: str,
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: str | None = None,
) -> Response:
    """What is wrong with each row that was refused, in their order; as a table for `Accept: text/csv`."""
    after = after_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[RowProblem, ...]:
        upload_of(uow, upload, sender.site)
        return uow.uploads.problems(upload, after=after, limit=limit + 1)

    found = await by.read(ask, lambda _: ())  # a cell that cannot be read is told, so it is noted who saw it
    last = found[limit - 1] if len(found) > limit else None
    headers = link_to(request, None if last is None else cursor_to(last), limit)
    shown = tuple(map(problem_view, found[:limit]))
    if "text/csv" in request.headers.get("accept", ""):
        return Response(_table(shown), headers=headers, media_type="text/csv; charset=utf-8")
    return sent(Page[RowProblemView](items=shown), 200, headers)


def one(upload: str) -> Ask[ImportView]:
    """Return the question after an import of the caller's site."""
    return lambda uow, sender: import_view(upload_of(uow, upload, sender.site))


def cursor_to(last: RowProblem) -> str:
    """Return the place of a problem, after which the next page begins."""
    return f"{last.row} {last.place}"


def after_of(cursor: str | None) -> tuple[int, int]:
    """Return the place a page of problems goes on after; raises `ParameterUnreadable`."""
    row, place = numbers_of(cursor, 2) or (0, 0)
    return row, place


def _table(problems: tuple[RowProblemView, ...]) -> str:
    out = StringIO()
    put = table(out)
    for problem in problems:
        put(problem.model_dump())
    return out.getvalue()
