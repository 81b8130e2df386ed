"""Reminding: steps whose day has come are written down for whom they are meant, each once.

In one transaction: the enrolment is brought up to date, so that data that came meanwhile cancel what they
satisfy; the deliveries are written; the next step is kept; and the outbox hears of it. Writing a delivery
tells nobody yet: what sends them reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from engine.core.kept import LiveReview, Message
from engine.core.ownership import Roster, holders
from engine.core.people import Post, TeamPost
from engine.core.reminders import Topic, climbed, deliveries, recipients
from engine.ports import Store, UnitOfWork, Writer
from engine.services.recording import Recorder
from engine.services.rosters import roster_on
from engine.services.sweeping import AT_ONCE, Claimed, Swept, claim, latest_today, sweep


@dataclass(frozen=True, slots=True)
class Reached:
    """A step whose time has come."""

    topic: Topic
    step: str
    on: date
    to: tuple[str, ...]


def remind_due(store: Store, writer: Writer, recorder: Recorder) -> Swept:
    """Write down every step whose day has come at its site; raises as `sweep`."""
    return sweep(
        store,
        writer,
        lambda uow, after: uow.reminders.reviews_due(
            latest_today(uow, recorder.clock), after=after, limit=AT_ONCE
        ),
        partial(remind_one, recorder),
    )


def remind_one(recorder: Recorder, uow: UnitOfWork, patient: str, pathway: str) -> int:
    """Write down the steps of an enrolment whose time has come; return how many deliveries are new."""
    claimed = claim(uow, recorder.clock, patient, pathway)
    if claimed is None:
        return 0
    if claimed.stale:
        recorder.refresh(uow, patient, pathway, claimed.sender)
    after, reached = _reviews(recorder, uow, claimed)
    if not after:
        return 0
    uow.reviews.save(patient, pathway, after)
    team = holders(uow.teams.of(patient))
    working = roster_on(uow, claimed.patient.site, claimed.day)
    written = sum(_write(uow, claimed, step, team, working) for step in reached)
    current = uow.patients.get(patient)
    assert current is not None
    uow.patients.advance(patient, current.revision)
    return written


def _reviews(recorder: Recorder, uow: UnitOfWork, claimed: Claimed) -> tuple[list[LiveReview], list[Reached]]:
    """Return the reviews whose next step changes today, as they are to be kept, and the steps to write."""
    patient, pathway = claimed.patient.id, claimed.enrolment.pathway
    rules = recorder.pathways.pathway(pathway, claimed.enrolment.version).definition.ladder
    kept, reached = list[LiveReview](), list[Reached]()
    for review in uow.reviews.of(patient, pathway):
        sent, after = climbed(rules, review, claimed.day)
        if after != review:
            kept.append(after)
        topic = Topic(patient, pathway, "review", review.review, review.due)
        reached += (Reached(topic, step.step, step.day, step.to) for step in sent)
    return kept, reached


def _write(
    uow: UnitOfWork, claimed: Claimed, reached: Reached, team: Mapping[Post, TeamPost], working: Roster
) -> int:
    """Write down a step unless it was told before; return how many deliveries that makes."""
    topic, now = reached.topic, claimed.now
    if reached.step in uow.reminders.told(topic):
        return 0
    new = deliveries(topic, reached.step, recipients(reached.to, team, working), now)
    uow.reminders.add(new)
    place = (topic.patient, topic.pathway, topic.kind, topic.subject, str(topic.due), reached.step)
    body = {
        "patient": topic.patient,
        "pathway": topic.pathway,
        topic.kind: topic.subject,
        "due": topic.due,
        "step": reached.step,
        "on": reached.on,
    }
    uow.outbox.add((Message("/".join(("reminder", *place)), "reminder.due", body, now, topic.patient),))
    return len(new)
