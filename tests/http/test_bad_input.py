"""Bad input over HTTP: a clear problem with pointers, nothing stored, nothing of a patient in the log."""

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from api.http.body import LARGEST
from api.http.examples import DAY, EXAMPLES
from tests.http.conftest import Web, problem

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def patient(web: Web) -> str:
    made = web.patient()
    assert web.send(made, EXAMPLES["enrol"]).status_code == 201
    return made


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"id": NaN}', "NaN is no number"),
        (b'{"id": "x", "id": "y"}', "'id' twice"),
        (b'{"id": ' + b"[" * 40 + b"]" * 40 + b"}", "nests deeper than 32"),
        (b"[" * 200_000, "nests deeper than 32"),
        (b'{"id": ' + b"1" * 6000 + b"}", "too long"),
    ],
)
def test_a_body_that_is_not_json(web: Web, patient: str, content: bytes, says: str) -> None:
    answer = web.post(f"/v1/patients/{patient}/events", content=content, headers=JSON)
    assert says in problem(answer, 400, "body-unreadable")["detail"]
    assert web.stored(patient) == ["e1"]


def test_a_body_of_ten_megabytes(web: Web, patient: str) -> None:
    content = b'{"id": "' + b"x" * 10_000_000 + b'"}'
    answer = web.post(f"/v1/patients/{patient}/events", content=content, headers=JSON)
    assert str(LARGEST) in problem(answer, 413, "body-too-large")["detail"]
    assert web.stored(patient) == ["e1"]


def test_a_body_that_is_declared_as_something_else(web: Web, patient: str) -> None:
    answer = web.post(f"/v1/patients/{patient}/events", content=b"{}", headers={"Content-Type": "text/csv"})
    assert "got 'text/csv'" in problem(answer, 415, "media-type-unsupported")["detail"]


def refusals() -> list[Any]:
    obs = EXAMPLES["obs"]

    def observed(**change: Any) -> dict[str, Any]:
        return {**obs, "obs": [{**obs["obs"][0], **change}]}

    return [
        pytest.param([], [("", "not-an-object")], id="a list"),
        pytest.param(
            {}, [("/id", "bad-id"), ("/effective", "bad-date"), ("/type", "unknown-type")], id="empty"
        ),
        pytest.param({**obs, "type": ["obs"]}, [("/type", "unknown-type")], id="a list as type"),
        pytest.param({**obs, "recorded": DAY}, [("/recorded", "bad-field")], id="recorded"),
        pytest.param({**obs, "role": "clinician"}, [("/role", "bad-field")], id="role"),
        pytest.param({**obs, "colour": "red"}, [("/colour", "bad-field")], id="unknown field"),
        pytest.param({**obs, "obs": "many"}, [("/obs", "bad-field")], id="wrong type"),
        pytest.param(observed(value="2.5"), [("/obs/0/value", "not-a-number")], id="number as text"),
        pytest.param(observed(value=25), [("/obs/0/value", "out-of-range")], id="out of range"),
        pytest.param(observed(value=Decimal("1e99999999")), [("/obs/0/value", "bad-field")], id="endless"),
        pytest.param(observed(unit=None), [("/obs/0/unit", "missing-unit")], id="no unit"),
        pytest.param(observed(item="fvc"), [("/obs/0/item", "unknown-item")], id="unknown item"),
        pytest.param({**obs, "effective": "2024-02-20"}, [("/effective", "future-date")], id="future"),
        pytest.param({**EXAMPLES["med"], "drug": "x"}, [("/drug", "unknown-drug")], id="unknown drug"),
        pytest.param(
            {**EXAMPLES["cond"], "code": "x"}, [("/code", "unknown-condition")], id="unknown condition"
        ),
        pytest.param({**EXAMPLES["correct"], "target": "x"}, [("/target", "unknown-target")], id="no target"),
        pytest.param({"events": []}, [("/events", "bad-field")], id="no events"),
        pytest.param({"events": [obs], "id": "x"}, [("/id", "bad-field")], id="both"),
        pytest.param(
            {"events": [obs, {**EXAMPLES["med"], "drug": "x"}, 7]},
            [("/events/1/drug", "unknown-drug"), ("/events/2", "not-an-object")],
            id="one of several",
        ),
    ]


