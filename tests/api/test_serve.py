"""`careway serve`: a real server on a real port, stopped as a system would stop it."""

import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from engine.core.people import Role
from engine.ports import Store
from engine.services.access import MAIN
from engine.services.admission import Token, admitted
from engine.services.verifying import enrolments
from engine.store.database import open_database
from engine.store.unit_of_work import SqlStore
from tests.api.running import Json, run
from tests.certificates import certificate
from tests.serving import PATIENCE, Served, serving

EVENT: Json = {
    "id": "posted-1", "effective": "2026-03-17", "type": "obs", "source": "manual",
    "obs": [{"item": "weight", "value": 71, "unit": "kg"}],
}  # fmt: skip

LATE = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def new(tmp_path: Path) -> str:
    """A database that is not there yet."""
    return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
def opened(new: str) -> Iterator[Store]:
    """A store on it, to be used once it is there."""
    with closing(open_database(new)) as database:
        yield SqlStore(database)


def stopped(served: Served, by: signal.Signals = signal.SIGTERM) -> str:
    """Stop a server; return what it wrote after it said where it serves."""
    served.process.send_signal(by)
    rest, _ = served.process.communicate(timeout=PATIENCE)
    assert served.process.returncode == 0
    return rest


def secrets_in(said: list[str]) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(cw_\S{43})$", "\n".join(said), re.MULTILINE))


def test_what_was_answered_outlives_the_server(new: str, opened: Store) -> None:
    assert run("db", "upgrade", "--database", new).code == 0
    assert run("demo", "--patients", "2", "--today", "2026-03-17", "--database", new).code == 0

    with serving(new, "--demo") as served:
        secrets = secrets_in(served.said)
        with opened.reading() as uow:
            enrolment = next(enrolments(uow))
        patient = f"/v1/patients/{enrolment.patient}"
        with served.client(secrets["clinician"]) as client:
            posted = client.post(f"{patient}/events", json=EVENT)
            state = client.get(f"{patient}/pathways/{enrolment.pathway}")
        with served.client("cw_wrong") as stranger:
            refused = stranger.get(f"{patient}/pathways/{enrolment.pathway}")
        assert stopped(served).rstrip().endswith("Careway has stopped.")

    assert posted.is_success, posted.text
    assert state.is_success, state.text
    assert refused.status_code == 401
    with opened.reading() as uow:
        receipt = uow.records.find(enrolment.patient, "posted-1")
    assert receipt is not None
    assert receipt.author.role == "clinician"
    with serving(new, "--migrate", "--demo") as again, again.client(secrets["viewer"]) as client:
        assert secrets_in(again.said) == {}
        assert client.get(f"{patient}/pathways/{enrolment.pathway}").json() == state.json()
        stopped(again, signal.SIGINT)
    assert run("replay", "--verify", "--database", new).code == 0


