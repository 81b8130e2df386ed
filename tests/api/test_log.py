"""A whole journey through a running server, after which its log knows nobody and nothing of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from tests.laws.world import sent, stories
from tests.serving import PATIENCE, serving

PASSWORD = "four plain words here"
IDENTIFIER = {"system": "urn:example:hospital", "value": "H-4711-XYZ"}
FIELDS = {"event", "method", "route", "status", "microseconds", "trace"}


def values(part: Any) -> Iterator[str]:
    """Every value in a message as text; names of fields are everybody's."""
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list | tuple):
        for each in part:
            yield from values(each)
    elif part is not None and not isinstance(part, bool):
        yield str(part)


def exact(message: Any) -> str:
    """The JSON of a message, its numbers as they are written."""
    told = json.dumps(message, default=lambda one: f"<{one}>" if not hasattr(one, "year") else str(one))
    return re.sub(r'"<([-+0-9.eE]+)>"', r"\1", told)


def test_the_log_of_a_whole_journey_holds_no_name_and_no_value(tmp_path: Path) -> None:
    messages = [{k: v for k, v in m.items() if k not in ("recorded", "role")} for m in sent(stories()["V05"])]
    with serving(f"sqlite:///{tmp_path / 'new.db'}", "--migrate") as served:
        (link,) = [line.strip() for line in served.said if "/welcome?invitation=" in line]
        secret = link.partition("invitation=")[2]
        with httpx2.Client(base_url=served.address, trust_env=False, timeout=30) as browser:
            browser.get(link)
            browser.post("/sign-in", data={"login": "admin", "password": "wrong wrong wrong"})
            browser.post("/welcome", data={"invitation": secret, "password": PASSWORD, "again": PASSWORD})
            patient = browser.post("/v1/patients", json={"identifiers": [IDENTIFIER]}).json()["id"]
            browser.post("/v1/patients/search", json=IDENTIFIER)
            place = f"/v1/patients/{patient}"
            headers = {"Content-Type": "application/json", "If-Match": "*"}
            taken = [browser.post(f"{place}/events", content=exact(m), headers=headers) for m in messages]
            for way in ("", "/next-actions", "/reviews", "/why-not", "/timeline", "/compare"):
                assert browser.get(f"{place}/pathways/pm-ild{way}?as_of=2026-01-01").is_success, way
            assert browser.get(f"{place}/pathways/pm-ild/transitions/1/why").is_success
            browser.post(f"{place}/events", content=b'{"id": "H-4711-XYZ", ')
            browser.get(f"{place}/pathways/{IDENTIFIER['value']}")
            session = browser.cookies["careway"]
            browser.post("/sign-out")
        served.process.terminate()
        served.process.wait(PATIENCE)
        log = served.log.read_text(encoding="utf-8")

    assert sum(answer.status_code == 201 for answer in taken) > len(taken) / 2
    lines = [json.loads(line) for line in log.splitlines()]
    assert len(lines) > len(messages) + 10
    assert {name for line in lines for name in line} == FIELDS
    rest = "\n".join(f"{line['event']} {line['method']} {line['route']}" for line in lines)
    known = {patient, secret, session, PASSWORD, *IDENTIFIER.values(), *values(messages)}
    for value in known:
        assert not re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", rest), value
    for value in (patient, secret, session, PASSWORD, *IDENTIFIER.values()):
        assert value not in log
