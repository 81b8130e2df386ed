"""Exports over HTTP: whole, in order, noted, and with nothing identifying when that was asked for."""

import csv
import json
import re
from datetime import date
from io import StringIO
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from engine.services import exporting
from tests.http.conftest import Web, problem
from tests.http.test_permissions import enrolled

__all__ = ["enrolled"]

SECRET = {"system": "urn:example:hospital", "value": "Ann-4711"}
FREE = "spoke to Ann Alder, Elm Street 7"


@pytest.fixture
def patient(web: Web) -> str:
    """A patient with a step by hand, a correction and free text."""
    found = web.patient(json={"identifiers": [SECRET]})
    override = EXAMPLES["override"] | {"reason": FREE, "id": "override of Ann"}
    for message in (EXAMPLES["enrol"], EXAMPLES["obs"], EXAMPLES["absent"], override, EXAMPLES["correct"]):
        answer = web.send(found, message, headers={"If-Match": "*"})
        assert answer.status_code == 201, answer.text
    return found


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_patient_is_exported_whole(web: Web, patient: str) -> None:
    answer = web.get(f"/v1/patients/{patient}/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="patient.ndjson"'
    whole = lines(answer.text)
    assert whole[0]["identifiers"] == [SECRET]
    record = web.get(f"/v1/patients/{patient}/events").json()["items"]
    events = [line for line in whole if line["kind"] == "event"]
    assert [{**line, "kind": "", "patient": ""} for line in events] == [
        {**{n: v for n, v in item.items() if n != "sequence"}, "kind": "", "patient": ""} for item in record
    ]
    steps = web.get(f"/v1/patients/{patient}/pathways/pm-ild/transitions").json()["items"]
    assert [(s["date"], s["to"]) for s in whole if s["kind"] == "step"] == [
        (s["date"], s["to"]) for s in steps
    ]
    assert {line["patient"] for line in whole} == {patient}


def test_a_site_is_exported_patient_by_patient_and_only_that_site(web: Web, patient: str) -> None:
    others = [web.patient() for _ in range(25)]
    elsewhere = web.patient(role="elsewhere")
    found = lines(web.get("/v1/exports/site", role="clinical_lead").text)
    assert [line["patient"] for line in found if line["kind"] == "patient"] == [patient, *others]
    assert found[: len(found) - 25] == lines(web.get(f"/v1/patients/{patient}/export").text)
    assert elsewhere not in str(found)


def test_an_event_log_has_a_row_for_each_step_that_holds(web: Web, patient: str) -> None:
    answer = web.get("/v1/exports/event-log", role="clinical_lead")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text, newline="")))
    assert [row["concept:name"] for row in rows] == ["monitor"]
    assert rows[0]["case:concept:name"] == f"{patient}/pm-ild"
    assert (rows[0]["time:timestamp"], rows[0]["by_hand"]) == (EXAMPLES["override"]["effective"], "yes")


def test_pseudonymised_exports_tell_of_nobody(web: Web, patient: str) -> None:
    calls = [
        (f"/v1/patients/{patient}/export", "clinician"),
        ("/v1/exports/site", "clinical_lead"),
        ("/v1/exports/event-log", "clinical_lead"),
    ]
    for path, role in calls:
        plain = web.get(path, role=role).text
        text = web.get(f"{path}?pseudonymised=true", role=role).text
        assert len(text.splitlines()) == len(plain.splitlines()), path
        for telling in (
            patient,
            "Ann",
            "4711",
            "Elm",
            "hold the breath",
            "override of",
            "1970-05-04",
            "urn:example",
        ):
            assert telling not in text, (path, telling)
        assert not re.search(r"T\d\d:\d\d", text)  # no instant


