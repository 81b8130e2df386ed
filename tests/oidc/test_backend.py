"""SMART Backend Services: a system signs with its own key and gets a token of five minutes, once each."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from joserfc.jwk import ECKey, RSAKey

from api.http.rates import Rates
from api.http.routes.backend import KIND
from api.http.smart import granted, reach
from api.issuers.configured import LOCAL, Elsewhere
from engine.core.people import Client, Role, Scope
from engine.services.access import OPERATOR
from engine.services.clients import end, register
from engine.store.database import Database
from tests.http.conftest import Web, face, problem
from tests.oidc.forging import keyed_with_what_is_public, signed, tampered, unsigned
from tests.oidc.published import publishing

TOKENS = f"{LOCAL}/auth/token"
RSA = RSAKey.generate_key(2048, {"kid": "r1", "alg": "RS384"})
EC = ECKey.generate_key("P-384", {"kid": "e1", "alg": "ES384"})
STRANGE = ECKey.generate_key("P-384", {"kid": "e1"})
KEYS = json.dumps({"keys": [key.as_dict(private=False) for key in (RSA, EC)]})
READ, WRITE, CONTENT = "patients.read", "patients.write", "content.read"


@dataclass
class Lab:
    """A client and what it sends."""

    web: Web
    client: Client
    number: int = 0

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good assertion, with changes; None leaves one out."""
        self.number += 1
        second = int(self.web.clock.now().timestamp())
        good = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": TOKENS,
            "exp": second + 300,
            "jti": f"jti-{self.number}",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, **changes: Any) -> str:
        return signed(self.claims(**changes), EC, "ES384")

    def ask(self, assertion: str | None = None, **changes: Any) -> Response:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": KIND,
            "client_assertion": assertion or self.assertion(),
            "scope": "system/*.rs",
        }
        told = {name: value for name, value in (fields | changes).items() if value is not None}
        answer: Response = self.web.client.post("/auth/token", data=told)
        return answer


def registered(web: Web, keys: str | None = KEYS, keys_url: str | None = None) -> Client:
    app = web.application
    return app.writer.run(
        lambda uow: register(
            uow,
            Role.INTEGRATOR,
            "main",
            "lab",
            {READ, WRITE, CONTENT},
            keys=keys,
            keys_url=keys_url,
            by=OPERATOR,
            now=web.clock.now(),
            randomness=app.randomness,
        )
    )


@pytest.fixture
def lab(database: Database) -> Iterator[Lab]:
    with face(database, Elsewhere(LOCAL), LOCAL, Rates(proofs=1000)) as web:
        yield Lab(web, registered(web))


def refused(answer: Response, error: str, says: str = "") -> None:
    assert answer.status_code == 400, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found.keys() == {"error", "error_description"}
    assert found["error"] == error, found
    assert says in found["error_description"]


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS384"), (EC, "ES384")])
def test_a_signed_assertion_gives_a_token_of_five_minutes(
    lab: Lab, key: RSAKey | ECKey, algorithm: str
) -> None:
    answer = lab.ask(signed(lab.claims(), key, algorithm))

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    secret = given.pop("access_token")
    assert given == {"token_type": "bearer", "expires_in": 300, "scope": "system/*.rs"}
    assert lab.web.get("/v1/patients", role=secret).status_code == 200
    problem(lab.web.post("/v1/patients", role=secret, json={}), 403, "scope-missing")
    lab.web.clock.instant += timedelta(minutes=5)
    problem(lab.web.get("/v1/patients", role=secret), 401, "credential-needed")


def test_who_got_which_token_is_on_the_audit(lab: Lab) -> None:
    secret = lab.ask(scope="system/*.cruds").json()["access_token"]
    made = lab.web.post("/v1/patients", role=secret, json={}).json()["id"]

    with lab.web.application.store.reading() as uow:
        chain = [link.entry for link in uow.audit.chain("credentials")]
        author = uow.audit.chain(made)[0].entry.author
    assert [entry.act for entry in chain[-3:]] == [
        "register client",
        "issue credential",
        "give client a token",
    ]
    assert chain[-1].body == {"client": lab.client.id, "credential": author.credential}
    assert author.role == "integrator"


def test_an_assertion_is_taken_once(lab: Lab) -> None:
    assertion = lab.assertion()
    assert lab.ask(assertion).status_code == 200

    refused(lab.ask(assertion), "invalid_client", "was used before")
    refused(lab.ask(lab.assertion(jti="jti-1")), "invalid_client", "was used before")
    assert lab.ask().status_code == 200


