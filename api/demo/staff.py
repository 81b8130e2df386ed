"""Who works at the demonstration's site: people nobody ever was, and a care team for each patient."""

from collections.abc import Mapping
from datetime import date, timedelta

from api.demo.clock import DemoClock
from engine.core.people import Post, Role
from engine.ports import Randomness, UnitOfWork
from engine.services.absences import add_absence
from engine.services.access import MAIN, OPERATOR
from engine.services.people import add_person, person_called

STAFF: Mapping[str, tuple[str, Role]] = {
    "ada.elm": ("Ada Elm", Role.COORDINATOR),
    "ben.ash": ("Ben Ash", Role.COORDINATOR),
    "cleo.birch": ("Cleo Birch", Role.CLINICIAN),
    "dan.cedar": ("Dan Cedar", Role.CLINICIAN),
    "eva.maple": ("Eva Maple", Role.CLINICIAN),
    "finn.oak": ("Finn Oak", Role.CLINICAL_LEAD),
}
COORDINATORS, CLINICIANS, (LEAD,) = (
    tuple(login for login, (_, held) in STAFF.items() if held is role)
    for role in (Role.COORDINATOR, Role.CLINICIAN, Role.CLINICAL_LEAD)
)

HIRED = timedelta(days=3650)
"""How long before today everybody began; no patient came earlier."""

ABSENT, COVER = "dan.cedar", "eva.maple"
AWAY = timedelta(days=-3), timedelta(days=10)
"""First and last day of the absence, from today; it was told a week before."""
TOLD = timedelta(days=-10)


def hire(uow: UnitOfWork, clock: DemoClock, randomness: Randomness, today: date) -> None:
    """Add the staff, one of whom is absent today.

    Args:
        uow: the transaction.
        clock: is moved.
        randomness: draws the ids.
        today: the day the demonstration is to be looked at (site date).
    """
    for place, (login, (name, role)) in enumerate(STAFF.items()):
        clock.move(today - HIRED, place)
        add_person(uow, login, name, [role], MAIN, by=OPERATOR, now=clock.now(), randomness=randomness)
    absent, cover = person_called(uow, ABSENT), person_called(uow, COVER)
    first, last = (today + days for days in AWAY)
    clock.move(today + TOLD)
    add_absence(uow, absent, first, last, cover.id, MAIN, by=OPERATOR, now=clock.now(), randomness=randomness)


def team_of(uow: UnitOfWork, number: int) -> dict[Post, str | None]:
    """Return who looks after a patient, by the patient's number: everybody in turn."""
    ids = {person.login: person.id for person in uow.people.at(MAIN)}
    chosen = {
        Post.COORDINATOR: COORDINATORS[number % len(COORDINATORS)],
        Post.RESPONSIBLE_CLINICIAN: CLINICIANS[number % len(CLINICIANS)],
        Post.BACKUP_CLINICIAN: CLINICIANS[(number + 1) % len(CLINICIANS)],
        Post.CLINICAL_LEAD: LEAD,
    }
    return {post: ids[login] for post, login in chosen.items()}
