"""Refreshing: enrolments whose day to look again has come are evaluated anew. Any process may do it."""

from functools import partial

from engine.ports import Store, UnitOfWork, Writer
from engine.services.recording import Recorder
from engine.services.sweeping import AT_ONCE, Swept, claim, latest_today, sweep
from engine.services.ticks import Beat, unheard


def refresh_due(store: Store, writer: Writer, recorder: Recorder, beat: Beat = unheard) -> Swept:
    """Bring every enrolment up to date whose day to look again has come at its site; raises as `sweep`."""
    return sweep(
        store,
        writer,
        lambda uow, after: uow.reminders.stale(latest_today(uow, recorder.clock), after=after, limit=AT_ONCE),
        partial(refresh_one, recorder),
        beat,
    )


def refresh_one(recorder: Recorder, uow: UnitOfWork, patient: str, pathway: str) -> int:
    """Bring an enrolment up to date, unless it is or somebody else writes to it; return how many were."""
    claimed = claim(uow, recorder.clock, patient, pathway)
    if claimed is None or not claimed.stale:
        return 0
    recorder.refresh(uow, patient, pathway, claimed.sender)
    return 1
