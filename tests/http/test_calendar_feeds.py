"""Calendar feeds over HTTP: due days of one's patients, nothing about them, gone once revoked."""

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from api.http.examples import EXAMPLES
from engine.core.people import Post
from tests.http.conftest import TODAY, Web, problem

ANY = {"If-Match": "*"}
FEEDS = "/v1/me/calendars"


@pytest.fixture
def patient(web: Web) -> str:
    """A patient whose coordinator is the one of the credentials."""
    web.people()
    made = web.patient()
    assert web.send(made, EXAMPLES["enrol"], headers=ANY).status_code == 201
    team = {post: "p-coordinator" if post == Post.COORDINATOR else None for post in Post}
    assert web.call("PUT", f"/v1/patients/{made}/care-team", json=team, headers=ANY).status_code == 200
    return made


def opened(web: Web, role: str = "coordinator") -> tuple[str, dict[str, Any]]:
    """Open a feed; return the path of its address, and what is shown of it."""
    answer = web.post(FEEDS, role=role)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    return "/v1/" + found["address"].partition("/v1/")[2], found["calendar"]


def read(web: Web, path: str) -> Calendar:
    answer = web.get(path, role=None)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    document = Calendar.from_ical(answer.content)
    assert isinstance(document, Calendar)
    return document


def days(document: Calendar) -> list[date]:
    return sorted(event.decoded("dtstart") for event in document.walk("VEVENT"))


def test_the_days_on_which_reviews_are_due_and_nothing_else(web: Web, patient: str) -> None:
    path, _ = opened(web)
    due = web.get(f"/v1/patients/{patient}/pathways/pm-ild/reviews").json()["items"]
    document = read(web, path)

    assert days(document) == sorted(date.fromisoformat(review["due"]) for review in due)
    assert {str(event["summary"]) for event in document.walk("VEVENT")} == {"Careway: a review is due"}
    text = web.get(path, role=None).text
    for word in (patient, "pm-ild", "pft", "FVC", "p-coordinator"):
        assert word not in text


def test_a_feed_stays_the_same_until_something_is_dated_anew(web: Web, patient: str) -> None:
    path, _ = opened(web)
    first = web.get(path, role=None)
    tag = {"If-None-Match": first.headers["etag"]}
    web.clock.instant += timedelta(hours=1)
    assert web.get(path, role=None, headers=tag).status_code == 304

    before = {str(event["uid"]) for event in read(web, path).walk("VEVENT")}
    fvc = {"item": "fvc_l", "value": 3, "unit": "L"}
    message = {"id": "f1", "type": "obs", "effective": str(TODAY), "source": "lab", "obs": [fvc]}
    assert web.send(patient, message, headers=ANY).status_code == 201
    moved = read(web, path)
    assert {str(event["uid"]) for event in moved.walk("VEVENT")} >= before, "dated anew, not another event"
    assert opened(web, "clinician")[0] != path
    assert days(read(web, opened(web, "clinician")[0])) == [], "of one's own patients alone"


def test_once_revoked_nobody_can_tell_that_there_was_one(web: Web, patient: str) -> None:
    path, made = opened(web)
    assert [feed["id"] for feed in web.get(FEEDS, role="coordinator").json()["items"]] == [made["id"]]
    assert path.removesuffix(".ics").rpartition("/")[2] not in web.get(FEEDS, role="coordinator").text
    problem(web.call("DELETE", f"{FEEDS}/{made['id']}", role="clinician"), 404, "not-found")
    revoked = web.call("DELETE", f"{FEEDS}/{made['id']}", role="coordinator").json()
    assert revoked["revoked"] is not None

    gone, never = (
        problem(web.get(p, role=None), 404, "calendar-unknown") for p in (path, path[:-8] + "AAAA.ics")
    )
    assert gone["detail"] == never["detail"]


@pytest.mark.parametrize(
    "token", ["x", "A" * 5000, "%00", "..%2F..%2Fme", "cw_%0d%0aX-Other:1", "%F0%9F%98%80", "null", "'--"]
)
def test_a_malformed_token_is_no_feed(web: Web, token: str) -> None:
    answer = web.get(f"/v1/calendar/{token}.ics", role=None)

    assert answer.status_code == 404
    assert answer.json()["code"] in ("calendar-unknown", "not-found", "no-such-address")
    assert "X-Other" not in answer.headers


def test_who_left_has_no_feed_any_more(web: Web, patient: str) -> None:
    path, _ = opened(web)
    web.call("PATCH", "/v1/people/p-coordinator", role="admin", json={"disabled": True})

    problem(web.get(path, role=None), 404, "calendar-unknown")


def test_there_are_not_more_than_ten(web: Web, patient: str) -> None:
    for _ in range(10):
        opened(web)
    found = problem(web.post(FEEDS, role="coordinator"), 422, "message-refused")
    assert [error["code"] for error in found["errors"]] == ["too-many-calendars"]
