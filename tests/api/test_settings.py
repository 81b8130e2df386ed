import json
from pathlib import Path

import pytest

from api.errors import BadInput
from api.issuers.configured import Elsewhere, Issuer
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


LOGIN = "https://login.example"


def told(*issuers: object) -> dict[str, str]:
    return {"CAREWAY_ISSUERS": json.dumps(issuers), "CAREWAY_ADDRESS": "https://careway.example/"}


def test_address_and_issuers_come_from_the_environment() -> None:
    settings = read_settings(
        None,
        told(
            {"issuer": LOGIN, "audience": "careway-api", "client_id": "careway", "client_secret": "s"},
            {"issuer": "http://127.0.0.1:8080/realm", "audience": "x", "algorithms": ["ES384"]},
        ),
    )

    assert settings.address == "https://careway.example"
    assert settings.issuers == (
        Issuer(issuer=LOGIN, audience="careway-api", client_id="careway", client_secret="s"),
        Issuer(issuer="http://127.0.0.1:8080/realm", audience="x", algorithms=("ES384",)),
    )
    assert "'s'" not in repr(settings)
    elsewhere = Elsewhere(settings.address, settings.issuers)
    assert elsewhere.secure
    assert elsewhere.provider == settings.issuers[0]
    assert Elsewhere().provider is None
    assert not Elsewhere().secure


GOOD = {"issuer": LOGIN, "audience": "a"}


@pytest.mark.parametrize(
    ("issuers", "says"),
    [
        ("{", "this is not JSON"),
        ([7], "0: "),
        ({"issuer": LOGIN}, ""),
        ([{"audience": "a"}], "0/issuer: Field required"),
        ([{**GOOD, "secret": "hidden"}], "0/secret: Extra inputs"),
        ([{**GOOD, "client_secret": ["hidden"]}], "0/client_secret: "),
        ([{"issuer": LOGIN}], "needs an `audience`"),
        ([{**GOOD, "client_id": "a"}], "are the same"),
        ([{**GOOD, "issuer": "http://login.example"}], "begins with https://"),
        ([{**GOOD, "algorithms": ["HS256"]}], "some of RS256, RS384, ES256, ES384; got ['HS256']"),
        ([{**GOOD, "algorithms": ["none"]}], "got ['none']"),
        ([{**GOOD, "algorithms": []}], "some of RS256"),
        ([GOOD, {**GOOD, "audience": "b"}], "stands there twice"),
        (
            [{**GOOD, "client_id": "x"}, {"issuer": LOGIN + "/2", "client_id": "x"}],
            "people sign in at one issuer",
        ),
    ],
)
def test_issuers_that_cannot_be_used_are_told(issuers: object, says: str) -> None:
    text = issuers if isinstance(issuers, str) else json.dumps(issuers)
    with pytest.raises(BadInput, match="CAREWAY_ISSUERS: ") as raised:
        read_settings(None, {"CAREWAY_ISSUERS": text})
    assert says in str(raised.value)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["careway.example", "http://careway.example", "https://careway.example/x", "https://a?b", "x:"]
)
def test_an_address_that_cannot_be_used_is_told(address: str) -> None:
    with pytest.raises(BadInput, match=r"CAREWAY_ADDRESS: .* is not an address of a server"):
        read_settings(None, {"CAREWAY_ADDRESS": address})
