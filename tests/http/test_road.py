"""The road over HTTP: what is posted is what `evaluate` would have been given."""

from typing import Any

import pytest

from api.http.examples import DAY, EXAMPLES
from engine.core.answer import result_of
from engine.core.evaluate import evaluate
from tests.http.conftest import TODAY, Web, shelf
from tests.laws.world import told
from tests.services.test_orders import accepted


def posted(web: Web, patient: str, message: dict[str, Any]) -> Any:
    """Send a message of a story on the day it was received, with the newest ETag."""
    web.clock.to(message["recorded"])
    body = {k: str(v) if k == "effective" else v for k, v in message.items() if k not in ("recorded", "role")}
    tag = web.get(f"/v1/patients/{patient}").headers["etag"]
    role = {"integration": "integrator"}.get(
        message.get("role", "clinician"), message.get("role", "clinician")
    )
    return web.send(patient, body, role=role, headers={"If-Match": tag})


@pytest.mark.parametrize("story", [name for name, case in told().items() if case.name == "v1"])
def test_a_story_posted_event_by_event_gives_the_result_of_its_evaluation(web: Web, story: str) -> None:
    case, patient = told()[story], web.patient()
    for message in accepted(case).values():
        answer = posted(web, patient, message)
        assert answer.status_code == 201, answer.text
    last = case.days[1]
    web.clock.to(last)

    got = web.get(f"/v1/patients/{patient}/pathways/pm-ild")
    expected = result_of(case.evaluate(last), shelf().sources("pm-ild"), shelf().library.definition("pm-ild"))
    assert got.json() == expected.model_dump(mode="json", by_alias=True)

    earlier = list(case.record)[len(case.record) // 2].stamp.day
    asked = web.get(f"/v1/patients/{patient}/pathways/pm-ild?as_of={earlier}&known_at={earlier}").json()
    then = evaluate(case.pathway, case.record.known_at(earlier), earlier)
    expected = result_of(then, shelf().sources("pm-ild"), shelf().library.definition("pm-ild"))
    assert asked == expected.model_dump(mode="json", by_alias=True)


def test_every_example_of_the_documentation_can_be_sent(web: Web) -> None:
    patient = web.patient()
    for name, message in EXAMPLES.items():
        tag = web.get(f"/v1/patients/{patient}").headers["etag"]
        sent = {**message, "id": name} if name == "absent" else message
        answer = web.send(patient, sent, headers={"If-Match": tag})
        assert answer.status_code == 201, (name, answer.text)
    assert web.get(f"/v1/patients/{patient}/events").json()["items"][0]["effective"] == DAY


def enrolled(web: Web) -> str:
    patient = web.patient()
    assert web.send(patient, EXAMPLES["enrol"]).status_code == 201
    return patient


def test_several_events_are_stored_together_and_the_answer_says_what_they_changed(web: Web) -> None:
    patient = web.patient()
    answer = web.send(patient, {"events": [EXAMPLES["enrol"], EXAMPLES["med"], EXAMPLES["obs"]]})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert [e["result"] for e in answer.json()["events"]] == ["accepted"] * 3
    (effect,) = answer.json()["pathways"]
    assert (effect["pathway"], effect["status"]) == ("pm-ild", "active")
    assert effect["opened"]


def test_sending_again_is_harmless_even_with_an_old_etag(web: Web) -> None:
    patient = enrolled(web)
    decision = web.send(patient, EXAMPLES["admin"], headers={"If-Match": '"1"'})
    assert (decision.status_code, decision.headers["etag"]) == (201, '"2"')

    again = web.send(patient, EXAMPLES["admin"], headers={"If-Match": '"1"'})
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')
    assert again.json()["events"][0]["result"] == "duplicate"
    assert web.stored(patient) == ["e1", "a1"]


def test_an_etag_of_a_state_is_good_for_a_decision_and_for_asking_again(web: Web) -> None:
    patient = enrolled(web)
    path = f"/v1/patients/{patient}/pathways/pm-ild"
    tag = web.get(path).headers["etag"]
    assert tag.startswith(f'"1-{TODAY}-')
    assert web.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert web.send(patient, EXAMPLES["admin"], headers={"If-Match": tag}).status_code == 201
    assert web.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_doubtful_value_is_stored_and_said_to_wait(web: Web) -> None:
    patient = enrolled(web)
    odd = {**EXAMPLES["obs"], "obs": [{"item": "fvc_l", "value": 0.45, "unit": "L"}]}
    assert web.send(patient, odd).json()["events"][0]["result"] == "quarantined"


def test_a_step_that_was_withdrawn_still_says_why(web: Web) -> None:
    case, patient = told()["V06"], web.patient()
    for message in accepted(case).values():
        posted(web, patient, message)
    path = f"/v1/patients/{patient}/pathways/pm-ild/transitions"
    steps = web.get(path).json()["items"]
    for step in steps:
        found = web.get(f"{path}/{step['number']}/why").json()
        assert (found["transition"], found["date"]) == (step["transition"], step["date"])
        assert found["citations"]
    assert web.get(f"{path}/999/why").status_code == 404


@pytest.mark.parametrize("view", ["", "/next-actions", "/reviews", "/why-not", "/transitions", "/timeline"])
def test_every_view_of_a_patient_answers(web: Web, view: str) -> None:
    patient = enrolled(web)
    web.send(patient, EXAMPLES["obs"])
    answer = web.get(f"/v1/patients/{patient}/pathways/pm-ild{view}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_the_timeline_says_what_still_counts(web: Web) -> None:
    patient = enrolled(web)
    for name in ("obs", "correct", "med"):
        assert web.send(patient, EXAMPLES[name]).status_code == 201
    web.send(patient, {"id": "gone", "type": "retract", "effective": DAY, "target": "m1"})
    items = web.get(f"/v1/patients/{patient}/pathways/pm-ild/timeline").json()["items"]
    how = {item["event"]["id"]: item["standing"] for item in items if item["kind"] == "event"}
    assert how == {
        "e1": "stands",
        "lab:4711": "corrected",
        "k1": "stands",
        "m1": "retracted",
        "gone": "stands",
    }


def test_patients_are_listed_in_pages_and_found_by_identifier(web: Web) -> None:
    hospital = {"system": "urn:hospital", "value": "42"}
    made = [web.patient(json={"identifiers": [hospital]}), *(web.patient() for _ in range(4))]
    found, path = [], "/v1/patients?limit=2"
    while path:
        page = web.get(path)
        found += [patient["id"] for patient in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    assert found == sorted(made)
    assert [p["id"] for p in web.post("/v1/patients/search", json=hospital).json()["items"]] == [made[0]]
    assert web.post("/v1/patients/search", json={**hospital, "value": "43"}).json() == {"items": []}


def test_the_record_is_shown_in_pages(web: Web) -> None:
    patient = enrolled(web)
    for number in range(5):
        web.send(patient, {**EXAMPLES["vax"], "id": f"v{number}"})
    found, path = [], f"/v1/patients/{patient}/events?limit=2"
    while path:
        page = web.get(path)
        found += [event["id"] for event in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    assert found == ["e1", "v0", "v1", "v2", "v3", "v4"]


def test_a_batch_says_what_became_of_each(web: Web) -> None:
    one, two = enrolled(web), enrolled(web)
    events = [
        {"patient": one, **EXAMPLES["vax"]},
        {"patient": two, **EXAMPLES["obs"]},
        {"patient": one, **EXAMPLES["vax"]},
        {"patient": "nobody", **EXAMPLES["vax"]},
        {"patient": two, **EXAMPLES["admin"]},
        {"patient": two, **EXAMPLES["admin"], "if_match": 2},
        {"patient": two, **EXAMPLES["med"], "drug": "aspirin"},
        "nonsense",
    ]
    items = web.post("/v1/events/batch", json={"events": events}).json()["items"]
    assert [item["status"] for item in items] == [201, 201, 200, 404, 422, 201, 422, 422]
    assert items[6]["problem"]["errors"][0]["pointer"] == "/drug"
    assert (web.stored(one), web.stored(two)) == (["e1", "v1"], ["e1", "lab:4711", "a1"])


def test_content_and_health_answer(web: Web) -> None:
    assert web.get("/livez", role=None).json() == {"status": "ok"}
    assert web.get("/readyz", role=None).json() == {"status": "ready"}
    assert web.get("/v1/pathways", role="author").json()["items"][0]["id"] == "pm-ild"
    assert web.get("/v1/pathways/pm-ild", role="author").json()["versions"][1]["version"] == "2"
    assert web.get("/v1/pathways/pm-ild/versions/1", role="author").json()["definition"]["id"] == "pm-ild"
    assert web.get("/v1/pathways/pm-ild/versions/2/diagram", role="author").text.count("stateDiagram-v2") == 1
    paths = web.get("/openapi.json", role=None).json()["paths"]
    assert len(paths) >= 18
