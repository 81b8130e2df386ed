"""The summary of a site that may be handed on: counts of its patients, without those that are too small."""

from datetime import date

from engine.core.result import View
from engine.core.suppression import overlaps_told, parts_told, share_told
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
    """Null too when a state is hidden, which could be worked out otherwise; then so are all shares."""
    states: tuple[CountView, ...]
    overdue: int | None
    """Patients with an overdue review; null too when all but one to four have one, as with what follows."""
    complete: int | None
    """Patients who lack nothing; null too when how many lack some datum is."""
    lacking: tuple[CountView, ...]
    """How many lack each datum that anybody lacks; null too when `complete` is one to four."""


def summary(found: Cohort) -> SummaryView:
    """Return a cohort with nothing in it that might tell of somebody; reasons are free text and left out."""
    figures = found.figures
    total, states = parts_told({state.state: state.patients for state in found.states})
    overdue, complete = None, None
    lacking: dict[str, int | None] = dict.fromkeys(figures.lacks)
    if total is not None:
        overdue = share_told(figures.overdue, total)
        complete, lacking = overlaps_told(figures.lacks, total - figures.lacking, total)
    return SummaryView(
        pathway=found.rules.definition.id,
        as_of=found.today,
        patients=total,
        states=tuple(CountView(name=name, patients=count) for name, count in states.items()),
        overdue=overdue,
        complete=complete,
        lacking=tuple(CountView(name=item, patients=count) for item, count in sorted(lacking.items())),
    )
