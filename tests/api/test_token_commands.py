"""`careway token`: the secret is shown once, and what is made can be listed and revoked."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.ports import Store
from engine.services.access import CHAIN
from engine.services.admission import Token, admitted
from engine.services.secrets import hashed
from tests.api.running import Json, Ran, run

LATE = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def token(url: str) -> Callable[..., Ran]:
    """Run one of the commands on a migrated database."""

    def command(*arguments: str) -> Ran:
        return run("token", *arguments, "--database", url)

    return command


def made(token: Callable[..., Ran], *arguments: str) -> Json:
    ran = token("create", "--role", "clinician", "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    answer: Json = json.loads(ran.out)
    return answer


def test_a_secret_is_shown_once_and_opens_the_door(token: Callable[..., Ran], store: Store) -> None:
    ran = token("create", "--role", "clinical_lead", "--label", "ward 3")

    assert (ran.code, ran.err) == (0, "")
    (secret,) = re.findall(r"^cw_\S{43}$", ran.out, re.MULTILINE)
    assert "clinical_lead · site main · ward 3" in ran.words
    assert ran.words.endswith("cannot be shown again. Keep it where only its holder can read it.")
    listed = token("list").out + token("list", "--json").out
    assert secret not in listed
    with store.reading() as uow:
        assert admitted(uow, Token(secret), LATE) is not None
        assert hashed(secret) not in listed
        assert [link.entry.author.role for link in uow.audit.chain(CHAIN)] == ["operator"]


def test_a_program_gets_the_secret_too(token: Callable[..., Ran], store: Store) -> None:
    answer = made(token, "--label", "import")

    assert list(answer) == [
        *("id", "role", "site", "label", "person", "scopes", "created", "expires", "used", "revoked"),
        *("replaces", "secret"),
    ]
    with store.reading() as uow:
        admission = admitted(uow, Token(answer["secret"]), LATE)
        (credential,) = uow.credentials.all()
    assert admission is not None
    assert (admission.credential, credential.label) == (answer["id"], "import")


def test_the_first_credential_makes_the_main_site(token: Callable[..., Ran], store: Store) -> None:
    made(token, "--time-zone", "Europe/Berlin")
    made(token)
    made(token, "--site", "main", "--time-zone", "Europe/Berlin")
    other = token("create", "--role", "admin", "--time-zone", "Asia/Tokyo")

    assert (other.code, other.out) == (2, "")
    assert "the site main has the time zone Europe/Berlin already" in other.err
    with store.reading() as uow:
        site = uow.sites.get("main")
        assert len(uow.credentials.all()) == 3
    assert site is not None
    assert site.time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--role", "boss"], "'boss' is not one of 'viewer', 'coordinator'"),
        ([], "Missing option '--role'"),
        (["--role", "admin", "--site", "south"], "There is no site 'south'."),
        (["--role", "admin", "--time-zone", "Mars/Olympus_Mons"], "no time zone 'Mars/Olympus_Mons'"),
        (["--role", "admin", "--time-zone", "/etc/passwd"], "no time zone '/etc/passwd'"),
        (["--role", "admin", "--time-zone", "Europe"], "no time zone 'Europe'"),
    ],
)
def test_what_cannot_be_made_is_told(
    token: Callable[..., Ran], store: Store, arguments: list[str], says: str
) -> None:
    ran = token("create", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    with store.reading() as uow:
        assert uow.credentials.all() == ()
        assert uow.sites.get("main") is None


def test_credentials_are_listed_oldest_first(token: Callable[..., Ran]) -> None:
    assert "There are no credentials yet" in token("list").words
    assert json.loads(token("list", "--json").out) == []
    first, second = made(token, "--label", "first [bold]"), made(token)

    assert [row["id"] for row in json.loads(token("list", "--json").out)] == [first["id"], second["id"]]
    page = token("list").words
    assert page.index(first["id"]) < page.index("first [bold]") < page.index(second["id"])


def test_a_revoked_credential_opens_nothing_and_stays_in_the_list(
    token: Callable[..., Ran], store: Store
) -> None:
    answer = made(token)

    first, second = token("revoke", answer["id"]), token("revoke", answer["id"])
    unknown = token("revoke", "nobody")

    assert (first.code, second.code, unknown.code) == (0, 0, 2)
    assert first.words == f"The credential {answer['id']} may not be used any more."
    assert "was revoked before, 20" in second.words
    assert unknown.err == "careway: There is no credential 'nobody'.\n"
    with store.reading() as uow:
        assert admitted(uow, Token(answer["secret"]), LATE) is None
    assert " · revoked 20" in token("list").words
    (row,) = json.loads(token("list", "--json").out)
    assert row["revoked"] >= row["created"]


@pytest.mark.parametrize("words", [["create", "--role", "admin"], ["list"], ["revoke", "x"]])
def test_a_database_that_is_not_migrated_is_said_to_be(
    make_url: Callable[[bool], str], words: list[str]
) -> None:
    ran = run("token", *words, "--database", make_url(False))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Run `careway db upgrade`.\n")


def test_a_token_may_be_limited_and_exchanged(token: Callable[..., Ran], store: Store) -> None:
    old = made(token, "--scope", "patients.read", "--days", "30")
    new = json.loads(token("rotate", old["id"], "--grace", "60", "--json").out)

    assert (old["scopes"], new["scopes"]) == ("patients.read", "patients.read")
    assert new["replaces"] == old["id"]
    assert new["expires"] > old["expires"]
    assert new["secret"] != old["secret"]
    listed = token("list").words
    assert "only patients.read" in listed
    assert "ends 20" in listed
    with store.reading() as uow:
        assert [link.entry.act for link in uow.audit.chain(CHAIN)] == [
            "issue credential",
            "issue credential",
            "rotate credential",
        ]
