"""`careway worker`: do what falls due, without a server."""

import signal
from functools import partial
from typing import Annotated

import typer

from api.application import application_on
from api.commands.db import DATABASE
from api.errors import KeyPlaceMissing
from api.jobs import noted, sending
from api.keys import SigningKey, signing_key
from api.present.page import GOOD, WARN, Page, console
from api.serving import log_to_stderr
from api.settings import Settings, read_settings
from api.ticking import ticking
from engine.services.ticks import unheard

STOPS = (signal.SIGINT, signal.SIGTERM)


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
    finished when it is stopped; an import is left to the next one.

    Example: careway worker --once
    """
    settings = read_settings(database)
    page = Page(console())
    if not once:  # before any thread begins, so that a signal can only be waited for
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    with application_on(settings) as application:
        jobs = sending(application, settings, _key(settings, page))
        if once:
            for job in jobs:
                job.do(unheard)
        else:
            log_to_stderr()
            with ticking(jobs, partial(noted, application)):
                page.put("Careway works – Ctrl-C stops it.", style=GOOD)
                signal.sigwait(STOPS)
    page.put("Careway has done what is due." if once else "Careway has stopped.")


def _key(settings: Settings, page: Page) -> SigningKey | None:
    """Return the key that signs webhooks, or say why there is none."""
    try:
        return signing_key(settings)
    except KeyPlaceMissing as missing:
        page.put(f"No webhook is sent. {missing}", style=WARN)
        return None