@pytest.mark.parametrize(("sent", "expected"), refusals())
def test_a_message_that_cannot_be_used(
    web: Web, patient: str, sent: Any, expected: list[tuple[str, str]]
) -> None:
    found = problem(web.send(patient, sent), 422, "message-refused")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == expected
    assert all(e["detail"] for e in found["errors"])
    assert web.stored(patient) == ["e1"]


def test_an_id_that_is_known_with_other_content(web: Web, patient: str) -> None:
    web.send(patient, EXAMPLES["vax"])
    problem(web.send(patient, {**EXAMPLES["vax"], "vaccine": "pneumo"}), 409, "event-id-reused")
    together = {"events": [{**EXAMPLES["vax"], "vaccine": "pneumo"}]}
    found = problem(web.send(patient, together), 422, "message-refused")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [("/events/0/id", "event-id-reused")]
    assert web.stored(patient) == ["e1", "v1"]


def test_a_second_enrolment(web: Web, patient: str) -> None:
    found = problem(web.send(patient, {**EXAMPLES["enrol"], "id": "e2"}), 409, "message-refused")
    assert found["errors"][0]["code"] == "already-enrolled"


@pytest.mark.parametrize("name", ["decision", "override", "admin"])
def test_whoever_decides_says_on_what(web: Web, patient: str, name: str) -> None:
    problem(web.send(patient, EXAMPLES[name]), 428, "precondition-needed")
    problem(web.send(patient, {"events": [EXAMPLES[name]]}), 428, "precondition-needed")
    stale = web.send(patient, EXAMPLES[name], headers={"If-Match": '"0"'})
    problem(stale, 412, "revision-stale")
    assert stale.headers["etag"] == '"1"'
    problem(web.send(patient, EXAMPLES[name], headers={"If-Match": "seven"}), 400, "precondition-unreadable")
    assert web.stored(patient) == ["e1"]
    assert web.send(patient, EXAMPLES[name], headers={"If-Match": "*"}).status_code == 201


def test_data_may_say_on_what_they_rest(web: Web, patient: str) -> None:
    problem(web.send(patient, EXAMPLES["vax"], headers={"If-Match": '"0"'}), 412, "revision-stale")
    assert web.send(patient, EXAMPLES["vax"], headers={"If-Match": '"1"'}).status_code == 201


NUMBER = {"system": "urn:hospital", "value": "1"}
CALLS: dict[str, Callable[[Web, str | None], Any]] = {
    "register": lambda web, role: web.post("/v1/patients", role=role),
    "list": lambda web, role: web.get("/v1/patients", role=role),
    "search": lambda web, role: web.post(
        "/v1/patients/search", role=role, json={"system": "a", "value": "b"}
    ),
    "record": lambda web, role: web.send("x", EXAMPLES["vax"], role=role),
    "batch": lambda web, role: web.post("/v1/events/batch", role=role, json={"events": [EXAMPLES["vax"]]}),
    "state": lambda web, role: web.get("/v1/patients/x/pathways/pm-ild", role=role),
    "content": lambda web, role: web.get("/v1/pathways", role=role),
}


@pytest.mark.parametrize("call", [name for name in CALLS if name != "batch"])
def test_without_a_credential_nothing_is_told(web: Web, call: str) -> None:
    for shown in (None, "", "cw_unknown"):
        answer = CALLS[call](web, shown)
        problem(answer, 401, "credential-needed")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    revoked = web.secrets["viewer"]
    with web.application.store.writing() as uow:
        (mine,) = [c for c in uow.credentials.all() if c.role == "viewer"]
        uow.credentials.revoke(mine.id, web.clock.now())
        uow.commit()
    problem(CALLS[call](web, revoked), 401, "credential-needed")


def test_a_batch_without_a_credential(web: Web) -> None:
    problem(CALLS["batch"](web, "cw_unknown"), 401, "credential-needed")


