"""Who is in the cohort: a deck of courses, shuffled and dealt again and again.

Every run of as many patients as there are cards has the same mix, so that every state of the
pathway and every kind of task is there however few or many patients are asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from api.demo import arrivals, surprises, treated, worse
from api.demo.course import Course


@dataclass(frozen=True, slots=True)
class Card:
    """A course, and the kind of person it happens to; see `person.drawn`."""

    happens: Callable[[Course], None]
    copies: int = 1
    severe: bool = False
    mda5: bool = False
    fertile: bool | None = None


CARDS = (
    # under assessment
    Card(arrivals.newly_referred),
    Card(arrivals.waiting_for_tests),
    Card(arrivals.cannot_blow),
    Card(arrivals.slow_work_up),
    Card(arrivals.doubtful_referral),
    Card(arrivals.revised),
    # before the first treatment
    Card(arrivals.ready_to_start),
    Card(arrivals.unscreened),
    Card(arrivals.steroid_first),
    Card(arrivals.latent_tuberculosis),
    Card(arrivals.second_thoughts),
    Card(arrivals.nursing, fertile=True),
    Card(arrivals.severe_waiting, severe=True),
    Card(arrivals.hepatitis, severe=True),
    Card(arrivals.pregnant_at_referral, severe=True, fertile=True),
    Card(arrivals.infected, severe=True),
    Card(arrivals.rapid_at_referral, severe=True, mda5=True),
    # on treatment
    Card(treated.stable, copies=4),
    Card(treated.first_year, copies=2),
    Card(treated.severe_stable, copies=2, severe=True),
    Card(treated.second_line),
    Card(treated.relapsed_once),
    Card(treated.survivor, mda5=True),
    Card(treated.refractory),
    Card(treated.intolerant),
    Card(surprises.unprotected),
    Card(surprises.kidney_harm),
    Card(surprises.marginal_now),
    Card(surprises.doubtful_now),
    Card(surprises.explained),
    Card(surprises.feverish, severe=True),
    Card(surprises.unplanned_pregnancy, fertile=True),
    Card(surprises.alarming),
    Card(surprises.alarming_infused, severe=True),
    Card(surprises.infusion_missed, severe=True),
    Card(treated.came_treated),
    Card(treated.steroid_only),
    Card(surprises.rewritten),
    Card(treated.paused),
    Card(treated.silent),
    Card(treated.left),
    # worse
    Card(worse.progressing, copies=2),
    Card(worse.progressing_again, copies=2),
    Card(worse.transplanted, severe=True),
    Card(worse.early_relapse, copies=3),
    Card(worse.late_relapse, copies=3),
    Card(worse.rapid_now),
    Card(worse.rapid_now, mda5=True),
    Card(worse.rapid_death),
)


def deck() -> list[Card]:
    """Return the cards, each as often as it is in the deck."""
    return [card for card in CARDS for _ in range(card.copies)]
