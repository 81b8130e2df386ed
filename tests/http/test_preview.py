"""The preview over HTTP: in pages of patients, noted as seen, without reminders for administrators."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.http.examples import EXAMPLES
from engine.core.channels import EMAIL, Channel
from engine.core.people import Post
from tests.http.conftest import TODAY, Web, problem
from tests.stores.kit import writing

PATH = "/v1/reminders/preview"


@pytest.fixture
def patients(web: Web) -> list[str]:
    """Three patients whose coordinator gets mail."""
    cora, found = web.staff()["cora"], []
    team = {**dict.fromkeys(Post), Post.COORDINATOR: cora}
    for _ in range(3):
        patient = web.patient()
        assert web.send(patient, EXAMPLES["enrol"]).status_code == 201
        path = f"/v1/patients/{patient}/care-team"
        assert web.call("PUT", path, role="coordinator", headers={"If-Match": "*"}, json=team).is_success
        found.append(patient)
    mail = Channel("mail", "main", EMAIL, "cora@example.org", "", web.clock.now())
    with writing(web.application.store) as uow:
        uow.channels.add(replace(mail, person=cora))
    return found


def test_what_would_be_told_is_shown_and_noted_as_seen(web: Web, patients: list[str]) -> None:
    found = web.get(PATH, role="coordinator").json()

    assert {one["patient"] for one in found["reminders"]} == set(patients)
    assert (found["patients"], found["ends"]) == (3, str(TODAY + timedelta(days=14)))
    assert sum(one["reminders"] for one in found["messages"]) == len(found["reminders"])
    assert {one["channel"] for one in found["messages"]} == {"email"}
    assert found["reviews_per_month"][0]["reviews"]["pft"] == 3
    with web.application.store.reading() as uow:
        body = uow.audit.chain("site:main")[-1].entry.body
    assert body == {"call": f"GET {PATH}", "patients": tuple(sorted(patients))}


def test_pages_show_each_patient_once(web: Web, patients: list[str]) -> None:
    seen, path = list[str](), f"{PATH}?days=20&pathway=pm-ild&limit=2"
    for expected in (2, 1):
        answer = web.get(path)
        page = answer.json()
        assert (page["patients"], page["ends"]) == (expected, str(TODAY + timedelta(days=20)))
        seen += sorted({one["patient"] for one in page["reminders"]})
        path = answer.headers.get("link", "<>").partition(">")[0][1:]
    assert path == ""
    assert seen == sorted(patients)


def test_who_administers_sees_messages_and_no_reminders(web: Web, patients: list[str]) -> None:
    answer = web.get(PATH, role="admin")
    assert answer.json()["reminders"] == []
    assert answer.json()["messages"]
    assert not any(patient in answer.text for patient in patients)


def test_another_site_has_nothing_to_come(web: Web, patients: list[str]) -> None:
    found = web.get(PATH, role="elsewhere").json()
    assert (found["site"], found["patients"], found["reminders"]) == ("south", 0, [])


@pytest.mark.parametrize("query", ["days=93", "days=-1", "days=x", "limit=0", "limit=51", "cursor=é"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_cannot_be_asked_is_refused(web: Web, query: str) -> None:
    problem(web.get(f"{PATH}?{query}"), 400, "parameter-unreadable")
    problem(web.get(f"{PATH}?pathway=other"), 400, "parameter-unreadable")
