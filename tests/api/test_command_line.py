"""What holds for every command: help, exit codes, errors that are documented, and no stack trace."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api import cli
from api.commands import told
from api.errors import (
    EXIT_CODES,
    FAILED,
    AddressUnusable,
    BadInput,
    FileUnusable,
    KeyPlaceMissing,
    KeyUnusable,
    ProofRefused,
    ProviderUnavailable,
    WebhookAddressUnusable,
    WebhooksUnavailable,
    exit_code,
)
from engine.core.pathway import PathwayFlawed
from engine.errors import (
    AlreadyThere,
    AnsweredOnce,
    CalendarUnknown,
    CarewayError,
    ChannelShut,
    ClientRefused,
    ConcurrencyConflict,
    DatabaseUnusable,
    DocumentRefused,
    EventIdReused,
    GlassNotNeeded,
    IdentifierInUse,
    InvitationUnusable,
    KeyReused,
    MessageRefused,
    NotFound,
    NotYetKnown,
    PasswordWeak,
    PersonElsewhere,
    PersonNeeded,
    RevisionStale,
    SignInRefused,
    SignInTooOften,
    SiteUnclear,
    StoreFault,
    StoreUnavailable,
    TokenTooFar,
    UnknownTimeZone,
    UploadFinished,
    WriterClosed,
)
from tests.api.running import run, story

CAREWAY = Path(sys.executable).with_name("careway")


def commands(command: Any, *name: str) -> Iterator[tuple[str, ...]]:
    yield name
    for word, child in getattr(command, "commands", {}).items():
        yield from commands(child, *name, word)


COMMANDS = list(commands(typer.main.get_command(cli.app)))
GROUPS = {command[:-1] for command in COMMANDS if command}
"""Words that are no command without another: careway, careway pathway, …"""


def called(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return subprocess.run(
        [CAREWAY, *arguments], capture_output=True, text=True, check=False, env={**kept, **env}
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        ran = run(*command, option)
        assert ran.code == 0
        assert ran.out.startswith("Usage: careway" if not command else f"Usage: careway {' '.join(command)}")
        assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in GROUPS], ids=" ".join)
def test_every_command_gives_an_example_that_is_a_command(command: tuple[str, ...]) -> None:
    assert f"Example: careway {' '.join(command)}" in run(*command, "--help").words


def test_evaluating_does_not_wait_for_the_libraries_of_the_store() -> None:
    script = "import sys, api.cli; print(sorted({'alembic', 'psycopg', 'sqlalchemy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_the_exit_codes_are_part_of_the_help() -> None:
    assert (
        "Exit codes: 0 done, 1 the answer is no, 2 cannot be done as asked, 3 Careway itself failed"
        in run("-h").words
    )


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"careway \d+\.\d+\.\d+\n", run("--version").out)


@pytest.mark.parametrize("words", [*GROUPS, ("evaluat",), ("pathway", "shwo"), ("--bogus",)])
def test_what_is_no_command_ends_with_two_and_a_hint(words: tuple[str, ...]) -> None:
    ran = run(*words)

    assert ran.code == 2
    assert "Usage: careway" in ran.out + ran.err


def every_error() -> Iterator[type[CarewayError]]:
    waiting: list[type[CarewayError]] = [CarewayError]
    while waiting:
        error = waiting.pop()
        yield error
        waiting += error.__subclasses__()


def ours() -> list[type[CarewayError]]:
    """Every error a command can end with; those of HTTP alone have statuses instead of exit codes."""
    found = [error for error in every_error() if error.__module__.startswith(("engine", "pathways", "api"))]
    return [error for error in found if not error.__module__.startswith("api.http")]


def test_every_error_has_an_exit_code_of_its_own() -> None:
    assert [error.__name__ for error in ours() if error not in EXIT_CODES] == []
    assert all(code in (2, 3) for code in EXIT_CODES.values())


def test_an_error_of_a_kind_not_listed_takes_the_code_of_its_base() -> None:
    class Lost(NotFound):
        code = "lost"

    assert exit_code(Lost("thing", "x")) == 2


def test_every_error_is_documented_with_its_exit_code(root: Path) -> None:
    page = (root / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (\d) \|$", page, re.MULTILINE))

    assert rows == {error.code: str(EXIT_CODES[error]) for error in ours()}


def test_every_problem_of_a_message_is_documented(root: Path) -> None:
    page = (root / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z-]+)` \| [^|]* \|$", page, re.MULTILINE))

    assert documented == set(problem_codes(root))


def problem_codes(root: Path) -> Iterator[str]:
    """Every code the door may give: literal ones, and those made from the kind of a name."""
    yield EventIdReused.code
    doors = [root / "engine" / "core" / f"{name}.py" for name in ("ingest", "checks", "shape")]
    people = (root / "engine" / "services").glob("*.py")
    for path in (*doors, *people, root / "api" / "http" / "routes" / "events.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            function = getattr(node.func, "attr", getattr(node.func, "id", ""))
            second = node.args[1] if len(node.args) > 1 else None
            if function in ("refuse", "Problem") and isinstance(second, ast.Constant):
                yield str(second.value)
            elif function == "_known" and isinstance(second, ast.Constant):
                yield f"unknown-{str(second.value).replace(' ', '-')}"
            elif function == "_known" and isinstance(second, ast.JoinedStr):
                yield from (f"unknown-{qualifier}-value" for qualifier in ("eq", "grade"))


MESSAGES = {
    AddressUnusable("no address"): "no address",
    AlreadyThere("site", "north"): "There is a site 'north' already.",
    AnsweredOnce(): "This call was made before under this `Idempotency-Key`, and it was done.",
    BadInput("--as-of: nonsense"): "--as-of: nonsense",
    CarewayError("something"): "something",
    CalendarUnknown(): "There is no calendar at this address",
    ChannelShut("gone"): "This channel was shut (gone), so nothing is sent on it any more.",
    ClientRefused("unknown"): "unknown",
    ConcurrencyConflict("The patient", 3, 4): "The patient has changed since it was read: its revision was 3",
    DatabaseUnusable("The database is empty."): "The database is empty.",
    DocumentRefused(()): "",
    EventIdReused("e1"): "Event id 'e1' is already stored with other content.",
    FileUnusable("no file"): "no file",
    GlassNotNeeded(): "The patient belongs to your own site",
    IdentifierInUse("mrn"): "The identifier sent for 'mrn' belongs to another patient of this site.",
    InvitationUnusable(): "This link was used already or is too old.",
    KeyPlaceMissing("no place"): "no place",
    KeyReused(): "This `Idempotency-Key` was used for another call within the last 24 hours",
    KeyUnusable("no key"): "no key",
    MessageRefused(()): "",
    NotFound("pathway", "x", ("a", "b")): "There is no pathway 'x'. Known: a, b.",
    NotYetKnown(date(2024, 3, 2), date(2024, 3, 1)): "What will be known at 2024-03-02 nobody can tell",
    PasswordWeak("too short"): "too short",
    PathwayFlawed(()): "",
    PersonElsewhere("p1"): "The person 'p1' works at other sites as well",
    PersonNeeded(): "A person has to do this",
    ProofRefused("not believed"): "not believed",
    ProviderUnavailable("not reached"): "not reached",
    RevisionStale("The patient", 2, 3): "The patient is not as you saw it: you named revision 2",
    SignInRefused(): "Login and password do not belong together.",
    SignInTooOften(timedelta(seconds=8)): "Too many wrong passwords. Wait 8 seconds",
    SiteUnclear(None, ("main", "south")): "The token names no site.",
    StoreFault("IntegrityError"): "The database refused a statement (IntegrityError); nothing was stored.",
    StoreUnavailable(): "The database cannot be reached or is too busy; nothing was stored.",
    TokenTooFar("too far"): "too far",
    UnknownTimeZone("Mars"): "There is no time zone 'Mars'. Use a name such as Europe/Berlin.",
    UploadFinished("done"): "This import is over already (done), so there is nothing to cancel.",
    WebhookAddressUnusable("not there"): "not there",
    WebhooksUnavailable(): "This installation has no signing key, so webhooks cannot be made.",
    WriterClosed(): "Careway is stopping and takes no more writes",
}


def test_every_error_is_shown_as_its_sentence_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = story(tmp_path)
    assert {type(error) for error in MESSAGES} == set(ours())
    for error, says in MESSAGES.items():

        def failing(*_: object, error: CarewayError = error) -> None:
            raise error

        monkeypatch.setattr(told, "read_stories", failing)
        ran = run("evaluate", path)
        assert (ran.code, ran.out) == (EXIT_CODES[type(error)], "")
        assert ran.err.startswith(f"careway: {says}")


def test_a_defect_of_ours_is_called_one_and_shows_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(told, "read_stories", failing)
    monkeypatch.setattr(sys, "argv", ["careway", "evaluate", str(story(tmp_path))])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    said = capsys.readouterr().err
    assert ended.value.code == FAILED
    assert said.startswith(
        "careway: this is a defect of Careway, not of what you asked: ZeroDivisionError: oh"
    )
    assert "Traceback" not in said

    monkeypatch.setenv(cli.TRACE, "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_the_installed_command_answers() -> None:
    ran = called("pathway", "list")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("pm-ild  version 1  seed\n")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_pipe_gets_no_escapes(tmp_path: Path, env: dict[str, str]) -> None:
    ran = called("evaluate", story(tmp_path), **env)

    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout


def test_colour_can_be_forced_and_changes_no_word() -> None:
    plain, colour = called("pathway", "list"), called("pathway", "list", FORCE_COLOR="1")

    assert "\x1b[" in colour.stdout
    assert re.sub(r"\x1b\[[\d;]*m", "", colour.stdout) == plain.stdout


def test_a_terminal_without_our_characters_is_still_served() -> None:
    ran = called("pathway", "list", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ran.returncode == 0
    assert "(PM-ILD) ? DRAFT" in ran.stdout


def test_a_reader_that_stops_listening_ends_the_command_quietly() -> None:
    process = subprocess.Popen(
        [CAREWAY, "pathway", "show", "pm-ild"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 1


def test_errors_go_to_standard_error_only(tmp_path: Path) -> None:
    ran = called("evaluate", tmp_path / "none.yaml", "--json")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("careway: There is no file")