def test_of_many_that_show_the_same_assertion_one_gets_a_token(lab: Lab) -> None:
    assertion = lab.assertion()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: lab.ask(assertion).status_code, range(16)))

    assert sorted(answers) == [200] + [400] * 15


def test_used_assertions_are_forgotten_when_no_clock_lets_them_in_any_more(lab: Lab) -> None:
    assertion = lab.assertion()
    lab.ask(assertion)
    lab.web.clock.instant += timedelta(seconds=300 + 59)
    refused(lab.ask(assertion), "invalid_client", "was used before")
    lab.web.clock.instant += timedelta(seconds=1)
    refused(lab.ask(assertion), "invalid_client", "has expired")

    lab.web.clock.instant += timedelta(minutes=10)
    lab.ask(lab.assertion(jti="new"))
    assert lab.ask(lab.assertion(jti="jti-1")).status_code == 200


def test_an_assertion_that_is_not_right_is_refused(lab: Lab) -> None:
    second = int(lab.web.clock.now().timestamp())
    elsewhere = registered(lab.web).id
    bad: dict[str, tuple[str, str]] = {
        "for another place": (lab.assertion(aud=f"{LOCAL}/v1"), "aud"),
        "for nobody": (lab.assertion(aud=None), "aud"),
        "expired": (lab.assertion(exp=second - 60), "has expired"),
        "without end": (lab.assertion(exp=None), "exp"),
        "too long": (lab.assertion(exp=second + 361), "within five minutes"),
        "endless": (lab.assertion(exp=10**400), ""),
        "not yet valid": (lab.assertion(nbf=second + 61), "nbf"),
        "without name": (lab.assertion(jti=None), "jti"),
        "with an empty name": (lab.assertion(jti=""), "jti"),
        "with a number for a name": (lab.assertion(jti=7), "jti"),
        "with an endless name": (lab.assertion(jti="x" * 501), "jti"),
        "about another": (lab.assertion(sub=elsewhere), "iss and sub"),
        "about nobody": (lab.assertion(sub=None), "sub"),
        "of nobody": (lab.assertion(iss=None), "not known"),
        "of a client that is none": (lab.assertion(iss="nobody", sub="nobody"), "not known"),
        "unsigned": (unsigned(lab.claims(), "r1"), "RS384, ES384"),
        "HMAC with the public key": (keyed_with_what_is_public(lab.claims(), RSA), "RS384, ES384"),
        "RS256": (
            signed(lab.claims(), RSAKey.generate_key(2048, {"kid": "r1"}), "RS256"),
            "RS384, ES384",
        ),
        "RSA that says it is EC": (
            signed(lab.claims(), RSAKey.generate_key(2048, {"kid": "e1"}), "RS384"),
            "does not publish",
        ),
        "EC that says it is RSA": (signed(lab.claims(), EC, "ES384", kid="r1"), "does not publish"),
        "a key of the same name": (signed(lab.claims(), STRANGE, "ES384"), "not that of its issuer"),
        "an unknown key": (signed(lab.claims(), EC, "ES384", kid="e9"), "does not publish"),
        "no name of a key": (signed(lab.claims(), EC, "ES384", kid=None), "name its key"),
        "tampered": (tampered(lab.assertion(), jti="other"), "not that of its issuer"),
        "a secret of ours": (lab.web.secrets["admin"], "no signed token"),
        "a provider's refresh token": ("EftnRoT_TQ6Mj4Qsb0-bjzFC7hhB8X3-P_BUxQ8SUDa", "no signed token"),
    }
    for name, (assertion, says) in bad.items():
        answer = lab.ask(assertion)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client"), (name, answer.text)
        assert says in answer.json()["error_description"], name
    with lab.web.application.store.reading() as uow:
        assert [each for each in uow.credentials.all() if each.expires] == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
        ({"client_assertion_type": None}, "invalid_client"),
        ({"client_assertion_type": "other"}, "invalid_client"),
        ({"client_assertion": None}, "invalid_client"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "system/Patient.rs"}, "invalid_scope"),
        ({"scope": "user/*.rs patient/*.rs openid"}, "invalid_scope"),
        ({"scope": "audit.read tokens.manage"}, "invalid_scope"),
        ({"scope": ["system/*.rs", "system/*.cu"]}, "invalid_request"),
    ],
)
def test_a_request_that_is_not_right_is_told_so(lab: Lab, changes: dict[str, Any], error: str) -> None:
    refused(lab.ask(**changes), error)


