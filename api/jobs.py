"""What a serving Careway does by itself, and how often."""

from api.application import Application
from api.ticking import Job
from engine.ports import Signer
from engine.services.sealing import seal

MINUTE = 60


def sealing(application: Application, signer: Signer) -> Job:
    """Return the job that seals the audit."""

    def do() -> None:
        application.writer.run(lambda uow: seal(uow, signer, application.clock.now()))

    return Job("seal the audit", MINUTE, do)
