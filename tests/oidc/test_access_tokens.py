"""Access tokens of a provider: taken when everything about them is right, and for nothing else."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response
from joserfc.jwk import RSAKey

from api.issuers.configured import LOCAL, Elsewhere
from engine.store.database import Database
from tests.http.conftest import Web, face, problem
from tests.oidc.conftest import furnish, trusted
from tests.oidc.forging import claims, keyed_with_what_is_public, signed, tampered, unsigned
from tests.oidc.provider import AUDIENCE, Provider, ec_key, rsa_key, running
from tests.oidc.walk import tokens


def patients(web: Web, token: str) -> Response:
    return web.get("/v1/patients", role=token)


def test_a_token_the_provider_made_lets_its_person_in_as_far_as_it_reaches(
    web: Web, provider: Provider
) -> None:
    token = tokens(provider, "may")["access_token"]
    patient = web.patient()

    assert [each["id"] for each in patients(web, token).json()["items"]] == [patient]
    found = problem(web.post("/v1/patients", role=token, json={}), 403, "scope-missing")
    assert "patients.write" in found["detail"]

    wide = tokens(provider, "may", "openid patients.read patients.write")["access_token"]
    made = web.post("/v1/patients", role=wide, json={})
    assert made.status_code == 201
    with web.application.store.reading() as uow:
        author = uow.audit.chain(made.json()["id"])[0].entry.author
    assert (author.role, author.credential, author.person) == ("coordinator", None, "p-may")


def test_the_token_says_at_which_of_several_sites(web: Web, provider: Provider) -> None:
    at = {name: tokens(provider, name)["access_token"] for name in ("kim@south", "lee", "sam@north")}
    there = web.patient(role="elsewhere")
    web.patient()

    assert [each["id"] for each in patients(web, at["kim@south"]).json()["items"]] == [there]
    unsaid = problem(patients(web, at["lee"]), 403, "site-unclear")["detail"]
    assert "`careway_site`; yours: main, south" in unsaid
    wrong = problem(patients(web, at["sam@north"]), 403, "site-unclear")["detail"]
    assert "'north', where you have no role" in wrong


def test_whom_the_provider_knows_and_we_do_not_is_refused(web: Web, provider: Provider) -> None:
    for name in ("nobody", "roleless", "gone"):
        answer = patients(web, signed(claims(provider, web.clock.now(), sub=name), provider.rsa, "RS256"))
        assert "not known" in problem(answer, 401, "credential-needed")["detail"]


def test_somebody_without_a_role_is_refused_with_the_next_call(web: Web, provider: Provider) -> None:
    token = signed(claims(provider, web.clock.now()), provider.rsa, "RS256")
    assert patients(web, token).status_code == 200
    with web.application.store.writing() as uow:
        person = uow.people.get("p-may")
        assert person is not None
        for each in uow.people.memberships("p-may"):
            uow.people.withdraw(each)
        uow.commit()
    problem(patients(web, token), 401, "credential-needed")


def test_a_key_is_taken_for_its_own_signature_only(web: Web, provider: Provider) -> None:
    told = claims(provider, web.clock.now())
    same = {name: value for name, value in provider.rsa.as_dict(private=True).items() if name != "alg"}

    assert patients(web, signed(told, provider.ec, "ES384")).status_code == 200
    # the provider publishes this key for RS256
    problem(patients(web, signed(told, RSAKey.import_key(same), "RS384")), 401, "credential-needed")


Forge = Callable[[Provider, datetime], str]


def forged(**changes: Any) -> Forge:
    return lambda provider, now: signed(claims(provider, now, **changes), provider.rsa, "RS256")


def at(**changes: int) -> Forge:
    def forge(provider: Provider, now: datetime) -> str:
        moved = {name: int(now.timestamp()) + seconds for name, seconds in changes.items()}
        return signed(claims(provider, now, **moved), provider.rsa, "RS256")

    return forge


def mismatched(provider: Provider, now: datetime) -> str:
    """The header says ES256 and names the RSA key."""
    return signed(claims(provider, now), ec_key("P-256", "r1"), "ES256")


BAD: dict[str, tuple[Forge, str]] = {
    "expired": (at(exp=-61), "has expired"),
    "not yet valid": (at(nbf=61), "nbf"),
    "issued in the future": (at(iat=61), "iat"),
    "no end": (forged(exp=None), "does not say exp"),
    "no subject": (forged(sub=None), "does not say sub"),
    "an empty subject": (forged(sub=""), "sub"),
    "a subject that is a number": (forged(sub=7), "sub"),
    "no time of issue": (forged(iat=None), "does not say iat"),
    "an end that is text": (forged(exp="tomorrow"), "exp"),
    "for others": (forged(aud="https://elsewhere.example"), "aud"),
    "for nobody": (forged(aud=None), "does not say aud"),
    "an ID token for us": (forged(aud="careway"), "aud"),
    "of another issuer": (forged(iss="https://elsewhere.example"), "is not one"),
    "of no issuer": (forged(iss=None), "is not one"),
    "a site that is a list": (forged(careway_site=["main"]), "must be text"),
    "unsigned": (lambda p, now: unsigned(claims(p, now), "r1"), "must be signed with RS256"),
    "HMAC with the public key": (
        lambda p, now: keyed_with_what_is_public(claims(p, now), p.rsa),
        "must be signed with RS256",
    ),
    "RS512": (
        lambda p, now: signed(
            claims(p, now),
            rsa_key("r1").import_key({k: v for k, v in p.rsa.as_dict(private=True).items() if k != "alg"}),
            "RS512",
        ),
        "must be signed with RS256",
    ),
    "ES256 with the name of the RSA key": (mismatched, "does not publish"),
    "another curve under the same name": (
        lambda p, now: signed(claims(p, now), ec_key("P-256", "e1"), "ES256"),
        "not that of its issuer",
    ),
    "an unknown key": (lambda p, now: signed(claims(p, now), rsa_key("r9"), "RS256"), "does not publish"),
    "another key of the same name": (
        lambda p, now: signed(claims(p, now), rsa_key("r1"), "RS256"),
        "not that of its issuer",
    ),
    "no name of a key": (
        lambda p, now: signed(claims(p, now), p.rsa, "RS256", kid=None),
        "does not name its key",
    ),
    "a key of its own in the header": (
        lambda p, now: signed(
            claims(p, now), (mine := ec_key("P-384", "e1")), "ES384", jwk=mine.as_dict(private=False)
        ),
        "not that of its issuer",
    ),
    "tampered": (lambda p, now: tampered(forged()(p, now), sub="lee"), "not that of its issuer"),
    "cut off": (lambda p, now: forged()(p, now)[:-4], "not that of its issuer"),
    "not a token": (lambda p, now: "a.b.c", "no signed token"),
    "empty parts": (lambda p, now: "..", "no signed token"),
    "too long": (forged(much="x" * 9000), "too long"),
}


def test_a_token_that_is_not_right_is_refused(web: Web, provider: Provider) -> None:
    for name, (forge, says) in BAD.items():
        token = forge(provider, web.clock.now())
        answer = patients(web, token)
        assert says in problem(answer, 401, "credential-needed")["detail"], name
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert token not in answer.text


def test_clocks_may_differ_by_a_minute(web: Web, provider: Provider) -> None:
    for change in ({"exp": -59}, {"nbf": 59}, {"iat": 59}):
        assert patients(web, at(**change)(provider, web.clock.now())).status_code == 200


def test_what_else_the_provider_gives_out_opens_nothing(web: Web, provider: Provider) -> None:
    given = tokens(provider, "may")

    for stolen in (given["refresh_token"], given["id_token"]):
        problem(patients(web, stolen), 401, "credential-needed")


def test_keys_may_change_and_a_key_taken_back_ends(database: Database) -> None:
    with running(Provider()) as own, face(database, Elsewhere(LOCAL, (trusted(own),)), LOCAL) as web:
        furnish(web, own)
        old = signed(claims(own, web.clock.now()), own.rsa, "RS256")
        assert patients(web, old).status_code == 200

        own.stop()
        own.rsa = rsa_key("r2")
        own.start()
        new = signed(claims(own, web.clock.now()), own.rsa, "RS256")
        problem(patients(web, new), 401, "credential-needed")  # asked for the keys a moment ago
        web.clock.instant += timedelta(minutes=1)
        assert patients(web, new).status_code == 200
        problem(patients(web, old), 401, "credential-needed")


def test_a_provider_that_is_down_makes_nobody_wait(database: Database) -> None:
    with running(Provider()) as own, face(database, Elsewhere(LOCAL, (trusted(own),)), LOCAL) as web:
        furnish(web, own)
        token = signed(claims(own, web.clock.now()), own.rsa, "RS256")
        own.stop()
        began = time.monotonic()
        for _ in range(3):
            answer = patients(web, token)
            problem(answer, 503, "provider-unavailable")
            assert answer.headers["retry-after"] == "1"
        assert time.monotonic() - began < 5
        assert web.get("/v1/patients").status_code == 200

        own.start()
        web.clock.instant += timedelta(seconds=10)
        assert patients(web, token).status_code == 200
        own.stop()
        assert patients(web, token).status_code == 200  # its keys are at hand
        web.clock.instant += timedelta(hours=1)
        fresh = signed(claims(own, web.clock.now()), own.rsa, "RS256")
        problem(patients(web, fresh), 503, "provider-unavailable")


def test_without_issuers_no_signed_token_is_taken(database: Database, provider: Provider) -> None:
    with face(database) as web:
        furnish(web, provider)
        token = signed(claims(provider, web.clock.now(), aud=AUDIENCE), provider.rsa, "RS256")
        problem(patients(web, token), 401, "credential-needed")
