"""`careway worker`: do what falls due, without a server."""

import signal
from functools import partial
from threading import Event
from types import FrameType
from typing import Annotated

import typer

from api.application import application_on
from api.channels.carriers import carriers
from api.commands.db import DATABASE
from api.jobs import caring, noted
from api.present.page import GOOD, Page, console
from api.serving import log_to_stderr
from api.settings import read_settings
from api.ticking import ticking
from engine.services.ticks import unheard


def command(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
    database: DATABASE = None,
) -> None:
    """Do what falls due, until stopped with Ctrl-C or SIGTERM.

    Enrolments are brought up to date on the day they may change, and reminders
    are written when they are due, every minute; they are sent every 5 seconds.
    `careway serve` does the same by itself; workers beside it, on this machine
    or others with the same database, are harmless. What is under way is
    finished when it is stopped.

    Example: careway worker --once
    """
    settings = read_settings(database)
    page = Page(console())
    with application_on(settings) as application:
        jobs = caring(application, carriers(settings, application.clock))
        if once:
            for job in jobs:
                job.do(unheard)
        else:
            log_to_stderr()
            told = _told_to_stop()
            with ticking(jobs, partial(noted, application)):
                page.put("Careway works – Ctrl-C stops it.", style=GOOD)
                told.wait()
    page.put("Careway has done what is due." if once else "Careway has stopped.")


def _told_to_stop() -> Event:
    """Return what is set when this process is told to stop."""
    told = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    return told