def test_a_request_that_is_no_form_is_told_so(lab: Lab) -> None:
    refused(lab.web.client.post("/auth/token", json={}), "invalid_request", "form-urlencoded")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(lab.web.client.post("/auth/token", content=b"a=%ff", headers=headers), "invalid_request")


def test_a_client_gets_no_more_than_it_may(lab: Lab) -> None:
    given = lab.ask(scope="system/*.cruds launch system/*.rs").json()

    assert given["scope"] == "system/*.cruds system/*.rs"
    with lab.web.application.store.writing() as uow:
        narrow = register(
            uow,
            Role.INTEGRATOR,
            "main",
            "narrow",
            {READ, CONTENT},
            keys=KEYS,
            keys_url=None,
            by=OPERATOR,
            now=lab.web.clock.now(),
            randomness=lab.web.application.randomness,
        )
        uow.commit()
    small = Lab(lab.web, narrow, 100)
    assert small.ask(scope="system/*.rs system/*.cruds").json()["scope"] == "system/*.rs"
    refused(small.ask(scope="system/*.cruds"), "invalid_scope", "reach is content.read, patients.read")


def test_a_client_that_was_revoked_gets_nothing_and_has_nothing(lab: Lab) -> None:
    secret = lab.ask().json()["access_token"]
    app = lab.web.application
    assert lab.web.get("/v1/patients", role=secret).status_code == 200

    app.writer.run(lambda uow: end(uow, lab.client.id, by=OPERATOR, now=lab.web.clock.now()))

    problem(lab.web.get("/v1/patients", role=secret), 401, "credential-needed")
    refused(lab.ask(), "invalid_client", "was revoked")


def test_keys_that_are_published_are_fetched_and_may_change(database: Database) -> None:
    with publishing() as published, face(database, Elsewhere(LOCAL), LOCAL) as web:
        where = published.put("/keys", KEYS.encode())
        lab = Lab(web, registered(web, None, where))
        assert lab.ask().status_code == 200
        assert lab.ask().status_code == 200
        assert published.asked["/keys"] == 1

        new = ECKey.generate_key("P-384", {"kid": "e2"})
        published.put("/keys", json.dumps({"keys": [new.as_dict(private=False)]}).encode())
        for _ in range(3):
            refused(lab.ask(signed(lab.claims(), new, "ES384")), "invalid_client", "does not publish")
        assert published.asked["/keys"] == 1  # at most once a minute
        web.clock.instant += timedelta(minutes=1)
        assert lab.ask(signed(lab.claims(), new, "ES384")).status_code == 200
        refused(lab.ask(), "invalid_client", "does not publish")
        assert published.asked["/keys"] == 2

        web.clock.instant += timedelta(hours=1)
        published.put("/keys", b"", 500)
        down = lab.ask(signed(lab.claims(), new, "ES384"))
        assert (down.status_code, down.json()["error"]) == (503, "temporarily_unavailable")


def test_how_tokens_are_given_is_published(lab: Lab) -> None:
    told = lab.web.client.get("/.well-known/smart-configuration").json()

    assert told["token_endpoint"] == TOKENS
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert told["grant_types_supported"] == ["client_credentials"]
    assert all(reach(scope) for scope in told["scopes_supported"])


@pytest.mark.parametrize(
    ("scope", "stands_for"),
    [
        ("system/*.read", {READ, CONTENT}),
        ("system/*.rs", {READ, CONTENT}),
        ("system/*.r", set()),
        ("system/*.s", set()),
        ("system/*.write", {WRITE}),
        ("system/*.cu", {WRITE}),
        ("system/*.c", set()),
        ("system/*.d", set()),
        ("system/*.cruds", {READ, CONTENT, WRITE}),
        ("system/*.*", {READ, CONTENT, WRITE}),
        ("system/*.sr", set()),
        ("system/*.", set()),
        ("system/*", set()),
        ("system/Patient.rs", set()),
        ("system/*.rs?category=lab", set()),
        ("user/*.rs", set()),
        ("patients.read", {READ}),
        ("tokens.manage", set()),
        ("audit.read", set()),
    ],
)
def test_what_a_scope_stands_for(scope: str, stands_for: set[str]) -> None:
    assert reach(scope) == stands_for


def test_of_several_scopes_those_within_the_limits_are_given() -> None:
    assert granted("system/*.rs system/*.cu x", {READ, CONTENT}) == (
        "system/*.rs",
        frozenset(map(Scope, (READ, CONTENT))),
    )
    assert granted("", {READ}) == ("", frozenset())
