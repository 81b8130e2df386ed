"""`careway db`: making, upgrading and checking a database."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store.migrate import head
from tests.api.running import run

UNREACHABLE = "postgresql://me:hunter2@127.0.0.1:1/careway"


def test_an_upgrade_makes_a_database_and_a_second_one_changes_nothing(
    make_url: Callable[[bool], str],
) -> None:
    url = make_url(False)

    first, second = run("db", "upgrade", "--database", url), run("db", "upgrade", "--database", url)

    assert (first.code, second.code) == (0, 0)
    assert f"has schema {head()}; before, it was empty." in first.words
    assert f"has schema {head()}; it was up to date." in second.words
    assert run("db", "check", "--database", url).code == 0


def test_a_check_says_what_the_schema_is_and_what_it_should_be(
    url: str, make_url: Callable[[bool], str]
) -> None:
    good, empty = run("db", "check", "--database", url), run("db", "check", "--database", make_url(False))

    assert (good.code, good.err) == (0, "")
    assert f"has schema {head()}, as needed." in good.words
    assert (empty.code, empty.err) == (1, "")
    assert empty.words.endswith("Run `careway db upgrade`.")


def test_a_program_can_read_the_check(url: str, make_url: Callable[[bool], str]) -> None:
    good = json.loads(run("db", "check", "--json", "--database", url).out)
    ran = run("db", "check", "--json", "--database", make_url(False))
    empty = json.loads(ran.out)

    assert (good["ok"], good["has"], good["needs"], good["says"]) == (True, head(), head(), None)
    assert (ran.code, empty["ok"], empty["has"], empty["needs"]) == (1, False, None, head())
    assert "Run `careway db upgrade`" in empty["says"]


def test_nobody_sees_a_password(url: str) -> None:
    _, _, user = url.partition("//")
    password = user.partition("@")[0].partition(":")[2]
    for command in ("check", "upgrade"):
        for address, secret in ((url, password), (UNREACHABLE, "hunter2")):
            ran = run("db", command, "--database", address)
            assert not secret or secret not in ran.out + ran.err


@pytest.mark.parametrize("command", ["check", "upgrade"])
def test_what_cannot_be_reached_is_told_with_its_reason(command: str, tmp_path: Path) -> None:
    nowhere = run("db", command, "--database", f"sqlite:///{tmp_path / 'nowhere' / 'careway.db'}")
    refused = run("db", command, "--database", UNREACHABLE)

    assert (nowhere.code, refused.code) == (2, 2)
    assert nowhere.err.startswith("careway: There is no directory ")
    assert refused.err.startswith(
        "careway: The database postgresql://me@127.0.0.1:1/careway cannot be used: "
    )
    assert list(tmp_path.iterdir()) == []


def test_the_default_is_a_file_here_and_only_an_upgrade_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run("db", "check").code == 1
    assert list(tmp_path.iterdir()) == []
    assert run("db", "upgrade").code == 0
    assert run("db", "check").code == 0
    assert (tmp_path / "careway.db").exists()
    elsewhere = {"CAREWAY_DATABASE": f"sqlite:///{tmp_path / 'elsewhere.db'}"}
    assert run("db", "check", env=elsewhere).code == 1
