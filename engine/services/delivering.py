"""Delivering: what is on its way is taken, carried outside any transaction, and what came of it is kept.

Any number of processes may do it at once. Who takes a dispatch has it until its lease ends; when the process
dies meanwhile somebody takes it again, under the same key.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from engine.core.channels import WEBHOOK, Channel
from engine.core.dispatches import JITTER, MOST, Attempt, Dispatch, Letter, Outcome, Told, pause
from engine.core.kept import Message
from engine.core.ownership import holders
from engine.core.reminders import Delivery, Topic, deliveries, recipients
from engine.errors import NotFound
from engine.ports import Carrier, Clock, UnitOfWork, Writer
from engine.services.patients import time_zone
from engine.services.posting import post
from engine.services.rosters import roster_on
from engine.services.ticks import Beat, unheard

AT_ONCE = 50
"""Dispatches taken together; all of them are tried well before their lease ends."""
HANDS = 10
"""Carried at the same time."""

UNDELIVERABLE = "undeliverable"
"""The step by which a coordinator hears that a channel failed."""
CHANNEL = "channel"
"""The kind of subject such a step has."""

Chance = Callable[[int], int]
"""Draws a number from 0 up to, and without, the one given."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round came to."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A dispatch somebody took, as it is to be carried."""

    dispatch: Dispatch
    letter: Letter


def deliver_due(
    writer: Writer, carriers: Mapping[str, Carrier], clock: Clock, chance: Chance, beat: Beat = unheard
) -> Delivered:
    """Try to send whatever may be tried now, the longest waiting first, until nothing is left.

    Args:
        writer: takes dispatches and keeps what came of them.
        carriers: who carries, by kind of channel; what nobody carries fails, and waits like all that fails.
        clock: tells the time.
        chance: lengthens the pauses between attempts.
        beat: called after each attempt, so half a minute apart at most; no more are taken once it says so.

    Raises:
        CarewayError: or whatever else went wrong with keeping what came of it; the rest is done all the same.
    """
    sent = failed = 0
    ending = False
    with ThreadPoolExecutor(HANDS, thread_name_prefix="careway-carrier") as hands:
        while not ending and (taken := writer.run(lambda uow: take(uow, clock.now(), AT_ONCE))):

            def carry(one: Taken) -> Outcome:
                return _carried(carriers, one.letter)

            settled = []
            for one, outcome in zip(taken, hands.map(carry, taken), strict=True):
                kept = partial(settle, taken=one, outcome=outcome, clock=clock, chance=chance)
                settled.append(writer.submit(kept))
                ending = beat() or ending
            arrived = sum(outcome.result() for outcome in settled)
            sent, failed = sent + arrived, failed + len(taken) - arrived
    return Delivered(sent, failed)


def take(uow: UnitOfWork, now: datetime, limit: int) -> tuple[Taken, ...]:
    """Return what may be tried now, with its lease begun."""
    return tuple(Taken(one, _letter(uow, one)) for one in uow.dispatches.claim(now, limit))


def settle(uow: UnitOfWork, taken: Taken, outcome: Outcome, clock: Clock, chance: Chance) -> bool:
    """Keep what came of an attempt, and say whether it was sent; who took it meanwhile decides.

    After the last attempt it is given up. Then a webhook is shut, unless somebody had just this one tried
    again; and of anything else the coordinators of the patients hear on their other channels; the inbox shows
    it to whom it was meant all the same.
    """
    dispatch, channel, now = taken.dispatch, taken.letter.channel, clock.now()
    wait = None
    if outcome.result == "failed":
        wait = pause(dispatch.attempts, outcome.after, chance(JITTER + 1))
    done = replace(
        dispatch,
        next_at=None if wait is None else now + wait,
        sent=now if outcome.result == "sent" else None,
        gave_up=now if outcome.result != "sent" and wait is None else None,
    )
    why = _shutting(channel, dispatch, outcome, over=done.gave_up is not None)
    if why is not None:
        uow.channels.hold(channel.id)  # before its dispatches, or two who shut it would wait for each other
    if not uow.dispatches.settle(done, Attempt(dispatch.id, dispatch.attempts, now, outcome.code)):
        return False
    if why is not None:
        shut(uow, channel.id, why, now)
    elif done.gave_up is not None and channel.kind != WEBHOOK:
        _raise_task(uow, channel, dispatch, now)
    return done.sent is not None


def _shutting(channel: Channel, dispatch: Dispatch, outcome: Outcome, *, over: bool) -> str | None:
    """Return why a channel is to be shut after an attempt; None when it stays open."""
    if outcome.result == "gone":
        return "gone"
    return "failing" if over and channel.kind == WEBHOOK and dispatch.attempts == MOST else None


def shut(uow: UnitOfWork, channel: str, why: str, now: datetime) -> Channel:
    """Shut a channel and give up whatever waits on it; one that is shut stays as it is.

    Raises:
        NotFound: there is no such channel.
    """
    found = uow.channels.hold(channel)
    if found is None:
        raise NotFound("channel", channel)
    if found.open:
        found = replace(found, disabled=now, why=why)
        uow.channels.save(found)
        uow.dispatches.cancel(channel, now, why)
    return found


def _carried(carriers: Mapping[str, Carrier], letter: Letter) -> Outcome:
    carrier = carriers.get(letter.channel.kind)
    if carrier is None:
        return Outcome("failed", "no-carrier")
    try:
        return carrier.carry(letter)
    except Exception:
        return Outcome("failed", "fault")


def _letter(uow: UnitOfWork, dispatch: Dispatch) -> Letter:
    channel = uow.channels.get(dispatch.channel)
    assert channel is not None, "a dispatch is on a channel"
    if dispatch.outbox is None:
        told = Told(len(uow.dispatches.deliveries(dispatch.id)), dispatch.urgent)
        return Letter(dispatch.id, channel, dispatch.created, told=told)
    message = uow.outbox.get(dispatch.outbox)
    assert message is not None, "messages are never removed"
    return Letter(dispatch.id, channel, dispatch.created, body=body_of(message))


def body_of(message: Message) -> str:
    """Return what a webhook is sent: the kind, when it came to be, and what it names by ids and codes."""
    data = dict(message.body)
    if message.sequence is not None:
        data |= {"sequence": message.sequence}
    sent = {"type": message.kind, "timestamp": message.created.isoformat(), "data": data}
    return json.dumps(sent, sort_keys=True, separators=(",", ":"), default=str)  # dates and numbers as text


def _raise_task(uow: UnitOfWork, channel: Channel, dispatch: Dispatch, now: datetime) -> None:
    """Tell the coordinators of all patients concerned that a channel failed, once a day each."""
    concerned = {
        (told.patient, told.pathway)
        for told in uow.dispatches.deliveries(dispatch.id)
        if told.kind != CHANNEL  # or a coordinator without a working channel would be told for ever
    }
    for patient_id, pathway in sorted(concerned):
        patient = uow.patients.get(patient_id)
        assert patient is not None, "deliveries are about patients"
        day = now.astimezone(time_zone(uow, patient.site)).date()
        team, working = holders(uow.teams.of(patient_id)), roster_on(uow, patient.site, day)
        topic = Topic(patient_id, pathway, CHANNEL, channel.id, day)
        if UNDELIVERABLE in uow.reminders.told(topic):
            continue
        to = recipients(("coordinator",), team, working)
        told = deliveries(topic, UNDELIVERABLE, to, now, f"dispatch {dispatch.id}")
        _write(uow, told, now, channel.id)


def _write(uow: UnitOfWork, told: tuple[Delivery, ...], now: datetime, failed: str) -> None:
    uow.reminders.add(told)
    post(uow, told, frozenset(), now, but=failed)
