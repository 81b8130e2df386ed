"""Noting what somebody did about an action or a review: seen, put off, not done.

Notes are added to and never changed; no evaluation reads them. Reminders do: what is put off is told of again
on the day, and an urgent action somebody has seen is not repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.evaluate import Evaluation
from engine.core.kept import AuditEntry
from engine.core.notes import SNOOZE, Done, about, done
from engine.core.people import WorkNote
from engine.core.reminders import Topic
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import UnitOfWork
from engine.services.asking import Asked, Asker
from engine.services.patients import Sender, as_seen, patient_of


@dataclass(frozen=True, slots=True)
class Act:
    """What is noted."""

    note: str
    """`acknowledge`, `snooze` or `not-done`."""
    reason: str | None = None
    """For `not-done` its code, for `snooze` in words."""
    until: date | None = None
    """For `snooze`, the first day on which it is told of again, in the site's time zone."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as it is kept."""

    note: WorkNote
    revision: int
    """Of the patient."""


def note(
    uow: UnitOfWork, asker: Asker, topic: Topic, act: Act, sender: Sender, *, expected: int | None = None
) -> Noted:
    """Note what was done about an open action or a live review; the same again changes nothing.

    Args:
        uow: the transaction.
        asker: works out what is open.
        topic: the action or review.
        act: what was done.
        sender: who did it.
        expected: the patient's revision as the sender saw it; None if the sender does not care.

    Raises:
        NotFound: there is no such patient at the sender's site, or it is not open today.
        MessageRefused: it is put off to a day that has come, or too far.
        RevisionStale: the patient is no longer as the sender saw it.
    """
    patient = patient_of(uow, topic.patient, sender, hold=True)
    asked = asker.state(uow, patient.id, topic.pathway, sender)
    prio = _priority(asked, topic)
    notes = uow.notes.of(patient.id)
    newest = about(notes, topic, act.note)
    if newest is not None and (newest.reason, newest.until, newest.author) == (
        act.reason,
        act.until,
        sender.person,
    ):
        return Noted(newest, patient.revision)
    as_seen(patient, expected)
    today, last = asked.evaluation.as_of, farthest(asked.evaluation, prio)
    if act.note == SNOOZE and (problem := _too_far(act.until, today, last)):
        raise MessageRefused((problem,))
    now = asker.clock.now()
    revision = uow.patients.advance(patient.id, patient.revision)
    new = WorkNote(
        patient.id,
        topic.pathway,
        topic.kind,
        topic.subject,
        topic.due,
        len(notes) + 1,
        act.note,
        None,
        act.reason,
        now,
        sender.person,
        act.until,
    )
    uow.notes.add(new)
    body = {"pathway": topic.pathway, topic.kind: topic.subject, "opened_on": topic.due, "revision": revision}
    uow.audit.append(patient.id, AuditEntry(now, sender.author, f"{act.note} {topic.kind}", body))
    return Noted(new, revision)


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was done about what is open on one enrolment."""

    of: Mapping[Topic, Done]
    """By each open action and review."""
    names: Mapping[str, str]
    """Of those who noted it, by id."""


def noticed(uow: UnitOfWork, asked: Asked) -> Noticed:
    """Return what was done about each open action and review of an answer; notes count as they stand now."""
    evaluation, notes = asked.evaluation, uow.notes.of(asked.patient.id)
    subjects = [("action", a.id, a.opened_on) for a in evaluation.actions]
    subjects += [("review", r.id, r.due) for r in evaluation.reviews]
    topics = (Topic(asked.patient.id, asked.enrolment.pathway, *subject) for subject in subjects)
    authors = (uow.people.get(author) for author in {n.author for n in notes if n.author is not None})
    return Noticed(
        {topic: done(notes, topic, evaluation.as_of) for topic in topics},
        {person.id: person.name for person in authors if person is not None},
    )


def farthest(evaluation: Evaluation, prio: int | None) -> date:
    """Return the last day to which something can be put off; today or before if it cannot be.

    Args:
        evaluation: of the day on which it is put off.
        prio: the priority of an action; None for a review.
    """
    ladder = evaluation.in_force.ladder
    urgent = any(prio in row.prios for row in ladder.actions)
    days = ladder.snooze.urgent_days if urgent else ladder.snooze.days
    return evaluation.as_of + timedelta(days=days)


def _priority(asked: Asked, topic: Topic) -> int | None:
    """Return the priority of an open action, None of a live review; raises `NotFound` when it is not open."""
    evaluation = asked.evaluation
    if topic.kind == "review":
        if any((r.id, r.due) == (topic.subject, topic.due) for r in evaluation.reviews):
            return None
        raise NotFound("live review of this patient", topic.subject)
    for action in evaluation.actions:
        if (action.id, action.opened_on) == (topic.subject, topic.due):
            return action.prio
    raise NotFound("open action of this patient", topic.subject)


def _too_far(until: date | None, today: date, last: date) -> Problem | None:
    if until is not None and today < until <= last:
        return None
    text = f"`until` must lie after today, {today}, and not after {last}; got {until}."
    if last <= today:
        text = "Nothing of this kind can be put off at this site."
    return Problem("/until", "snooze-limit", text)
