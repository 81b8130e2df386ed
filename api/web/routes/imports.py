"""Imports: a file is sent and tried or imported; how far it is, and what is wrong with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from api.http.calls import By, Caller
from api.http.pages import before_of, cursor_of, link_of, place_of
from api.http.routes.imports import after_of, arriving, cursor_to
from api.http.shapes import SHORT
from api.imports.cells import MARKS
from api.imports.files import NDJSON
from api.imports.layouts import LAYOUTS
from api.web import words
from api.web.choices import choices
from api.web.forms import Form, form_in, form_with_file
from api.web.frame import show
from engine.core.uploads import UNFINISHED, RowProblem, Status, Upload
from engine.errors import MessageRefused, Problem
from engine.ports import UnitOfWork
from engine.services.patients import Sender, time_zone
from engine.services.uploads import Wish, cancel, complete, upload_of

router = APIRouter(prefix="/imports", include_in_schema=False)

PAGE = 50
PROBLEMS = 200
"""Problems of rows on one page."""
PART = 1 << 20
"""Bytes of a file that are kept together."""
LONGEST_ORIGIN = 80
KINDS = {**{name: layout.says for name, layout in LAYOUTS.items()}, NDJSON: "messages as JSON, one a line"}
STATUSES: dict[Status, str] = {
    "arriving": "on its way",
    "waiting": "waits for its turn",
    "running": "under way",
    "done": "done",
    "refused": "cannot be used",
    "cancelled": "cancelled",
}
DECIMALS = (("", "as each number shows it"), ("point", "point: 2.45"), ("comma", "comma: 2,45"))

Text = Annotated[str, Query(max_length=SHORT)]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import, and how far it is."""

    href: str
    title: str
    what: str
    """Kind of file, and whether it is only tried."""
    sent: str
    status: str
    says: str
    """How many rows came to what, or why the file cannot be used."""
    done: int
    rows: int | None
    under_way: bool
    alarm: bool


def line_of(upload: Upload, zone: tzinfo) -> ImportLine:
    """Return an import as shown."""
    refused = words.count(upload.refused, "row was", "rows were")
    counts = (
        (upload.accepted, "taken" if not upload.trial else "would be taken"),
        (upload.quarantined, "to verify"),
        (upload.duplicate, "known already"),
    )
    told = [f"{number:,} {says}" for number, says in counts if number]
    if upload.refused:
        told.append(f"{refused} refused")
    return ImportLine(
        href=f"/imports/{upload.id}",
        title=upload.origin,
        what=f"{upload.kind}{', only tried' if upload.trial else ''}",
        sent=words.moment(upload.created, zone),
        status=STATUSES[upload.status],
        says=upload.why or ", ".join(told) or ("" if upload.status in UNFINISHED else "no rows"),
        done=upload.done,
        rows=upload.rows,
        under_way=upload.status in UNFINISHED,
        alarm=upload.status == "refused" or upload.refused > 0,
    )


@router.get("")
async def list_imports(
    request: Request, by: By, cursor: str | None = None, kind: Text = "", origin: Text = "", mark: Text = ""
) -> Response:
    """Show the form by which a file is sent, and the files that were, newest first."""
    return await _shown(request, by, {"kind": kind, "origin": origin, "mark": mark}, cursor)


async def _shown(
    request: Request,
    by: Caller,
    filled: Mapping[str, str],
    cursor: str | None = None,
    problems: Sequence[str] = (),
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    before = before_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        zone = time_zone(uow, sender.site)
        found = uow.uploads.of(sender.site, before=before, limit=PAGE + 1)
        shown = found[:PAGE]
        last = shown[-1] if len(found) > PAGE else None
        return {
            "problems": problems,
            "kinds": choices(((name, f"{name}: {says}") for name, says in KINDS.items()), filled["kind"]),
            "marks": choices(DECIMALS, filled["mark"]),
            "origin": filled["origin"],
            "longest": LONGEST_ORIGIN,
            "imports": tuple(line_of(each, zone) for each in shown),
            "following": "" if last is None else link_of(request, place_of(last.created, last.id)),
            "patients": (),
        }

    return await show(by, "imports", ask, status)


@router.post("")
async def send_file(request: Request, by: By) -> Response:
    """Take a file to be tried or imported, and lead to how far it is."""
    await by.admit()
    async with form_with_file(request) as (form, file):
        return await _taken(request, by, form, file)


async def _taken(request: Request, by: Caller, form: Form, file: UploadFile | None) -> Response:
    if form.again:
        return await _shown(request, by, _filled(form), problems=("Choose the file again.",))
    if file is None or not file.size:
        says = "Choose the file to send." if file is None else "This file is empty. Choose another one."
        return await _shown(request, by, _filled(form), None, (says,), HTTPStatus.UNPROCESSABLE_ENTITY)
    wish, clock = wish_in(form, file.filename or ""), by.application.clock
    async with arriving(by, wish) as arrival:
        while part := await file.read(PART):
            await arrival.keep(part)
        await by.write(lambda uow, sender: complete(uow, arrival.id, sender, clock.now()))
    return RedirectResponse(f"/imports/{arrival.id}", HTTPStatus.SEE_OTHER)


def _filled(form: Form) -> Mapping[str, str]:
    return {name: form[name][:SHORT] for name in ("kind", "origin", "mark")}


def wish_in(form: Form, file: str) -> Wish:
    """Return what is to be done with a file of this name; raises `MessageRefused`."""
    problems = []
    if form["kind"] not in KINDS:
        problems.append(Problem("/kind", "bad-field", "Choose what a row of the file is."))
    origin = form["origin"] or PurePath(file).stem
    if not 1 <= len(origin) <= LONGEST_ORIGIN or not origin.isprintable():
        text = f"Say where the file comes from, in 1 to {LONGEST_ORIGIN} printable letters."
        problems.append(Problem("/origin", "bad-field", text))
    if problems:
        raise MessageRefused(tuple(problems))
    mark = next((sign for name, sign in MARKS.items() if name == form["mark"]), None)
    return Wish(form["kind"], origin, mark, trial=form["act"] != "import")


@router.get("/{upload}")
async def show_import(upload: str, request: Request, by: By, cursor: str | None = None) -> Response:
    """Show how far an import is, and what is wrong with each row that was refused."""
    after = after_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = upload_of(uow, upload, sender.site)
        told = uow.uploads.problems(upload, after=after, limit=PROBLEMS + 1)
        return {
            "id": upload,
            "line": line_of(found, time_zone(uow, sender.site)),
            "rows": told[:PROBLEMS],
            "following": _following(request, told),
            "beginning": bool(cursor_of(cursor)),
            "tried": found.trial and found.status == "done",
            "again": {
                "kind": found.kind,
                "origin": found.origin,
                "mark": next((name for name, sign in MARKS.items() if sign == found.mark), ""),
            },
            "patients": (),
        }

    return await show(by, "import", ask)


def _following(request: Request, told: Sequence[RowProblem]) -> str:
    return link_of(request, cursor_to(told[PROBLEMS - 1])) if len(told) > PROBLEMS else ""


@router.post("/{upload}/cancel")
async def stop_import(upload: str, request: Request, by: By) -> Response:
    """Cancel an import that has not finished; what it recorded stays."""
    await form_in(request)
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Upload:
        return cancel(uow, upload_of(uow, upload, sender.site, hold=True), sender, clock.now())

    await by.write(ask)
    return RedirectResponse(f"/imports/{upload}", HTTPStatus.SEE_OTHER)
