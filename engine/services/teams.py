"""A patient's care team: who holds which post, which is who hears about the patient and owns the work."""

from collections.abc import Mapping
from dataclasses import replace

from engine.core.kept import AuditEntry, Patient
from engine.core.ownership import FITTING, holders
from engine.core.people import Post, TeamPost
from engine.errors import MessageRefused
from engine.ports import Clock, UnitOfWork
from engine.services.patients import Sender, as_seen, patient_of, time_zone
from engine.services.rosters import misfit, roster_on


def fill_posts(
    uow: UnitOfWork,
    patient_id: str,
    wanted: Mapping[Post, str | None],
    sender: Sender,
    clock: Clock,
    *,
    expected: int | None = None,
) -> Patient:
    """Give posts of a patient's care team to people, and return the patient afterwards.

    Posts that are as wanted already are left alone, so sending the same again changes nothing.

    Args:
        uow: the transaction.
        patient_id: whose team it is.
        wanted: who is to hold each post, by id; None for nobody. Posts not named stay as they are.
        sender: who asks.
        clock: tells the time.
        expected: the patient's revision as the sender saw it; None if the sender does not care.

    Raises:
        NotFound: there is no such patient at the sender's site.
        MessageRefused: somebody is not active at the patient's site in a role that fits the post.
        RevisionStale: the patient is no longer as the sender saw it.
    """
    patient = patient_of(uow, patient_id, sender, hold=True)
    history = uow.teams.of(patient.id)
    held = {post: given.person for post, given in holders(history).items()}
    changes = {post: person for post, person in wanted.items() if held.get(post) != person}
    if not changes:
        return patient
    as_seen(patient, expected)
    working = roster_on(uow, patient.site, clock.today(time_zone(uow, patient.site)))
    problems = tuple(
        problem
        for post, person in changes.items()
        if person is not None and (problem := misfit(working, person, FITTING[post], f"/{post}"))
    )
    if problems:
        raise MessageRefused(problems)
    now, number = clock.now(), len(history)
    revision = uow.patients.advance(patient.id, patient.revision)
    uow.teams.add(
        [
            TeamPost(patient.id, post.value, number + place, person, now)
            for place, (post, person) in enumerate(changes.items(), start=1)
        ]
    )
    body = {"posts": {post.value: person for post, person in changes.items()}, "revision": revision}
    uow.audit.append(patient.id, AuditEntry(now, sender.author, "change care team", body))
    return replace(patient, revision=revision)
