"""Exports: everything kept of a patient or a site, and the event log of a site for process mining."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from api.exports.summary import SummaryView, summary
from api.exports.writing import CSV, NDJSON, json_lines, pieces, table
from api.http.calls import By
from api.http.responses import sent
from engine.core.exported import COLUMNS, Line
from engine.core.pseudonyms import Pseudonyms
from engine.ports import UnitOfWork
from engine.services.cohorts import Cohort, cohort
from engine.services.exporting import KEY_BYTES, log_of_site, note_export, of_patient, of_site, pseudonyms
from engine.services.patients import Sender

router = APIRouter(prefix="/v1", tags=["exports"])

Told = dict[int | str, dict[str, Any]]
TEXT = {"schema": {"type": "string"}}
LINES: Told = {200: {"content": {NDJSON: TEXT}, "description": "One JSON object a line."}}
TABLE: Told = {200: {"content": {"text/csv": TEXT}, "description": "A table; its first line names columns."}}


async def hiding(
    by: By,
    pseudonymised: Annotated[
        Literal["true", "false"],
        Query(description="Ids become pseudonyms of this export alone, dates move, free text is left out."),
    ] = "false",
) -> Pseudonyms | None:
    """Return what hidden for what, with a key that is drawn now and kept nowhere; None to hide nothing."""
    app = by.application
    drawn = pseudonymised == "true"
    return pseudonyms(app.shelf, app.randomness.draw(KEY_BYTES)) if drawn else None


Hidden = Annotated[Pseudonyms | None, Depends(hiding)]


def file(text: Iterable[str], media_type: str, name: str) -> Response:
    """Return text that is made as it is sent, as a file to save."""
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces(text), media_type=media_type, headers=kept)


@router.get("/patients/{patient}/export", response_class=Response, responses=LINES)
async def export_patient(patient: str, by: By, hidden: Hidden) -> Response:
    """Everything kept of a patient: every event as it came, every step ever recorded."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Line, ...]:
        return of_patient(uow, patient, hidden, sender)

    return file(json_lines(await by.read(ask)), NDJSON, "patient.ndjson")


@router.get("/exports/site", response_class=Response, responses=LINES)
async def export_site(by: By, hidden: Hidden) -> Response:
    """The same of all patients of the caller's site, one after the other."""
    site = await noted(by, "site", hidden)
    return file(json_lines(of_site(by.application.store, site, hidden)), NDJSON, "site.ndjson")


@router.get("/exports/event-log", response_class=Response, responses=TABLE)
async def export_event_log(by: By, hidden: Hidden) -> Response:
    """Which patient of the caller's site entered which state when, for process mining (columns as in XES)."""
    site = await noted(by, "event log", hidden)
    rows: Iterator[Line] = log_of_site(by.application.store, site, hidden)
    return file(table(rows, COLUMNS), CSV, "event-log.csv")


@router.get("/exports/summaries/{pathway}", response_model=SummaryView)
async def export_summary(pathway: str, by: By) -> Response:
    """Counts of the patients of a pathway at the site, to be handed on: one to four are hidden."""
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> Cohort:
        note_export(uow, f"site:{sender.site}", "summary", None, sender.author, app.clock.now())
        return cohort(uow, app.shelf, app.clock, pathway, sender)

    return sent(summary(await by.write(ask)))


async def noted(by: By, what: str, hidden: Pseudonyms | None) -> str:
    """Note that the patients of the caller's site are exported, before any of it is sent; return the site."""
    now = by.application.clock.now()

    def ask(uow: UnitOfWork, sender: Sender) -> str:
        note_export(uow, f"site:{sender.site}", what, hidden, sender.author, now)
        return sender.site

    return await by.write(ask)
