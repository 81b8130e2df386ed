"""Bad input from the client's side: every call answers it as the page of calls says."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from httpx2 import Response

from api.http.permissions import RULES
from tests.http.conftest import Web, problem
from tests.http.test_every_call import ACTING, STRICT
from tests.http.test_permissions import (
    CSV,
    Places,
    body_of,
    enrolled,
    there_for,
)

__all__ = ["enrolled"]

NOWHERE = "0198c0de-0000-7000-8000-00000000dead"
"""An id of nothing."""
CODED = ("role", "number", "version")
"""Parts of a path that are no ids."""
ROW = re.compile(r"^\| (?P<input>[^|]+) \| [^|]+ \| (?P<status>[0-9]{3}) \| `(?P<code>[a-z-]+)` \|$", re.M)

Sent = dict[str, Any]
"""What is sent with a call, beside its credential; `places` are those of its path."""


def bad(call: str, described: dict[str, Any], body: Any) -> Iterator[tuple[str, Sent]]:
    """Yield what is wrong, by the words of the page, with what is sent."""
    named = {parameter["name"] for parameter in described.get("parameters", ())}
    content = described.get("requestBody", {}).get("content", {})
    takes_json = "application/json" in content
    good: Sent = {"json": body} if takes_json and body is not None else {}
    ids = [p["name"] for p in described.get("parameters", ()) if p["in"] == "path" and p["name"] not in CODED]
    yield "a parameter the call does not have", {"params": {"onwer": "me"}, **good}
    if "limit" in named:
        yield "`limit` outside its range", {"params": {"limit": "0"}}
    if "cursor" in named:
        cursor = urlsafe_b64encode(b"\0").decode()
        yield "a `cursor` that nobody was given", {"params": {"cursor": cursor}}
    if ids:
        match = {"If-Match": "*"} if "428" in described["responses"] else {}
        nothing = dict.fromkeys(ids, NOWHERE)
        yield (
            "an id in the path that is nobody's and nothing's",
            {"places": nothing, "headers": match, **good},
        )
    if takes_json:
        plain = {"Content-Type": "application/json", "If-Match": "*"} if "If-Match" in named else {
            "Content-Type": "application/json"
        }  # fmt: skip
        yield "a body that is not JSON", {"content": b"{", "headers": plain}
        other = plain | {"Content-Type": "text/html"}
        yield "a body declared as something else", {"content": b"{}", "headers": other}
        unknown = (body if isinstance(body, dict) else {}) | {"colour": "red"}
        yield "a body with a field the call does not have", {"json": unknown, "headers": plain}
    elif content:
        asked = {"kind": "medicines", "origin": "x"}
        html = {"Content-Type": "text/html"}
        yield "a body declared as something else", {"content": b"x", "headers": html, "params": asked}
    if "If-Match" in named:
        yield "`If-Match` that is no ETag", {"headers": {"If-Match": "mine"}, **good}
    if "428" in described["responses"] and "/events" not in call:
        yield "no `If-Match`", good
    if "Idempotency-Key" in named:
        key = CSV if content and not takes_json else {}
        yield "an `Idempotency-Key` that is empty", {"headers": {"Idempotency-Key": "", **key}, **good}


def sent(web: Web, call: str, places: Places, role: str, more: Sent) -> Response:
    method, _, path = call.partition(" ")
    there = places | more.pop("places", {})
    return web.call(method, path.format(**there), role=role, **more)


def test_every_call_answers_bad_input_as_the_page_says(web: Web, enrolled: Places, root: Path) -> None:
    page = (root / "docs" / "reference" / "http.md").read_text(encoding="utf-8")
    table = page[page.index("### Bad input") :]
    told = {row["input"]: (int(row["status"]), row["code"]) for row in ROW.finditer(table)}
    document = web.get("/openapi.json", role=None).json()["paths"]
    met, deviations = set(), []
    for call in STRICT:
        method, _, path = call.partition(" ")
        described = document[path][method.lower()]
        role = next(role for role in ACTING if role in RULES[call].roles)
        places = there_for(web, call, enrolled, role)
        for what, more in bad(call, described, body_of(call, places)):
            met.add(what)
            answer = sent(web, call, places, role, more)
            status, code = told[what]
            found = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            if (answer.status_code, found.get("code")) != (status, code):
                deviations.append(f"{call}, {what}: {answer.status_code} {answer.text[:160]}")
            assert str(status) in described["responses"], f"{call}, {what}"
    assert not deviations, "\n".join(deviations)
    assert met == told.keys()
    assert len(told) > 5


def test_a_body_of_the_import_that_is_empty_is_refused(web: Web) -> None:
    path = "/v1/imports?kind=medicines&origin=x"
    problem(web.post(path, role="integrator", headers=CSV, content=b""), 400, "body-unreadable")
