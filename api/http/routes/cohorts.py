"""Cohorts: how the patients of a pathway stand, in figures and without names."""

from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Response

from api.http.calls import By
from api.http.responses import sent
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.cohorts import Cohort, cohort
from engine.services.patients import Sender

router = APIRouter(prefix="/v1", tags=["working"])


class DaysView(View):
    """Days since patients came to a state, as quartiles; null where nobody is."""

    lower_quartile: str | None
    median: str | None
    upper_quartile: str | None


class StateFiguresView(View):
    """One state in figures."""

    state: str
    """Its full name."""
    title: str
    patients: int
    days: DaysView
    entered: int
    """Steps into it that hold, of the last 365 days."""


class ShareView(View):
    """How many patients of all, and their share of them; null where there are none."""

    patients: int
    rate: str | None


class EscalatedView(View):
    """How many overdue reviews have reached a step of the reminder ladder, and none after it."""

    step: str
    reviews: int


class LackedView(View):
    """How many patients have an open action that lacks a datum."""

    item: str
    patients: int


class OverrideReasonView(View):
    """How many patients stand where an override with this reason put them."""

    reason: str
    patients: int


class CohortView(View):
    """The patients of a pathway at the site whose enrolment is not closed, counted."""

    pathway: str
    as_of: date
    patients: int
    paused: int
    states: tuple[StateFiguresView, ...]
    overdue: ShareView
    """Patients with a review that is overdue and not held."""
    escalations: tuple[EscalatedView, ...]
    """Those reviews by the reminder step reached, the last step first."""
    complete: ShareView
    """Patients none of whose open actions lacks anything."""
    lacking: tuple[LackedView, ...]
    overrides: tuple[OverrideReasonView, ...]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _share(patients: int, of: int) -> ShareView:
    rate = None if of == 0 else f"{(Decimal(patients) / of).quantize(Decimal('0.0001')):f}"
    return ShareView(patients=patients, rate=rate)


def cohort_view(found: Cohort) -> CohortView:
    """Return a cohort as shown; what most patients have comes first."""
    figures = found.figures
    return CohortView(
        pathway=found.rules.definition.id,
        as_of=found.today,
        patients=found.patients,
        paused=figures.paused,
        states=tuple(
            StateFiguresView(
                state=state.state,
                title=state.title,
                patients=state.patients,
                days=DaysView(
                    lower_quartile=_text(state.days[0]),
                    median=_text(state.days[1]),
                    upper_quartile=_text(state.days[2]),
                ),
                entered=state.entered,
            )
            for state in found.states
        ),
        overdue=_share(figures.overdue, found.patients),
        escalations=tuple(
            EscalatedView(step=step, reviews=figures.escalated[step])
            for step in reversed(dict.fromkeys(row.step for row in found.rules.definition.ladder.reviews))
            if step in figures.escalated
        ),
        complete=_share(found.patients - figures.lacking, found.patients),
        lacking=tuple(
            LackedView(item=item, patients=count)
            for item, count in sorted(figures.lacks.items(), key=lambda row: (-row[1], row[0]))
        ),
        overrides=tuple(
            OverrideReasonView(reason=reason, patients=count)
            for reason, count in sorted(figures.overrides.items(), key=lambda row: (-row[1], row[0]))
        ),
    )


@router.get("/cohorts/{pathway}/summary", response_model=CohortView)
async def summarise(pathway: str, by: By) -> Response:
    """How the patients of a pathway stand at your site: where, for how long, what is overdue or lacking."""
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> Cohort:
        return cohort(uow, app.shelf, app.clock, pathway, sender)

    return sent(cohort_view(await by.read(ask, lambda _: ())))
