"""A browser for all tests of pages, and a hospital for each: a long list would hide whom a test looks for."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.databases import unavailable
from tests.web.hospital import CHROMIUM, Hospital, browsing, hospital_on


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    try:
        subprocess.run([CHROMIUM, "--version"], check=True, capture_output=True)
    except OSError:
        unavailable(f"no browser at {CHROMIUM}; install it, e.g. apt-get install chromium")
    with browsing() as browser:
        yield browser


@pytest.fixture
def hospital(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Hospital]:
    """A hospital where nobody is treated yet."""
    file = tmp_path_factory.mktemp("web") / "careway.db"
    file.write_bytes(sqlite_template.read_bytes())
    with hospital_on(f"sqlite:///{file}", chromium) as made:
        yield made
