"""Acts on many rows at once: each is done, refused and audited by itself."""

from datetime import timedelta
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_one
from tests.http.conftest import TODAY, Web, problem
from tests.http.test_worklists import enrolled, rows


def items(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": row["id"], "kind": row["kind"], "if_match": row["revision"]} for row in found]


def test_each_row_is_acknowledged_and_a_stale_one_alone_is_refused(web: Web) -> None:
    web.people()
    patients = [enrolled(web) for _ in range(3)]
    found = [row for row in rows(web, "unowned") if row["patient"] in patients]
    stale = patients[1]
    assert web.send(stale, EXAMPLES["obs"]).status_code == 201
    answer = web.post("/v1/bulk/acknowledge", json={"items": items(found)})
    assert answer.status_code == 200, answer.text
    told = answer.json()["items"]
    assert [one["id"] for one in told] == [row["id"] for row in found]
    for row, one in zip(found, told, strict=True):
        if row["patient"] == stale:
            assert (one["status"], one["problem"]["code"], one["revision"]) == (412, "revision-stale", None)
        else:
            assert (one["status"], one["problem"], one["patient"]) == (200, None, row["patient"])
            assert one["etag"] == f'"{one["revision"]}"'
    for patient in patients:
        mine = [row for row in found if row["patient"] == patient]
        assert len(mine) > 1  # several rows of one patient do not stand in each other's way
        revision = web.get(f"/v1/patients/{patient}").json()["revision"]
        assert revision == (2 if patient == stale else 1 + len(mine))
        noted = [a for a in web.actions(patient).values() if a["acknowledged"]]
        assert len(noted) == (0 if patient == stale else len(mine))
        with web.application.store.reading() as uow:
            acts = [link.entry.act for link in uow.audit.chain(patient)]
        assert acts.count("acknowledge action") == len(noted)
        assert acts.count("refused") == (len(mine) if patient == stale else 0)

    again = web.post("/v1/bulk/acknowledge", json={"items": items(found)}).json()["items"]
    assert [one["status"] for one in again] == [one["status"] for one in told]
    assert web.get(f"/v1/patients/{patients[0]}").json()["revision"] == told[0]["revision"] + sum(
        row["patient"] == patients[0] for row in found[1:]
    )


def test_no_row_is_refused_because_its_patient_was_reminded_of_meanwhile(web: Web) -> None:
    web.people()
    patient, app = enrolled(web), web.application
    web.clock.to(TODAY + timedelta(days=13))
    refresh_due(app.store, app.writer, app.recorder)
    found = [row for row in rows(web, "unowned") if row["patient"] == patient]
    with app.store.writing() as uow:
        assert remind_one(app.recorder, uow, patient, "pm-ild") > 0
        uow.commit()
    told = web.post("/v1/bulk/acknowledge", json={"items": items(found)}).json()["items"]
    assert len(told) > 1
    assert {one["status"] for one in told} == {200}


def test_rows_are_put_off_and_handed_over(web: Web) -> None:
    web.people()
    patient = enrolled(web)
    (row, *_) = [row for row in rows(web, "unowned") if row["priority"] not in (0, 1)]
    until = str(TODAY + timedelta(days=3))
    body: dict[str, Any] = {"items": items([row]), "until": until, "reason": "away"}
    (done,) = web.post("/v1/bulk/snooze", json=body).json()["items"]
    assert done["status"] == 200
    assert web.actions(patient)[row["subject"]]["snoozed"]["until"] == until

    body = {
        "items": [{**items([row])[0], "if_match": done["revision"]}],
        "person": "p-clinician",
        "reason": "x",
    }
    (done,) = web.post("/v1/bulk/hand-over", json=body).json()["items"]
    assert done["status"] == 200
    assert web.actions(patient)[row["subject"]]["owner"]["id"] == "p-clinician"
    assert row["id"] not in {one["id"] for one in rows(web, "unowned")}
    body["person"] = "nobody"
    (refused,) = web.post("/v1/bulk/hand-over", json=body).json()["items"]
    assert refused["status"] == 412
    body["items"][0]["if_match"] = done["revision"]
    (refused,) = web.post("/v1/bulk/hand-over", json=body).json()["items"]
    assert (refused["status"], refused["problem"]["errors"][0]["pointer"]) == (422, "/person")


ROW = {"id": "x", "kind": "action", "if_match": 1}


@pytest.mark.parametrize(
    ("call", "body", "pointer"),
    [
        ("acknowledge", {"items": []}, "/items"),
        ("acknowledge", {"items": [ROW] * 201}, "/items"),
        ("acknowledge", {"items": [{**ROW, "if_match": "1"}]}, "/items/0/if_match"),
        ("acknowledge", {"items": [{"id": "x", "kind": "action"}]}, "/items/0/if_match"),
        ("snooze", {"items": [ROW], "reason": "r"}, "/until"),
        ("hand-over", {"items": [{**ROW, "kind": "review"}], "person": None, "reason": "r"}, "/items/0/kind"),
    ],
)
def test_a_body_that_cannot_be_is_refused_as_a_whole(
    web: Web, call: str, body: dict[str, Any], pointer: str
) -> None:
    told = problem(web.post(f"/v1/bulk/{call}", json=body), 422, "message-refused")
    assert {error["pointer"] for error in told["errors"]} == {pointer}


def test_an_id_we_never_gave_out_is_told_in_its_row(web: Web) -> None:
    (told,) = web.post("/v1/bulk/acknowledge", json={"items": [ROW]}).json()["items"]
    assert (told["status"], told["problem"]["code"]) == (404, "not-found")
