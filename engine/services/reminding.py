"""Reminding: steps whose day has come are written down for whom they are meant, each once.

In one transaction: the enrolment is brought up to date, so that data that came meanwhile cancel what they
satisfy; the deliveries are written; the next step is kept; and the outbox hears of it. Writing a delivery
tells nobody yet: they are put on their way, and sent by whoever delivers.
"""

from collections.abc import Sequence
from functools import partial

from engine.core.kept import Message
from engine.core.ownership import holders
from engine.core.reaching import Reached, come
from engine.core.reminders import Delivery, deliveries, recipients
from engine.ports import Store, UnitOfWork, Writer
from engine.services.ladders import ladder_on
from engine.services.posting import post, tell
from engine.services.recording import Recorder, enrolment_of
from engine.services.rosters import roster_on
from engine.services.sweeping import AT_ONCE, Claimed, Swept, claim, latest_today, sweep
from engine.services.ticks import Beat, unheard


def remind_due(store: Store, writer: Writer, recorder: Recorder, beat: Beat = unheard) -> Swept:
    """Write down every step whose time has come, urgent actions first; raises as `sweep`."""
    clock, do = recorder.clock, partial(remind_one, recorder)
    urgent = sweep(
        store,
        writer,
        lambda uow, after: uow.reminders.actions_due(clock.now(), after=after, limit=AT_ONCE),
        do,
        beat,
    )
    reviews = sweep(
        store,
        writer,
        lambda uow, after: uow.reminders.reviews_due(latest_today(uow, clock), after=after, limit=AT_ONCE),
        do,
        beat,
    )
    return Swept(urgent.enrolments + reviews.enrolments, urgent.done + reviews.done)


def remind_one(recorder: Recorder, uow: UnitOfWork, patient: str, pathway: str) -> int:
    """Write down the steps of an enrolment whose time has come; return how many deliveries are new."""
    claimed = claim(uow, recorder.clock, patient, pathway)
    if claimed is None:
        return 0
    if claimed.stale:
        recorder.refresh(uow, patient, pathway, claimed.sender)
    enrolment = enrolment_of(uow, patient, pathway)
    rules = recorder.pathways.pathway(pathway, enrolment.version)
    actions, reviews = uow.actions.of(patient, pathway), uow.reviews.of(patient, pathway)
    ladder = ladder_on(uow, claimed.patient.site, rules.definition, claimed.day)
    notes = uow.notes.of(patient)
    found = come(rules, ladder, enrolment, actions, reviews, notes, claimed.now, claimed.day)
    if not found.actions and not found.reviews:
        return 0
    uow.actions.save(patient, pathway, found.actions)
    uow.reviews.save(patient, pathway, found.reviews)
    team = holders(uow.teams.of(patient))
    working = roster_on(uow, claimed.patient.site, claimed.day)
    current = uow.patients.get(patient)
    assert current is not None
    occasion = f"revision {uow.patients.advance(patient, current.revision, reminding=True)}"
    reachable = _reachable(uow, patient)
    told, pressing = list[Delivery](), set[str]()
    for step in found.steps:
        to = recipients(step.to, team, working, patient_reachable=reachable)
        new = _write(uow, claimed, step, to, occasion)
        told += new
        if step.urgent:
            pressing |= {delivery.notice for delivery in new}
    post(uow, told, frozenset(pressing), claimed.now)
    return len(told)


def _reachable(uow: UnitOfWork, patient: str) -> bool:
    """Return whether a patient agreed to be told, and there is a way to do so."""
    return bool(uow.channels.open_of_patient(patient))


def _write(
    uow: UnitOfWork, claimed: Claimed, reached: Reached, to: Sequence[str], occasion: str
) -> tuple[Delivery, ...]:
    """Write down a step unless it was told before; return the deliveries that makes."""
    topic, now = reached.topic, claimed.now
    if reached.step in uow.reminders.told(topic):
        return ()
    new = deliveries(topic, reached.step, to, now, occasion)
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
    message = Message("/".join(("reminder", *place)), "reminder.due", body, now, topic.patient)
    tell(uow, claimed.patient.site, (message,), now)
    return new
