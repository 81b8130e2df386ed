"""Absences: days on which somebody stands in for a person. Whose an action is follows by itself."""

from dataclasses import replace
from datetime import date, datetime

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import Author
from engine.core.ownership import COVERING
from engine.core.people import Absence, Person
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import Randomness, UnitOfWork
from engine.services.people import note, roles_at
from engine.services.rosters import misfit, roster_on


def add_absence(
    uow: UnitOfWork,
    person: Person,
    first: date,
    last: date,
    cover: str,
    site: str,
    *,
    by: Author,
    now: datetime,
    randomness: Randomness,
) -> Absence:
    """Keep that a person is absent and who stands in.

    The stand-in may be absent as well on some of the days; then whoever stands in for them does.

    Args:
        uow: the transaction.
        person: who is absent.
        first: the first day, in the time zone of each site the person works at.
        last: the last day, inclusive.
        cover: id of who stands in: somebody active at the site who may do what the person does there.
        site: id of the site at which it is entered.
        by: who enters it.
        now: the present instant.
        randomness: draws the id.

    Raises:
        MessageRefused: the days or the stand-in cannot be, or another absence lies on one of the days.
    """
    problems = list[Problem]()
    if last < first:
        text = f"The last day must not lie before the first, {first}; got {last}."
        problems.append(Problem("/last", "days-reversed", text))
    for other in uow.absences.of(person.id):
        if other.cancelled is None and other.first <= last and first <= other.last:
            text = f"An absence from {other.first} to {other.last} is entered already. Cancel that one first."
            problems.append(Problem("/first", "absence-overlaps", text))
    if cover == person.id:
        problems.append(Problem("/cover", "role-unfit", "Nobody can stand in for themselves."))
    else:
        working, held = roster_on(uow, site, first), roles_at(uow, person.id, site)
        for needed in [roles for roles in COVERING if roles & held] or [held]:
            if problem := misfit(working, cover, needed, "/cover"):
                problems.append(problem)
                break
    if problems:
        raise MessageRefused(tuple(problems))
    absence = Absence(uuid7(now, randomness.draw(RANDOM_BYTES)), person.id, first, last, cover, now)
    uow.absences.add(absence)
    note(uow, "add absence", person, by, now, absence=absence.id, cover=cover)
    return absence


def cancel_absence(uow: UnitOfWork, person: Person, absence: str, *, by: Author, now: datetime) -> Absence:
    """Cancel an absence, as if it had never been, and return it; one that was cancelled stays as it was.

    Raises:
        NotFound: the person has no such absence.
    """
    found = next((each for each in uow.absences.of(person.id) if each.id == absence), None)
    if found is None:
        raise NotFound("absence", absence)
    if found.cancelled is not None:
        return found
    uow.absences.cancel(absence, now)
    note(uow, "cancel absence", person, by, now, absence=absence)
    return replace(found, cancelled=now)
