"""Watching: whoever runs this installation is told when something stalls, and when that is over, each once.

Any number of processes may watch. Who takes a turn keeps that first, and afterwards what was heard.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from engine.core.canonical import dump, load
from engine.core.stalls import LONG, RECENT, SHUT, TURN, Heard, Stall, act_on
from engine.core.ticks import stale
from engine.ports import Clock, Store, UnitOfWork, Writer
from engine.services.ticks import ticks

PREFIX = "stall/"
"""What the setting about a stall begins with; its key follows."""

Tell = Callable[[Stall], bool]
"""Tells of a stall, or that it is over; returns whether that was heard."""


def watch(
    store: Store, writer: Writer, clock: Clock, every: Mapping[str, int], begun: datetime, tell: Tell
) -> None:
    """Tell of what stalled, and of what goes on again, unless that was told before.

    What was not heard is told again once the turn of who told it has ended.

    Args:
        store: where it is seen.
        writer: keeps what was told.
        clock: tells the time.
        every: seconds from one beginning to the next, by job; only those that ever ticked are judged.
        begun: from when on ticks are expected.
        tell: tells.
    """
    now = clock.now()
    with store.reading() as uow:
        lasting = {stall.key: stall for stall in stalls(uow, every, begun, now)}
        kept = {k.removeprefix(PREFIX): text for k, text in uow.settings.beginning(PREFIX).items()}
    for key in sorted(lasting.keys() | kept.keys()):
        _see_to(writer, key, lasting.get(key), kept.get(key), now, tell)


def stalls(uow: UnitOfWork, every: Mapping[str, int], begun: datetime, now: datetime) -> Iterator[Stall]:
    """Yield what does not go on: delivery, jobs, and webhooks that were shut by themselves lately."""
    oldest = uow.dispatches.queue().oldest
    if oldest is not None and now - oldest > LONG:
        yield Stall("delivery", "", oldest)
    known = ticks(uow)
    judged = {job: seconds for job, seconds in every.items() if job in known}
    for job, since in stale(judged, known, now, begun).items():
        yield Stall("job", job, since)
    for site in uow.sites.all():
        for hook in uow.channels.webhooks(site.id):
            if hook.disabled is not None and hook.why in SHUT and now - hook.disabled <= RECENT:
                yield Stall("webhook", hook.id, hook.disabled, hook.why)


def _see_to(
    writer: Writer, key: str, lasting: Stall | None, text: str | None, now: datetime, tell: Tell
) -> None:
    """Do what is to be done about one stall, unless another process does."""
    heard = None if text is None else _heard(text)
    act = act_on(key, heard, now, lasts=lasting is not None)
    if act is None:
        return
    if act == "forget":
        writer.run(partial(_keep, key, text, None))
        return
    before = heard or Heard(now)
    stall = lasting or _over(key, before.since)
    mine = replace(before, since=stall.since, turn=now + TURN)
    if writer.run(partial(_keep, key, text, mine)) and tell(stall):
        heard = None if stall.over else replace(mine, began=True, turn=None)
        writer.run(partial(_keep, key, _text(mine), heard))


def _keep(key: str, seen: str | None, heard: Heard | None, uow: UnitOfWork) -> bool:
    """Keep what was heard of a stall, unless somebody else did meanwhile; say whether it is kept."""
    return uow.settings.swap(PREFIX + key, seen, None if heard is None else _text(heard))


def _text(heard: Heard) -> str:
    turn = None if heard.turn is None else heard.turn.isoformat()
    return dump({"since": heard.since.isoformat(), "began": heard.began, "turn": turn})


def _heard(text: str) -> Heard:
    kept = load(text)
    turn = kept["turn"]
    return Heard(
        datetime.fromisoformat(kept["since"]),
        kept["began"],
        None if turn is None else datetime.fromisoformat(turn),
    )


def _over(key: str, since: datetime) -> Stall:
    what, _, name = key.partition("/")
    return Stall("delivery" if what == "delivery" else "job", name, since, over=True)
