"""`careway client`: registered with public keys or where they are, listed, revoked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from engine.ports import Store
from engine.services.access import main_site
from tests.api.running import Json, Ran, run
from tests.stores.kit import writing

KEY = ECKey.generate_key("P-384", {"kid": "e1"})
SCOPES = ("--scopes", "system/*.rs system/*.cu")


@pytest.fixture
def client(url: str, store: Store) -> Callable[..., Ran]:
    """Run one of the commands on a migrated database with the site main."""
    with writing(store) as uow:
        main_site(uow, "UTC")
    return lambda *arguments: run("client", *arguments, "--database", url)


def keys(tmp_path: Path, *described: Any) -> str:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": list(described)}), encoding="utf-8")
    return str(file)


def added(client: Callable[..., Ran], *arguments: str) -> Json:
    ran = client("add", "--label", "lab", *SCOPES, "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    answer: Json = json.loads(ran.out)
    return answer


def test_a_client_is_registered_with_its_public_keys(
    client: Callable[..., Ran], store: Store, tmp_path: Path
) -> None:
    answer = added(client, "--jwks", keys(tmp_path, KEY.as_dict(private=False)))

    assert (answer["role"], answer["site"], answer["label"]) == ("integrator", "main", "lab")
    assert answer["scopes"] == ["content.read", "patients.read", "patients.write"]
    with store.reading() as uow:
        (kept,) = uow.clients.all()
    assert kept.id == answer["id"]
    assert json.loads(kept.keys or "")["keys"][0]["kid"] == "e1"
    assert kept.keys_url is None


def test_a_client_is_registered_with_the_place_of_its_keys(client: Callable[..., Ran]) -> None:
    ran = client("add", "--label", "lab", *SCOPES, "--jwks-url", "https://lab.example/keys")

    assert ran.code == 0
    assert "integrator · site main · lab" in ran.words
    assert "/.well-known/smart-configuration" in ran.words


def test_clients_are_listed_and_revoked(client: Callable[..., Ran]) -> None:
    assert "There are no clients yet" in client("list").words
    first, second = (added(client, "--jwks-url", f"https://lab.example/{n}") for n in (1, 2))
    assert [row["id"] for row in json.loads(client("list", "--json").out)] == [first["id"], second["id"]]

    once, again = client("revoke", first["id"]), client("revoke", first["id"])
    unknown = client("revoke", "nobody")

    assert "gets no more tokens" in once.words
    assert "was revoked before, 20" in again.words
    assert (unknown.code, unknown.err) == (2, "careway: There is no client 'nobody'.\n")
    assert client("list").words.count("revoked 20") == 1


PUBLIC, PRIVATE = KEY.as_dict(private=False), KEY.as_dict(private=True)
SHARED = {**OctKey.generate_key(256).as_dict(private=True), "kid": "s"}


@pytest.mark.parametrize(
    ("described", "says"),
    [
        ([PRIVATE], "holds a private key"),
        ([PUBLIC, SHARED], "holds a private key"),
        ([{name: value for name, value in PUBLIC.items() if name != "kid"}], "needs a `kid`"),
        ([], "has no key"),
    ],
)
def test_keys_that_cannot_be_taken(
    client: Callable[..., Ran], store: Store, tmp_path: Path, described: list[Any], says: str
) -> None:
    ran = client("add", "--label", "lab", *SCOPES, "--jwks", keys(tmp_path, *described))

    assert (ran.code, ran.out) == (2, "")
    assert says in " ".join(ran.err.split())
    with store.reading() as uow:
        assert uow.clients.all() == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([*SCOPES], "Give either --jwks FILE or --jwks-url URL"),
        ([*SCOPES, "--jwks", "x", "--jwks-url", "https://lab.example"], "one of them, and not both"),
        ([*SCOPES, "--jwks-url", "http://lab.example/keys"], "It begins with https://"),
        ([*SCOPES, "--jwks", "nothing.json"], "cannot be read"),
        ([*SCOPES, "--jwks", __file__], "is no JSON Web Key Set"),
        (["--scopes", "system/Patient.rs", "--jwks-url", "https://lab.example"], "got system/Patient.rs"),
        (["--scopes", " ", "--jwks-url", "https://lab.example"], "got nothing"),
        ([*SCOPES, "--site", "south", "--jwks-url", "https://lab.example"], "There is no site 'south'."),
    ],
)
def test_what_cannot_be_registered_is_told(
    client: Callable[..., Ran], store: Store, arguments: list[str], says: str
) -> None:
    ran = client("add", "--label", "lab", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert says in " ".join(ran.err.split())
    with store.reading() as uow:
        assert uow.clients.all() == ()
