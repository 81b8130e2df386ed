"""Today and lists as pages: every count opens its list, nothing is offered that one may not do."""

import re
from typing import Any

import pytest

from engine.core.worklists import LISTS
from engine.services import worklists
from tests.http.conftest import Web
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
