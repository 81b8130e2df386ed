"""The summary of a site that may be handed on: counts of its patients, without those that are too small."""

from datetime import date

from engine.core.result import View
from engine.core.suppression import parts_told, share_told, told
from engine.services.cohorts import Cohort


class CountView(View):
    """How many patients something is true of."""

    name: str
    patients: int | None
    """Null for one to four."""


class SummaryView(View):
    """The patients of a pathway at a site whose enrolment is not closed, counted; null hides one to four."""

    pathway: str
    as_of: date
    patients: int | None
    """Null too when a state is hidden, which could be worked out otherwise."""
    states: tuple[CountView, ...]
    overdue: int | None
    """Patients with an overdue review; null too when all but one to four have one, as with `complete`."""
    complete: int | None
    """Patients who lack nothing."""
    lacking: tuple[CountView, ...]
    """How many lack each datum."""


def summary(found: Cohort) -> SummaryView:
    """Return a cohort with nothing in it that might tell of somebody; reasons are free text and left out."""
    figures = found.figures
    total, states = parts_told({state.state: state.patients for state in found.states})
    return SummaryView(
        pathway=found.rules.definition.id,
        as_of=found.today,
        patients=total,
        states=tuple(CountView(name=name, patients=count) for name, count in states.items()),
        overdue=share_told(figures.overdue, found.patients),
        complete=share_told(found.patients - figures.lacking, found.patients),
        lacking=tuple(
            CountView(name=item, patients=told(count)) for item, count in sorted(figures.lacks.items())
        ),
    )
