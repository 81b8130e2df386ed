"""What a serving Careway does by itself, and how often."""

from api.application import Application
from api.ticking import Job
from engine.ports import Signer
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.sealing import seal

MINUTE = 60


def refreshing(application: Application) -> Job:
    """Return the job that brings enrolments up to date whose day to look again has come."""

    def do() -> None:
        refresh_due(application.store, application.writer, application.recorder)

    return Job("refresh enrolments", MINUTE, do)


def reminding(application: Application) -> Job:
    """Return the job that writes down the reminders that are due."""

    def do() -> None:
        remind_due(application.store, application.writer, application.recorder)

    return Job("write reminders", MINUTE, do)


def caring(application: Application) -> list[Job]:
    """Return what is done about the patients."""
    return [refreshing(application), reminding(application)]


def sealing(application: Application, signer: Signer) -> Job:
    """Return the job that seals the audit."""

    def do() -> None:
        application.writer.run(lambda uow: seal(uow, signer, application.clock.now()))

    return Job("seal the audit", MINUTE, do)
