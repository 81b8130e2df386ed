"""What is done to the ticked rows of a list: each by itself, and the page says what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.calls import By
from api.http.routes.bulk import Do, handing_over, noting, outcomes
from api.http.worklist_shapes import MOST_AT_ONCE
from api.web import words
from api.web.forms import Form, form_in, whole
from api.web.frame import show
from api.web.refusals import says
from api.web.routes.acting import act_in, reason_in
from api.web.rows import label, title_of
from engine.core import notes
from engine.core.ownership import ActionKey
from engine.errors import CarewayError, MessageRefused, NotFound, Problem
from engine.ports import Pathways, UnitOfWork
from engine.services.patients import Sender

router = APIRouter(prefix="/lists", include_in_schema=False)

SHUT = "It is not open any more."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    what: str
    says: str


def rows_in(form: Form) -> list[dict[str, Any]]:
    """Return the rows that were ticked; raises `MessageRefused` for none, too many, or what is none."""
    rows = []
    for mark in form.all("row"):
        kind, _, rest = mark.partition(".")
        seen, _, name = rest.partition(".")
        revision = whole(seen)
        if kind not in ("action", "review") or revision is None:
            raise MessageRefused((Problem("/row", "bad-field", "What was ticked is no row of a list."),))
        rows.append({"kind": kind, "id": name, "if_match": revision})
    if not 1 <= len(rows) <= MOST_AT_ONCE:
        text = f"Tick 1 to {MOST_AT_ONCE} rows; {len(rows)} were ticked."
        raise MessageRefused((Problem("/row", "bad-field", text),))
    return rows


async def _acted(by: By, form: Form, done: str, do: Do) -> Response:
    rows = rows_in(form)
    app, found = by.application, await outcomes(by, rows, do)

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        failed, named = _failures(uow, app.shelf, sender, found)
        return {
            "done": done,
            "good": sum(isinstance(end, int) for _, end in found),
            "bad": failed,
            "patients": tuple(named),
            "back": form["back"] if form["back"].startswith("/lists/") else "/",
        }

    return await show(by, "acted", ask)


def _failures(
    uow: UnitOfWork,
    pathways: Pathways,
    sender: Sender,
    found: Sequence[tuple[ActionKey | None, int | CarewayError]],
) -> tuple[tuple[Outcome, ...], frozenset[str]]:
    """Return what was not done, and the patients it names: those of the sender's site, and nobody else."""
    failed = [(key, end) for key, end in found if isinstance(end, CarewayError)]
    about = {key.patient: uow.patients.get(key.patient) for key, _ in failed if key is not None}
    ours = frozenset(name for name, each in about.items() if each is not None and each.site == sender.site)
    known = uow.patients.identifiers_of(list(ours))

    def told(key: ActionKey | None, end: CarewayError) -> Outcome:
        if key is None or key.patient not in ours:
            return Outcome("A row", " ".join(says(end)))
        what = f"{label(key.patient, known.get(key.patient, ()))}, {title_of(pathways, key)}"
        return Outcome(what, SHUT if isinstance(end, NotFound) else " ".join(says(end)))

    return tuple(told(key, end) for key, end in failed), ours


@router.post("/acknowledge")
async def acknowledge_rows(request: Request, by: By) -> Response:
    """Say that rows were seen."""
    form = await form_in(request)
    return await _acted(
        by, form, "acknowledged", noting(by.application.asker, act_in(form, notes.ACKNOWLEDGE))
    )


@router.post("/snooze")
async def snooze_rows(request: Request, by: By) -> Response:
    """Put rows off until a day."""
    form = await form_in(request)
    act = act_in(form, notes.SNOOZE)
    return await _acted(by, form, f"put off until {words.day(act.until)}", noting(by.application.asker, act))


@router.post("/hand-over")
async def hand_rows_over(request: Request, by: By) -> Response:
    """Hand rows over to a person, or back to the care teams."""
    form = await form_in(request)
    do = handing_over(by.application.asker, form["person"] or None, reason_in(form, "why"))
    return await _acted(by, form, "handed over", do)