def test_a_pseudonymised_export_keeps_what_lies_between(web: Web, patient: str) -> None:
    plain = lines(web.get(f"/v1/patients/{patient}/export").text)
    told = lines(web.get(f"/v1/patients/{patient}/export?pseudonymised=true").text)
    both = list(zip(plain, told, strict=True))
    shown = {before["id"]: after["id"] for before, after in both if "id" in before}
    shifts = set()
    for before, after in both:
        for name in ("effective", "date"):
            if name in before:
                shifts.add(date.fromisoformat(after[name]) - date.fromisoformat(before[name]))
        if "target" in before:
            assert after["target"] == shown[before["target"]]
        if before.get("event"):
            assert after["event"] == shown[before["event"]]
    assert len(shifts) == 1
    values = [o.get("value") for e in plain for o in e.get("obs", ())]
    assert values == [o.get("value") for e in told for o in e.get("obs", ())]
    again = lines(web.get(f"/v1/patients/{patient}/export?pseudonymised=true").text)
    assert again[0]["patient"] != told[0]["patient"]  # two exports cannot be joined


def test_patients_of_two_pseudonymised_exports_come_in_other_orders(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the tenth of one would be the tenth of the other."""
    monkeypatch.setattr(exporting, "SORTED", 4)
    people = [web.patient() for _ in range(10)]
    for number, patient in enumerate(people, 1):
        for message in (EXAMPLES["enrol"], *[EXAMPLES["override"]] * (number == 1)):
            assert web.send(patient, message, headers={"If-Match": "*"}).status_code == 201
    first = []
    for _ in range(3):
        found = lines(web.get("/v1/exports/site?pseudonymised=true", role="clinical_lead").text)
        names = [line["patient"] for line in found if line["kind"] == "patient"]
        assert len(names) == len(people)
        assert names == sorted(set(names))
        first.append(names.index(next(line["patient"] for line in found if line.get("type") == "override")))
    assert len(set(first)) > 1
    log = web.get("/v1/exports/event-log?pseudonymised=true", role="clinical_lead").text
    cases = [row["case:concept:name"] for row in csv.DictReader(StringIO(log, newline=""))]
    assert cases == sorted(cases) != []


def test_that_a_site_was_exported_is_noted(web: Web, patient: str) -> None:
    web.get("/v1/exports/event-log?pseudonymised=true", role="clinical_lead")
    with web.application.store.reading() as uow:
        newest = uow.audit.chain("site:main")[-1].entry
    assert (newest.act, newest.body) == ("export", {"what": "event log", "pseudonymised": True})


@pytest.mark.parametrize("word", ["yes", "1", "True", ""])
def test_what_is_neither_yes_nor_no_is_refused(web: Web, word: str) -> None:
    path = f"/v1/exports/site?pseudonymised={word}"
    problem(web.get(path, role="clinical_lead"), 400, "parameter-unreadable")


def test_a_patient_of_another_site_is_not_exported(web: Web, patient: str) -> None:
    problem(web.get(f"/v1/patients/{patient}/export", role="elsewhere"), 404, "not-found")


def test_a_summary_hides_who_is_few_and_what_would_tell_it(web: Web) -> None:
    def summary() -> tuple[int | None, dict[str, int | None]]:
        told = web.get("/v1/exports/summaries/pm-ild", role="clinical_lead").json()
        return told["patients"], {
            row["name"]: row["patients"] for row in told["states"] if row["patients"] != 0
        }

    assert summary() == (0, {})
    patients = []
    for number in range(1, 6):
        patients.append(web.patient())
        assert web.send(patients[-1], EXAMPLES["enrol"]).status_code == 201
        assert summary() == ((5, {"assess": 5}) if number == 5 else (None, {"assess": None}))
    patients.append(web.patient())
    for message in (EXAMPLES["enrol"], EXAMPLES["override"]):
        assert web.send(patients[-1], message, headers={"If-Match": "*"}).status_code == 201
    assert summary() == (None, {"assess": 5, "monitor": None})
    assert web.get("/v1/cohorts/pm-ild/summary").json()["patients"] == 6