@pytest.mark.parametrize(
    ("call", "role"),
    [
        ("register", "viewer"),
        ("record", "viewer"),
        ("record", "author"),
        ("state", "author"),
        ("list", "admin"),
    ],
)
def test_a_role_that_may_not(web: Web, call: str, role: str) -> None:
    assert role in problem(CALLS[call](web, role), 403, "role-forbidden")["detail"]


def test_a_decision_needs_a_clinician(web: Web, patient: str) -> None:
    answer = web.send(patient, EXAMPLES["decision"], role="coordinator", headers={"If-Match": '"1"'})
    assert problem(answer, 422, "message-refused")["errors"][0]["code"] == "clinician-needed"


def test_a_patient_of_another_site_is_not_there(web: Web, patient: str) -> None:
    for path in (f"/v1/patients/{patient}", f"/v1/patients/{patient}/pathways/pm-ild"):
        problem(web.get(path, role="elsewhere"), 404, "not-found")
    problem(web.send(patient, EXAMPLES["vax"], role="elsewhere"), 404, "not-found")
    assert web.get("/v1/patients", role="elsewhere").json() == {"items": []}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("DELETE", "/v1/patients", 405, "method-not-allowed"),
        ("GET", "/v1/patients/x", 404, "not-found"),
        ("GET", "/v1/patients?limit=0", 400, "parameter-unreadable"),
        ("GET", "/v1/patients?cursor=%C3%BC", 400, "parameter-unreadable"),
        ("GET", "/v1/pathways/x", 404, "not-found"),
        ("GET", "/v1/pathways/pm-ild/versions/9", 404, "not-found"),
    ],
)
def test_what_is_not_there(web: Web, method: str, path: str, status: int, code: str) -> None:
    problem(web.call(method, path), status, code)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("as_of=yesterday", "`as_of`"),
        ("as_of=2024-13-01", "`as_of`"),
        ("as_of=9999-12-31", "`as_of`"),
        ("as_of=0001-01-01", "`as_of`"),
        ("known_at=noon", "`known_at`"),
        ("known_at=2024-01-15T09:30:00", "`known_at`"),
    ],
)
def test_a_date_that_is_none(web: Web, patient: str, asked: str, name: str) -> None:
    answer = web.get(f"/v1/patients/{patient}/pathways/pm-ild?{asked}")
    assert name in problem(answer, 400, "parameter-unreadable")["detail"]


def test_an_identifier_that_is_taken(web: Web) -> None:
    body = {"identifiers": [NUMBER]}
    web.patient(json=body)
    problem(web.post("/v1/patients", json=body), 409, "identifier-in-use")
    found = problem(web.post("/v1/patients", json={"identifiers": [{"system": ""}]}), 422, "message-refused")
    assert [e["pointer"] for e in found["errors"]] == ["/identifiers/0/system", "/identifiers/0/value"]


def test_the_log_names_no_patient_and_no_value(
    web: Web, patient: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        web.send(patient, EXAMPLES["obs"])
        web.send(
            patient,
            {**EXAMPLES["obs"], "id": "other", "obs": [{"item": "fvc_l", "value": 77.7, "unit": "L"}]},
        )
        web.send(patient, EXAMPLES["enrol"] | {"birth_date": "1931-12-24"})
        web.get(f"/v1/patients/{patient}/pathways/pm-ild")
        web.get("/v1/patients?cursor=secret77")
    lines = [r.getMessage() for r in caplog.records if r.name.startswith("careway")]
    assert len(lines) == 5
    assert '"route": "/v1/patients/{patient}/events"' in lines[0]
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name not in ("httpx2", "asyncio"))
    for value in (patient, "2.51", "77.7", "1931", "1970", "lab:4711", "secret77", web.secrets["clinician"]):
        assert value not in ours, value


def test_a_defect_of_ours_tells_nothing(
    web: Web, patient: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("the value 2.51 of a patient")

    monkeypatch.setattr(type(web.application.recorder), "record", broken)
    with caplog.at_level(logging.DEBUG):
        found = problem(web.send(patient, EXAMPLES["obs"]), 500, "careway-error")
    assert "2.51" not in str(found)
    assert "2.51" not in caplog.text
    assert '"kind": "KeyError"' in caplog.text
    assert found["trace_id"] in caplog.text
