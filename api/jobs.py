"""What a serving Careway does by itself, and how often."""

from collections.abc import Callable, Mapping
from functools import partial

from api.application import Application
from api.channels.carriers import carriers
from api.channels.operator import tell_operator
from api.imports.uploaded import import_waiting
from api.keys import SigningKey
from api.settings import Settings
from api.stalls import Operator, telling, unreachable
from api.ticking import Job
from engine.ports import Carrier, Signer
from engine.services.delivering import deliver_due
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.sealing import seal
from engine.services.ticks import Beat, note_tick
from engine.services.watching import watch

REFRESH = "refresh enrolments"
REMIND = "write reminders"
DELIVER = "deliver"
IMPORT = "import"
SEAL = "seal the audit"
WATCH = "watch"

EVERY: Mapping[str, int] = {REFRESH: 60, REMIND: 60, DELIVER: 5, IMPORT: 5, SEAL: 60, WATCH: 60}
"""Seconds from one beginning to the next, by job."""


def caring(
    application: Application, carriers: Mapping[str, Carrier], operator: Operator = unreachable
) -> list[Job]:
    """Return what is done about the patients, and the job that watches over it and everything else.

    Args:
        application: what does it.
        carriers: who carries messages, by kind of channel.
        operator: how whoever runs this installation hears of stalls, beside the log.
    """
    store, writer, recorder = application.store, application.writer, application.recorder
    clock, chance = application.clock, partial(drawn, application)
    others, begun = {job: EVERY[job] for job in EVERY if job != WATCH}, clock.now()
    return [
        _job(REFRESH, lambda beat: refresh_due(store, writer, recorder, beat)),
        _job(REMIND, lambda beat: remind_due(store, writer, recorder, beat)),
        _job(DELIVER, lambda beat: deliver_due(writer, carriers, clock, chance, beat)),
        _job(IMPORT, lambda beat: import_waiting(application, beat)),
        _job(WATCH, lambda _: watch(store, writer, clock, others, begun, telling(operator))),
    ]


def sending(application: Application, settings: Settings, key: SigningKey | None) -> list[Job]:
    """Return what is done about the patients, with whatever the settings let be sent; webhooks need a key."""
    return caring(
        application,
        carriers(settings, key, application.clock),
        partial(tell_operator, settings.outside),
    )


def sealing(application: Application, signer: Signer) -> Job:
    """Return the job that seals the audit."""
    clock = application.clock
    return _job(SEAL, lambda _: application.writer.run(lambda uow: seal(uow, signer, clock.now())))


def noted(application: Application, job: str) -> None:
    """Keep that a job has come on, for all processes to see."""
    application.writer.run(lambda uow: note_tick(uow, job, application.clock.now()))


def drawn(application: Application, below: int) -> int:
    """Draw a number from 0 up to, and without, the one given; evenly enough for pauses."""
    return int.from_bytes(application.randomness.draw(4)) % below


def _job(name: str, do: Callable[[Beat], object]) -> Job:
    return Job(name, EVERY[name], do)
