"""Why not over HTTP: what is named is recorded, and it comes about."""

from decimal import Decimal
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from tests.http.conftest import Web

ANY = {"If-Match": "*"}
COURSE = {"item": "clinical_course", "value": "stable"}
FVC = {"item": "fvc_l", "value": Decimal("3.00"), "unit": "L"}


@pytest.fixture
def path(web: Web) -> str:
    """A patient who is monitored, with an FVC of before the treatment."""
    patient = web.patient()
    enrol = {**EXAMPLES["enrol"], "id": "e1", "effective": "2024-01-05"}
    treated = {"id": "m1", "type": "med", "effective": "2024-01-06", "drug": "mmf", "op": "start"}
    moved = {"id": "o1", "type": "override", "effective": "2024-01-06", "to": "monitor", "reason": "known"}
    for message in (enrol, obs("f1", "2024-01-05", FVC, COURSE), treated, moved):
        assert web.send(patient, message, headers=ANY).status_code == 201
    return f"/v1/patients/{patient}/pathways/pm-ild"


def obs(number: str, day: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "type": "obs", "effective": day, "source": "lab", "obs": list(values)}


def test_what_is_named_takes_the_transition_and_one_step_less_does_not(web: Web, path: str) -> None:
    found = web.get(f"{path}/why-not").json()
    edge = next(e for e in found["transitions"] if e["id"] == "T08")
    flip = next(f for f in edge["flips"] if f["event"]["obs"][0]["item"] == "fvc_l")
    assert (flip["says"], flip["sign"]) == ("FVC 2.7 L or less", "at most")
    assert (flip["last"]["value"], flip["last"]["date"]) == ("3", "2024-01-05")
    assert edge["holds"] is False
    assert edge["reasons"]

    patient = path.split("/")[3]
    for litres, state in (("2.71", "monitor"), ("2.70", "escalate")):
        message = obs(f"f{litres}", "2024-01-20", {**FVC, "value": Decimal(litres)})
        assert web.send(patient, message, headers=ANY).status_code == 201
        if state == "monitor":
            assert web.get(path).json()["state"] == state
            retraction = {"id": "r1", "type": "retract", "effective": "2024-01-20", "target": f"f{litres}"}
            assert web.send(patient, {**retraction, "source": "lab"}, headers=ANY).status_code == 201
    assert web.get(path).json()["state"] == "escalate"


def test_options_are_told_with_what_stands_in_their_way(web: Web, path: str) -> None:
    options = {o["id"]: o for o in web.get(f"{path}/why-not").json()["options"]}
    assert options["tx.cyc"]["disposition"] == "not open"
    assert options["tx.cyc"]["reasons"]
    assert all(option["disposition"] != "offer" for option in options.values())


def test_before_enrolment_there_is_nothing_to_tell(web: Web, path: str) -> None:
    assert web.get(f"{path}/why-not?as_of=2023-12-01").json() == {"transitions": [], "options": []}


def test_the_page_tells_the_same(web: Web, path: str) -> None:
    shown = web.get(f"/patients/{path.split('/')[3]}/why-not", headers={"Accept": "text/html"}).text
    found = web.get(f"{path}/why-not").json()
    edge = next(e for e in found["transitions"] if e["id"] == "T08")
    assert f"<h3>To {edge['to_title']}</h3>" in shown
    assert "<li>FVC 2.7 L or less</li>" in shown
    assert "No single datum would take it." in shown
    lacking = next(o for o in (*found["transitions"], *found["options"]) if o["missing"])
    assert f"<strong>Missing:</strong> {lacking['missing'][0]['title']}" in shown
    assert all(f"<h3>{option['title']}</h3>" in shown for option in found["options"])
