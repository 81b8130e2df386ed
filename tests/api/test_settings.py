from pathlib import Path

import pytest

from api.randomness import SystemRandomness
from api.settings import Settings, read_settings

NAMED = {"CAREWAY_DATABASE": "postgresql://me@host/name"}


@pytest.mark.parametrize(
    ("option", "environment", "settings"),
    [
        (None, {}, Settings("sqlite:///careway.db", named=False)),
        ("", {"CAREWAY_DATABASE": ""}, Settings("sqlite:///careway.db", named=False)),
        (None, NAMED, Settings("postgresql://me@host/name", named=True)),
        ("sqlite:///mine.db", NAMED, Settings("sqlite:///mine.db", named=True)),
    ],
)
def test_an_option_goes_before_the_environment(
    option: str | None, environment: dict[str, str], settings: Settings
) -> None:
    assert read_settings(option, environment) == settings


def test_a_database_is_expected_when_it_was_named_or_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_settings("sqlite:///elsewhere.db").expected
    assert not read_settings().expected
    (tmp_path / "careway.db").touch()
    assert read_settings().expected


def test_the_environment_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREWAY_DATABASE", "sqlite:///mine.db")

    assert read_settings().database == "sqlite:///mine.db"


def test_chance_is_as_long_as_asked_and_never_the_same() -> None:
    chance = SystemRandomness()

    assert len(chance.draw(10)) == 10
    assert chance.draw(32) != chance.draw(32)
