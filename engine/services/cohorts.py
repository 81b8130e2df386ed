"""A cohort in figures: where the patients of a pathway stand at a site, and what they lack."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.core.cohorts import STEPS_DAYS, Figures, quantile
from engine.core.pathway import Pathway
from engine.ports import Clock, Pathways, UnitOfWork
from engine.services.patients import Sender, time_zone


@dataclass(frozen=True, slots=True)
class StateFigures:
    """One state in figures."""

    state: str
    title: str
    patients: int
    days: tuple[Decimal | None, Decimal | None, Decimal | None]
    """Quartiles of the days since they came; None where nobody is."""
    entered: int
    """Steps into it that hold, of the last 365 days."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The patients of a pathway whose enrolment is not closed."""

    rules: Pathway
    today: date
    """At the site."""
    patients: int
    states: tuple[StateFigures, ...]
    figures: Figures


def cohort(uow: UnitOfWork, pathways: Pathways, clock: Clock, pathway: str, sender: Sender) -> Cohort:
    """Return how the patients of a pathway stand at the sender's site today; raises `NotFound`.

    States are those of the present version, and whatever patients on another version are in.
    """
    rules = pathways.pathway(pathway)
    today = clock.today(time_zone(uow, sender.site))
    found = uow.worklists.figures(sender.site, pathway, today, today - timedelta(days=STEPS_DAYS))
    titled = rules.definition.states
    names = dict.fromkeys((*titled, *sorted(found.days.keys() - titled.keys())))
    states = tuple(
        StateFigures(
            name,
            titled[name].title if name in titled else name,
            sum(found.days.get(name, {}).values()),
            tuple(quantile(found.days.get(name, {}), quarter) for quarter in (1, 2, 3)),  # type: ignore[arg-type]
            found.entered.get(name, 0),
        )
        for name in names
    )
    return Cohort(rules, today, sum(state.patients for state in states), states, found)
