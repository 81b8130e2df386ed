"""Whose the open actions are: of one patient by name, of a site by number; and handing one over."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.core.kept import AuditEntry
from engine.core.ownership import (
    ARRANGING,
    FALLS_TO,
    OWNER,
    WORKING,
    ActionKey,
    Owner,
    Roster,
    handed_over,
    holders,
    owner_of,
)
from engine.core.people import TeamPost, WorkNote
from engine.errors import MessageRefused, NotFound
from engine.ports import UnitOfWork
from engine.services.asking import Asked, Asker
from engine.services.patients import Sender, as_seen, patient_of
from engine.services.rosters import misfit, roster_on


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose the open actions of one enrolment are on the day asked about."""

    working: Roster
    of: Mapping[ActionKey, Owner | None]
    """None for one that is nobody's."""
    revision: int
    """Of the patient."""


@dataclass(frozen=True, slots=True)
class Workload:
    """How much is open on one pathway at one site."""

    site: str
    pathway: str
    open: int
    unowned: int
    """Those of them whose owner comes to nobody who is active."""


def owners(uow: UnitOfWork, asked: Asked) -> Owners:
    """Return whose each open action of an answer is, on the day the answer is about.

    Care team and hand-overs count as they stand now; absences count on that day.
    """
    patient, evaluation = asked.patient, asked.evaluation
    working = roster_on(uow, patient.site, evaluation.as_of)
    team, handed = holders(uow.teams.of(patient.id)), handed_over(uow.notes.of(patient.id))
    found = {
        key_of(asked, open_.id, open_.opened_on): FALLS_TO[open_.action.definition.kind]
        for open_ in evaluation.actions
    }
    return Owners(
        working,
        {key: owner_of(handed.get(key), team, order, working) for key, order in found.items()},
        patient.revision,
    )


def key_of(asked: Asked, action: str, opened_on: date) -> ActionKey:
    """Return which action of an answer is meant."""
    return ActionKey(asked.patient.id, asked.enrolment.pathway, action, opened_on)


def hand_over(
    uow: UnitOfWork,
    asker: Asker,
    key: ActionKey,
    person: str | None,
    reason: str,
    sender: Sender,
    *,
    expected: int | None = None,
) -> Owners:
    """Hand an open action to a person, or back to the care team, and return whose each action is now.

    The same again changes nothing.

    Args:
        uow: the transaction.
        asker: works out what is open.
        key: the action.
        person: id of the new owner; None for whoever the care team makes it.
        reason: why, for the next who looks.
        sender: who hands it over.
        expected: the patient's revision as the sender saw it; None if the sender does not care.

    Raises:
        NotFound: there is no such patient at the sender's site, or the action is not open today.
        MessageRefused: the person does not work at the patient's site, or cannot own an action.
        RevisionStale: the patient is no longer as the sender saw it.
    """
    patient = patient_of(uow, key.patient, sender, hold=True)
    asked = asker.state(uow, patient.id, key.pathway, sender)
    before = owners(uow, asked)
    if key not in before.of:
        raise NotFound("open action of this patient", key.action)
    notes = uow.notes.of(patient.id)
    newest = handed_over(notes).get(key)
    if (person, reason) == ((None, reason) if newest is None else (newest.person, newest.reason)):
        return before
    as_seen(patient, expected)
    if person is not None and (problem := misfit(before.working, person, WORKING, "/person")):
        raise MessageRefused((problem,))
    now = asker.clock.now()
    revision = uow.patients.advance(patient.id, patient.revision)
    uow.notes.add(
        WorkNote(
            patient.id,
            key.pathway,
            "action",
            key.action,
            key.opened_on,
            len(notes) + 1,
            OWNER,
            person,
            reason,
            now,
            sender.person,
        )
    )
    body = {"pathway": key.pathway, "action": key.action, "opened_on": key.opened_on, "person": person}
    entry = AuditEntry(now, sender.author, "hand over action", {**body, "revision": revision})
    uow.audit.append(patient.id, entry)
    return owners(uow, replace(asked, patient=replace(patient, revision=revision)))


def workloads(uow: UnitOfWork, site: str, day: date) -> tuple[Workload, ...]:
    """Return how much is open at a site and how much of it is nobody's, by pathway.

    What is open is read from what is kept. Six queries, however many patients there are.

    Args:
        uow: the transaction.
        site: id of the site.
        day: on which absences count, in the site's time zone.
    """
    working = roster_on(uow, site, day)
    posts = defaultdict[str, list[TeamPost]](list)
    for post in uow.teams.at(site):
        posts[post.patient].append(post)
    teams = {patient: holders(given) for patient, given in posts.items()}
    handed = handed_over(uow.notes.at(site, OWNER))
    open_, unowned = defaultdict[str, int](int), defaultdict[str, int](int)
    for key in uow.actions.open_at(site):
        open_[key.pathway] += 1
        # Every kind falls to every post in the end, so any order tells whether there is somebody.
        if owner_of(handed.get(key), teams.get(key.patient, {}), ARRANGING, working) is None:
            unowned[key.pathway] += 1
    return tuple(Workload(site, pathway, number, unowned[pathway]) for pathway, number in open_.items())
