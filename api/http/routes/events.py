"""Data in: events of a patient, one or many, and what is on the record."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.http.body import json_of
from api.http.calls import Ask, By
from api.http.etags import REVISION, etag, expected_revision
from api.http.examples import BATCH_BODY, EVENTS_BODY
from api.http.pages import link_to, numbers_of
from api.http.problems import problem_of, status_of
from api.http.responses import sent
from api.http.shapes import object_in
from api.http.views import RecordedView, receipt_view, recorded_view
from engine.core.kept import Receipt
from engine.errors import MessageRefused, Problem
from engine.ports import UnitOfWork
from engine.services.patients import Sender, patient_of
from engine.services.recording import Recorded

router = APIRouter(prefix="/v1", tags=["data in"])

DECIDES = frozenset({"decision", "override", "admin"})
"""Types of events by which a person decides about a patient; they say which revision they rest on."""
TOGETHER, IN_BATCH = 500, 1000


def listed(sent: Any, most: int) -> list[Any]:
    """Return the events of a body that holds a list of them; raises `MessageRefused`."""
    unknown = [name for name in sent if name != "events"]
    events = sent.get("events")
    problems = [
        Problem(f"/{name}", "bad-field", f"`{name}` does not go beside `events`.") for name in unknown
    ]
    if not isinstance(events, list) or not 1 <= len(events) <= most:
        problems.append(Problem("/events", "bad-field", f"`events` must be a list of 1 to {most} events."))
    if problems:
        raise MessageRefused(tuple(problems))
    return list(events)


@router.post(
    "/patients/{patient}/events",
    status_code=201,
    response_model=RecordedView,
    openapi_extra=EVENTS_BODY | REVISION,
    responses={200: {"model": RecordedView, "description": "Nothing was new."}},
)
async def record(patient: str, request: Request, by: By) -> Response:
    """Record one event, or several of which all are stored or none.

    An event sent again with the same content is answered again and changes nothing (status 200 when nothing
    was new). Decisions, overrides and changes of status need `If-Match`.
    """
    body = object_in(await json_of(request), "")
    together = "events" in body
    messages: list[Mapping[str, Any]] = listed(body, TOGETHER) if together else [body]
    decides = any(map(_decides, messages))
    expected = expected_revision(request, needed=decides)
    recorder = by.application.recorder

    def ask(uow: UnitOfWork, sender: Sender) -> Recorded:
        at = "/events" if together else None
        return recorder.record(uow, patient, messages, sender, expected=expected, at=at)

    def respond(recorded: Recorded) -> Response:
        status = 200 if all(taken.result == "duplicate" for taken in recorded.taken) else 201
        return sent(recorded_view(recorded), status, tag=etag(recorded.revision))

    return await by.answer(ask, respond)


@router.get("/patients/{patient}/events")
async def show_record(
    patient: str,
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> JSONResponse:
    """Show the record: every event ever stored, corrections and retractions included, in order of receipt."""
    (after,) = numbers_of(cursor) or (0,)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Receipt, ...]:
        found = patient_of(uow, patient, sender)
        return uow.records.receipts(found.id, after=after, limit=limit + 1)

    found = await by.read(ask)
    following = found[limit - 1].event.stamp.sequence if len(found) > limit else None
    items = [receipt_view(receipt) for receipt in found[:limit]]
    return JSONResponse({"items": items}, headers=link_to(request, following, limit))


@router.post("/events/batch", openapi_extra=BATCH_BODY)
async def record_batch(request: Request, by: By) -> JSONResponse:
    """Record events of any patients, each by itself, in order; the answer says what became of each.

    Each event names its `patient`; one that decides gives `if_match` beside it.
    """
    events = listed(object_in(await json_of(request), ""), IN_BATCH)
    await by.admit()  # one refusal for all, when nothing may be sent
    asks = [
        (event.get("patient") if isinstance(event, dict) else None, _alone(by, event)) for event in events
    ]
    outcomes = await by.write_each(asks)
    trace = request.state.trace
    items: list[dict[str, object]] = []
    for outcome in outcomes:
        if isinstance(outcome, Recorded):
            (taken,) = outcome.taken
            items.append(
                {"status": 200 if taken.result == "duplicate" else 201, "patient": outcome.patient,
                 "id": taken.id, "result": taken.result, "revision": outcome.revision}
            )  # fmt: skip
        else:
            items.append({"status": int(status_of(outcome)), "problem": problem_of(outcome, trace)})
    return JSONResponse({"items": items})


def _decides(event: Any) -> bool:
    return isinstance(event, dict) and str(event.get("type")) in DECIDES


def _about(event: Any) -> str:
    return str(event.get("patient")) if isinstance(event, dict) else ""


def _alone(by: By, event: Any) -> Ask[Recorded]:
    recorder = by.application.recorder

    def ask(uow: UnitOfWork, sender: Sender) -> Recorded:
        message = dict(object_in(event, ""))
        patient, expected = message.pop("patient", None), message.pop("if_match", None)
        problems = []
        if not isinstance(patient, str):
            problems.append(Problem("/patient", "bad-field", "`patient` must be the id of a patient."))
        if expected is not None and (isinstance(expected, bool) or not isinstance(expected, int)):
            problems.append(Problem("/if_match", "bad-field", "`if_match` must be a revision, such as 7."))
        if expected is None and _decides(message):
            text = "`if_match` is needed: the revision of the patient this rests on."
            problems.append(Problem("/if_match", "missing-revision", text))
        if problems:
            raise MessageRefused(tuple(problems))
        return recorder.record(uow, str(patient), [message], sender, expected=expected)

    return ask
