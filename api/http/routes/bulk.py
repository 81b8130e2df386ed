"""Acts on many rows of a worklist at once: each by itself, and the answer says what became of each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.action_ids import action_key, topic_of
from api.http.body import json_of
from api.http.calls import Ask, By, Caller
from api.http.etags import etag
from api.http.problems import ProblemDetails, problem_of, status_of
from api.http.responses import sent
from api.http.shapes import Shape, shaped
from api.http.worklist_shapes import HAND_EACH_OVER, SEEN_EACH, SNOOZE_EACH
from engine.core import notes
from engine.core.ownership import ActionKey
from engine.core.result import View
from engine.errors import CarewayError, MessageRefused, NotFound, Problem
from engine.ports import UnitOfWork
from engine.services.asking import Asker
from engine.services.noting import Act, note
from engine.services.ownership import hand_over
from engine.services.patients import Sender

router = APIRouter(prefix="/v1/bulk", tags=["working"])

Do = Callable[[UnitOfWork, Sender, str, ActionKey, int], int]
"""Does it to an action or review, by its kind, key and the revision expected; returns the new revision."""


class OutcomeView(View):
    """What became of one row."""

    id: str
    status: int
    patient: str | None
    revision: int | None
    """Of the patient afterwards; like `patient` and `etag` null where nothing was done."""
    etag: str | None
    problem: ProblemDetails | None
    """Why nothing was done."""


class OutcomesView(View):
    """What became of each row, in order."""

    items: tuple[OutcomeView, ...]


async def outcomes(
    by: Caller, rows: Sequence[Mapping[str, Any]], do: Do
) -> list[tuple[ActionKey | None, int | CarewayError]]:
    """Do something to each row in a transaction of its own, and return what became of each.

    Several rows of one patient that were seen at the same revision do not stand in each other's way.

    Args:
        by: who does it.
        rows: each with `id`, `kind` and `if_match`, the revision with which it was seen.
        do: what is done.
    """
    await by.admit()  # one refusal for all, when nothing may be done
    ours = dict[tuple[str, int], int]()
    """The revisions this call itself led to, by patient and the revision that was seen."""

    def asking(row: Mapping[str, Any], key: ActionKey | None) -> Ask[int]:
        def ask(uow: UnitOfWork, sender: Sender) -> int:
            if key is None:
                raise NotFound(row["kind"], row["id"])
            seen = (key.patient, row["if_match"])
            expected, patient = ours.get(seen, row["if_match"]), uow.patients.get(key.patient)
            revision = do(uow, sender, row["kind"], key, expected)
            if patient is not None and patient.unchanged_since(expected):
                uow.after_commit(lambda: ours.update({seen: revision}))
            return revision

        return ask

    keys = [_key(row["id"]) for row in rows]
    asks = [
        (None if key is None else key.patient, asking(row, key)) for row, key in zip(rows, keys, strict=True)
    ]
    return list(zip(keys, await by.write_each(asks), strict=True))


async def each(request: Request, by: Caller, rows: Sequence[Mapping[str, Any]], do: Do) -> Response:
    """Do something to each row and answer with what became of each."""
    told, trace = zip(rows, await outcomes(by, rows, do), strict=True), request.state.trace
    return sent(OutcomesView(items=tuple(_view(row["id"], key, end, trace) for row, (key, end) in told)))


def noting(asker: Asker, act: Act) -> Do:
    """Return what notes the same about a row."""

    def do(uow: UnitOfWork, sender: Sender, kind: str, key: ActionKey, expected: int) -> int:
        return note(uow, asker, topic_of(kind, key), act, sender, expected=expected).revision

    return do


def handing_over(asker: Asker, person: str | None, reason: str) -> Do:
    """Return what hands a row over; it raises `MessageRefused` for a review, which falls to the care team."""

    def do(uow: UnitOfWork, sender: Sender, kind: str, key: ActionKey, expected: int) -> int:
        if kind == "review":
            text = "Reviews cannot be handed over; they are the care team's."
            raise MessageRefused((Problem("/kind", "bad-field", text),))
        return hand_over(uow, asker, key, person, reason, sender, expected=expected).revision

    return do


def _key(text: str) -> ActionKey | None:
    try:
        return action_key(text)
    except NotFound:
        return None


def _view(name: str, key: ActionKey | None, outcome: int | CarewayError, trace: str) -> OutcomeView:
    if isinstance(outcome, int) and key is not None:
        return OutcomeView(
            id=name, status=200, patient=key.patient, revision=outcome, etag=etag(outcome), problem=None
        )
    assert isinstance(outcome, CarewayError)
    problem = ProblemDetails.model_validate(problem_of(outcome, trace), strict=False)
    status = int(status_of(outcome))
    return OutcomeView(id=name, status=status, patient=None, revision=None, etag=None, problem=problem)


async def noted(request: Request, by: By, what: str, shape: Shape) -> Response:
    """Note the same about each row."""
    body = shaped(await json_of(request), shape)
    act = Act(what, body.get("reason"), body.get("until"))
    return await each(request, by, body["items"], noting(by.application.asker, act))


@router.post("/acknowledge", response_model=OutcomesView, openapi_extra=SEEN_EACH.body)
async def acknowledge_each(request: Request, by: By) -> Response:
    """Say that up to 200 open actions and reviews were seen; each row has the revision it was seen with."""
    return await noted(request, by, notes.ACKNOWLEDGE, SEEN_EACH)


@router.post("/snooze", response_model=OutcomesView, openapi_extra=SNOOZE_EACH.body)
async def snooze_each(request: Request, by: By) -> Response:
    """Remind nobody of up to 200 open actions and reviews until a day, 14 at most, one if urgent."""
    return await noted(request, by, notes.SNOOZE, SNOOZE_EACH)


@router.post("/hand-over", response_model=OutcomesView, openapi_extra=HAND_EACH_OVER.body)
async def hand_each_over(request: Request, by: By) -> Response:
    """Hand up to 200 open actions to a person, or with null back to the care teams."""
    body = shaped(await json_of(request), HAND_EACH_OVER)
    do = handing_over(by.application.asker, body["person"], body["reason"])
    return await each(request, by, body["items"], do)
