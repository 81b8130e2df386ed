"""Today and lists as pages: every count opens its list, nothing is offered that one may not do."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.http.action_ids import action_id
from api.http.examples import EXAMPLES
from api.web import words
from engine.core.kept import Site
from engine.core.ownership import ActionKey
from engine.core.worklists import LISTS
from engine.services import worklists
from tests.http.conftest import TODAY, Web
from tests.http.test_permissions import Places, enrolled

__all__ = ["enrolled"]

PAGE = {"Accept": "text/html"}


def page(web: Web, path: str, role: str = "coordinator", **more: Any) -> str:
    answer = web.get(path, role=role, headers=PAGE, **more)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_each_count_of_today_opens_the_list_behind_it(web: Web) -> None:
    tiles = re.findall(r'<li><a [^>]*href="([^"]+)"[^>]*><strong>', page(web, "/"))
    assert sorted(tiles) == sorted(f"/lists/{name}" for name in LISTS)


def test_a_list_that_was_not_looked_through_does_not_say_that_nothing_is_there(
    web: Web, enrolled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfit = "/lists/unowned?tier=none-of-these"
    assert "No row fits these filters." in page(web, unfit)
    monkeypatch.setattr(worklists, "LOOKED_AT", 1)
    shown = page(web, unfit)
    assert "None was found so far" in shown
    assert "Next page" in shown


def test_what_surrounds_a_list_is_refreshed_with_it(web: Web) -> None:
    shown, today = page(web, "/lists/overdue"), page(web, "/")
    listed = shown.partition('<div id="listed"')[2].partition('<details class="keep"')[0]
    assert 'hx-select-oob="#counted"' in listed
    assert 'aria-label="Pages"' in listed
    assert 'id="counted"' in shown
    assert 'hx-select-oob="#day"' in today
    assert 'id="day"' in today


@pytest.mark.parametrize(
    ("role", "adds", "imports"),
    [("viewer", False, False), ("clinician", True, False), ("coordinator", True, True)],
)
def test_only_who_may_add_or_import_is_told_to(web: Web, role: str, adds: bool, imports: bool) -> None:
    for path in ("/", "/patients"):
        shown = page(web, path, role).partition("<main")[2]
        assert "no patients" in shown
        assert ("Add one" in shown) == adds
        assert ('href="/imports"' in shown) == imports


def test_who_administers_is_told_where_that_is(web: Web) -> None:
    shown = page(web, "/", "admin").partition("<main")[2]
    assert 'href="/settings/people"' in shown
    assert 'href="/settings/webhooks"' in shown


def test_a_row_that_could_not_be_handed_over_is_named_and_told_why(web: Web, enrolled: Places) -> None:
    there = web.get(f"/v1/patients/{enrolled['patient']}", role="coordinator").json()["revision"]
    gone = action_id(ActionKey(enrolled["patient"], "pm-ild", "vx.flu", TODAY - timedelta(days=400)))
    stranger = action_id(ActionKey(web.patient(role="elsewhere"), "pm-ild", "vx.flu", TODAY))
    unknown = action_id(ActionKey(enrolled["patient"], "none", "vx.flu", TODAY))
    rows = [f"review.{there}.{enrolled['review']}"]
    rows += [f"action.{there}.{each}" for each in (gone, stranger, unknown)]
    told = {"row": rows, "person": enrolled["cory"], "why": "on leave"}
    shown = web.post("/lists/hand-over", role="coordinator", data=told, headers=PAGE).text
    failed = re.findall(r"<li><strong>([^<]+)</strong>: ([^<]+)</li>", shown)
    name = f"Patient …{enrolled['patient'][-6:]}"
    assert len(failed) == 4
    assert failed[0][0].startswith(name)
    assert failed[0][1].startswith("Reviews cannot be handed over")
    assert failed[1][0].startswith(name)
    assert failed[1][1] == "It is not open any more."
    assert failed[2][0] == "A row"
    assert failed[3][0] == f"{name}, vx.flu"


def test_days_on_pages_are_days_at_the_site(web: Web) -> None:
    with web.application.store.writing() as uow:
        uow.sites.add(Site("east", "East", "Pacific/Kiritimati"))
        uow.commit()
    web.people("east", " east")
    role = "clinical_lead east"
    patient = web.patient(role=role)
    for message in (EXAMPLES["enrol"], EXAMPLES["admin"]):
        assert web.send(patient, message, role=role, headers={"If-Match": "*"}).status_code == 201
    action = next(iter(web.actions(patient, role=role).values()))["action_id"]
    noted = web.post(
        f"/v1/actions/{action}/acknowledge", role=role, json={}, headers={"If-Match": "*"}
    )  # fmt: skip
    assert noted.status_code == 200, noted.text
    assert web.clock.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date() > web.clock.now().date()
    tomorrow = words.day(TODAY + timedelta(days=1))
    assert f"Seen by Clinical_Lead East, {tomorrow}" in page(web, f"/patients/{patient}", role)
    assert re.findall(r'<td class="when">([^<]+)</td>', page(web, "/lists/moved", role)) == [tomorrow]
