"""A clinic with a few enrolled patients and a credential, on each database."""

from collections.abc import Iterator

import pytest

from api.application import Application, application_on
from api.settings import read_settings
from engine.core.people import Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR, issue, main_site
from engine.services.patients import register
from tests.prove.kit import CLINICIAN, ENROLLED, PATIENTS


@pytest.fixture
def application(url: str) -> Iterator[Application]:
    with application_on(read_settings(url)) as opened:
        yield opened


@pytest.fixture
def patients(application: Application) -> list[str]:
    def command(uow: UnitOfWork) -> list[str]:
        main_site(uow, "UTC")
        made = [
            register(uow, (), CLINICIAN, application.clock, application.randomness).id
            for _ in range(PATIENTS)
        ]
        for patient in made:
            application.recorder.record(uow, patient, [ENROLLED], CLINICIAN)
        return made

    return application.writer.run(command)


@pytest.fixture
def secret(application: Application, patients: list[str]) -> str:
    now, randomness = application.clock.now(), application.randomness
    return application.writer.run(
        lambda uow: issue(uow, Role.CLINICIAN, MAIN, "", by=OPERATOR, now=now, randomness=randomness)[0]
    )