def test_the_first_start_furnishes_an_empty_database(
    new: str, opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.commands.serve.SIZE", 1)
    monkeypatch.setattr("api.commands.serve.serve", lambda *_: True)

    first = run("serve", "--migrate", "--demo", "--port", "0", "--database", new)
    second = run("serve", "--migrate", "--demo", "--port", "0", "--database", new)

    assert (first.code, second.code, first.err) == (0, 0, "")
    secrets = secrets_in(first.out.splitlines())
    assert list(secrets) == [role.value for role in Role]
    assert "curl -H 'Authorization: Bearer " + secrets["clinician"] in first.out
    assert secrets_in(second.out.splitlines()) == {}
    assert "The demonstration is there already: 1 synthetic patient, " in second.words
    with opened.reading() as uow:
        assert len(uow.patients.page(MAIN)) == 1
        for role, secret in secrets.items():
            admission = admitted(uow, Token(secret), LATE)
            assert admission is not None
            assert admission.roles == {role}


def test_patients_of_its_own_stay_alone(new: str, opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.commands.serve.serve", lambda *_: True)
    run("serve", "--migrate", "--port", "0", "--database", new)
    with opened.reading() as uow:
        assert uow.credentials.all() == ()
        assert uow.patients.page(MAIN) == ()


def test_a_database_without_the_schema_is_not_served(make_url: Callable[[bool], str]) -> None:
    ran = run("serve", "--port", "0", "--database", make_url(False))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Run `careway db upgrade`.\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org", ""])
def test_only_this_machine_is_served(new: str, host: str) -> None:
    ran = run("serve", "--host", host, "--port", "0", "--database", new)

    assert (ran.code, ran.out) == (2, "")
    assert f"--host: {host!r} can be reached from other machines, and nothing is encrypted" in ran.err


@pytest.fixture
def certified(tmp_path: Path) -> tuple[str, str]:
    """A certificate of this machine, and its key."""
    return certificate(tmp_path, "127.0.0.1")


def test_the_first_person_begins_on_this_machine_then_others_are_served_encrypted(
    new: str, certified: tuple[str, str]
) -> None:
    tls = ("--tls-certificate", certified[0], "--tls-key", certified[1])
    early = run("serve", "--migrate", "--host", "0.0.0.0", "--port", "0", "--database", new, *tls)
    assert (early.code, "nobody can sign in yet" in early.err) == (2, True)

    with (
        serving(new) as served,
        httpx2.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE) as browser,
    ):
        (link,) = [line.strip() for line in served.said if "/welcome?invitation=" in line]
        secret = link.partition("invitation=")[2]
        shown = browser.get(link)
        fields = {"invitation": secret, "password": "four plain words here", "again": "four plain words here"}
        home = browser.post(f"{served.address}/welcome", data=fields)
        stopped(served)
    assert "Welcome, Administrator" in shown.text
    assert "clinical lead" in home.text

    with serving(new, "--host", "0.0.0.0", *tls) as served:
        assert not [line for line in served.said if "invitation" in line]
        trusted = ssl.create_default_context(cafile=certified[0])
        address = served.address.replace("0.0.0.0", "127.0.0.1")
        with httpx2.Client(verify=trusted, trust_env=False, timeout=PATIENCE) as browser:
            answer = browser.post(
                f"{address}/sign-in", data={"login": "admin", "password": fields["password"]}
            )
        stopped(served)
    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("__Host-careway=")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tls-key", "x.pem"], "--tls-certificate and --tls-key go together"),
        (
            ["--tls-certificate", "x.pem", "--tls-key", "x.pem"],
            "--tls-certificate: there is no file 'x.pem'.",
        ),
    ],
)
def test_files_that_do_not_fit_are_told(new: str, options: list[str], says: str) -> None:
    ran = run("serve", "--port", "0", "--database", new, *options)

    assert (ran.code, says in ran.err) == (2, True)


def test_a_port_in_use_is_told(new: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        ran = run("serve", "--port", str(port), "--database", new)

    assert (ran.code, ran.out) == (2, "")
    assert f"--port: {port} is in use by another program. Choose another" in ran.err


def test_other_systems_are_told_where_the_server_is_reached(
    new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (None, "https://careway.example"):
        if address is not None:
            monkeypatch.setenv("CAREWAY_ADDRESS", address)
        with serving(new, "--migrate") as served, served.client("none") as client:
            told = client.get("/.well-known/smart-configuration").json()
            strict = client.get("/livez").headers.get("strict-transport-security")
        assert told["token_endpoint"] == f"{address or served.address}/auth/token"
        assert (strict is not None) == (address is not None)


def test_a_server_has_a_key_for_its_seals(new: str, tmp_path: Path) -> None:
    with serving(new, "--migrate") as served, served.client("none") as client:
        assert client.get("/livez").is_success
        stopped(served)

    assert (tmp_path / "new.db.key").stat().st_mode & 0o777 == 0o600
    assert not [line for line in served.said if "not sealed" in line]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_server_without_a_place_for_its_key_says_what_to_set(url: str, backend: str) -> None:
    with serving(url) as served, served.client("none") as client:
        assert client.get("/livez").is_success
        stopped(served)

    assert "The audit is not sealed, and no webhook is sent." in " ".join(served.said)
    assert "set CAREWAY_KEY in the environment to a file" in " ".join(served.said)
