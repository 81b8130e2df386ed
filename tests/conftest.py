"""What all tests share: a clean environment, how long the laws run, and where the checkout is."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.databases"]

PROVING = os.environ.get("CAREWAY_PROVE") == "1"

for name in [name for name in os.environ if name.startswith("CAREWAY_") and name != "CAREWAY_PROVE"]:
    del os.environ[name]  # what the developer's shell sets must not reach a test

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60)
settings.register_profile(
    "prove",
    deadline=None,
    max_examples=3000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("prove" if PROVING else "ci")


@pytest.fixture(scope="session")
def proving() -> bool:
    """True under `make prove`: a law that counts days or patients itself then takes its full size."""
    return PROVING


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[1]
