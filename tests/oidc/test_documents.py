"""What issuers publish: fetched seldom, in time, in bounds, and only from where it may come."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from api.addresses import reachable
from api.errors import ProviderUnavailable
from api.issuers import documents, fetching
from api.issuers.configured import Issuer
from api.issuers.documents import Documents
from api.issuers.fetching import LARGEST, PATIENCE, json_at
from api.issuers.issuers import METADATA, Issuers
from api.issuers.keys import keys_in
from tests.oidc.published import Published, publishing
from tests.services.clinic import Moved


@pytest.fixture(scope="module")
def server() -> Iterator[Published]:
    with publishing() as published:
        yield published


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send one byte now and then, so that no single wait is long."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(4 * PATIENCE):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.5)


@pytest.mark.parametrize(
    ("content", "status", "headers"),
    [
        (b"<html>", 200, {}),
        (b"\xff", 200, {}),
        (b"[" * 100_000, 200, {}),
        (b'"' + b"x" * LARGEST + b'"', 200, {}),
        (b"{}", 500, {}),
        (b"", 302, {"Location": "/elsewhere"}),
    ],
)
def test_an_answer_that_cannot_be_used(
    server: Published, content: bytes, status: int, headers: dict[str, str]
) -> None:
    where = server.put("/bad", content, status, **headers)
    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1 does not answer"):
        asyncio.run(json_at(where))
    assert server.asked["/elsewhere"] == 0


def test_an_answer_must_be_complete_in_time(server: Published) -> None:
    server.answers["/slow"] = drip
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        asyncio.run(json_at(server.address + "/slow"))
    assert PATIENCE - 1 < time.monotonic() - began < PATIENCE + 3


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://login.example", True),
        ("https://login.example:8443/realms/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost", True),
        ("http://login.example", False),
        ("http://127.0.0.1.example", False),
        ("http://127.0.0.1@login.example", False),
        ("https://user:secret@login.example", False),
        ("https://", False),
        ("https://login.example/#part", False),
        ("https://login.example:port", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
        ("ftp://login.example", False),
        ("login.example", False),
        ("https://login.example/a b", False),
        ("", False),
    ],
)
def test_only_over_tls_or_from_this_machine(url: str, fits: bool) -> None:
    assert reachable(url) is fits
    if not fits:
        with pytest.raises(ProviderUnavailable, match="neither https nor on this machine"):
            asyncio.run(json_at(url))


def read(document: Any) -> int:
    return int(document["number"])


def test_a_document_is_kept_for_an_hour_and_fetched_once_for_all_who_wait(server: Published) -> None:
    clock, where = Moved(), server.put("/kept", b'{"number": 1}')
    kept = Documents(clock, read)

    async def many() -> list[int]:
        return await asyncio.gather(*(kept.at(where) for _ in range(20)))

    assert asyncio.run(many()) == [1] * 20
    assert server.asked["/kept"] == 1
    clock.instant += documents.KEPT - timedelta(seconds=1)
    asyncio.run(kept.at(where))
    assert server.asked["/kept"] == 1
    clock.instant += timedelta(seconds=1)
    asyncio.run(kept.at(where))
    assert server.asked["/kept"] == 2


def test_after_a_failure_nothing_is_asked_for_a_while(server: Published) -> None:
    clock, where = Moved(), server.put("/broken", b"{}", 404)
    kept = Documents(clock, read)
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            asyncio.run(kept.at(where))
    assert server.asked["/broken"] == 1
    clock.instant += documents.RECOVERY
    server.put("/broken", b'{"number": 2}')
    assert asyncio.run(kept.at(where)) == 2


def test_what_lacks_something_is_fetched_again_once_a_minute(server: Published) -> None:
    clock, where = Moved(), server.put("/lacking", b'{"number": 1}')
    kept = Documents(clock, read)
    for _ in range(5):
        assert asyncio.run(kept.at(where, lambda found: found == 2)) == 1
    assert server.asked["/lacking"] == 1
    clock.instant += documents.AGAIN
    server.put("/lacking", b'{"number": 2}')
    assert asyncio.run(kept.at(where, lambda found: found == 2)) == 2
    assert server.asked["/lacking"] == 2


def test_what_is_kept_is_bounded(server: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 3)
    kept = Documents(Moved(), read)
    for number in range(10):
        asyncio.run(kept.at(server.put(f"/many/{number}", b'{"number": 1}')))
    asyncio.run(kept.at(f"{server.address}/many/9"))
    asyncio.run(kept.at(f"{server.address}/many/0"))
    assert (server.asked["/many/9"], server.asked["/many/0"]) == (1, 2)


def test_an_issuer_must_name_itself_as_the_settings_do(server: Published) -> None:
    issuer = Issuer(issuer=server.address, audience="a")
    good = {"issuer": server.address, "jwks_uri": f"{server.address}/keys"}
    wrong: list[Any] = [
        {**good, "issuer": "https://elsewhere.example"},
        {**good, "jwks_uri": "http://elsewhere.example/keys"},
        {**good, "token_endpoint": "http://elsewhere.example/token"},
        {**good, "token_endpoint": 7},
        {"issuer": server.address},
        [],
    ]
    for told in wrong:
        server.put(METADATA, json.dumps(told).encode())
        with pytest.raises(ProviderUnavailable):
            asyncio.run(Issuers((issuer,), Moved()).metadata(issuer))


def test_only_keys_that_can_check_a_signature_are_taken() -> None:
    with pytest.warns(SecurityWarning):
        small = RSAKey.generate_key(1024, {"kid": "s"})
    large = RSAKey.generate_key(2048, {"kid": "l"})
    shown = {"P-256": "p", "P-521": "q"}
    curves = [ECKey.generate_key(curve, {"kid": kid}) for curve, kid in shown.items()]
    public: list[Any] = [each.as_dict(private=False) for each in curves]
    public += [each.as_dict(private=False) for each in (small, large)]
    public += [
        {**large.as_dict(private=False), "kid": "encryption", "use": "enc"},
        {**large.as_dict(private=True), "kid": "private"},
        {k: v for k, v in large.as_dict(private=False).items() if k != "kid"},
        {**OctKey.generate_key(256).as_dict(private=True), "kid": "shared"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": ["RSA"], "kid": "odd"},
        {"kty": "RSA", "kid": 7},
        "no key",
    ]

    assert set(keys_in({"keys": public})) == {("l", "RSA"), ("p", "EC")}
    others: list[Any] = [{}, [], {"keys": {}}, {"keys": [1] * 101}, None]
    for wrong in others:
        with pytest.raises(ValueError, match="JSON Web Key Set"):
            keys_in(wrong)


def test_a_proxy_is_not_asked_about_this_machine(server: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert asyncio.run(fetching.json_at(server.put("/near", b"{}"))) == (200, {})
