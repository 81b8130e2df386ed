"""What tests of imports share: Careway on a real database, with a site and nobody in it."""

from collections.abc import Iterator

import pytest

from api.application import Application, application_on
from api.settings import read_settings
from engine.services.access import main_site


@pytest.fixture
def application(url: str) -> Iterator[Application]:
    with application_on(read_settings(url)) as opened:
        opened.writer.run(lambda uow: main_site(uow, "UTC"))
        yield opened
