"""The pages of cohorts and pathways: every figure opens a list of as many; the rules are there to read."""

import re
from html import unescape

from tests.http.conftest import Web
from tests.http.test_cohorts import SUMMARY, loaded

PAGE = {"Accept": "text/html"}
TILE = re.compile(r'<li><a href="([^"]+)"><strong>([\d,]+)')
FIGURE = re.compile(r'<th scope="row"><a href="([^"]+)">.*?<td class="figure">([\d,]+)', re.DOTALL)
PATIENT = re.compile(r'<th scope="row">\s*<a href="/patients/([^"?]+)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def listed(web: Web, href: str) -> list[str]:
    """Return whose each row is of the list behind a figure, page by page."""
    found, path = list[str](), href
    while path:
        answer = web.get(unescape(path), headers=PAGE)
        assert answer.status_code == 200, answer.text
        found += PATIENT.findall(answer.text)
        path = next(iter(NEXT.findall(answer.text)), "")
    return found


def figures(page: str, pattern: re.Pattern[str]) -> dict[str, int]:
    return {href: int(count.replace(",", "")) for href, count in pattern.findall(page)}


def test_every_figure_of_a_cohort_opens_the_list_of_as_many(web: Web) -> None:
    loaded(web)
    told = web.get(SUMMARY).json()
    page = web.get("/cohorts/pm-ild", headers=PAGE).text
    tiles, rows = figures(page, TILE), figures(page, FIGURE)
    assert sum(rows.values()) > 0
    for href, count in {**tiles, **rows}.items():
        behind = listed(web, href)
        if "/lists/overdue" in href and "because" in href:
            assert len(behind) == count, href  # reviews, of which a patient may have several
        else:
            assert len(set(behind)) == count, href
    states = {row["state"]: row["patients"] for row in told["states"]}
    of_states = {href.partition("state=")[2]: n for href, n in rows.items() if "state=" in href}
    assert of_states == states
    assert list(tiles.values())[:2] == [told["patients"], told["paused"]]


def test_a_cohort_of_nobody_says_so(web: Web) -> None:
    page = web.get("/cohorts/pm-ild", headers=PAGE).text
    assert "Nobody is on this pathway yet" in page
    assert figures(page, FIGURE) == {}
    assert set(figures(page, TILE).values()) == {0}
    for path in ("/cohorts/nothing", "/pathways/nothing", "/pathways/pm-ild?version=99"):
        assert web.get(path, headers=PAGE).status_code == 404
    for path in ("/cohorts", "/pathways"):
        assert str(web.get(path, headers=PAGE).url).endswith(f"{path}/pm-ild")


def test_the_rules_on_a_page_are_those_of_the_command_line(web: Web) -> None:
    for version in dict(web.application.shelf.available())["pm-ild"]:
        page = unescape(web.get(f"/pathways/pm-ild?version={version}", headers=PAGE).text)
        text = re.sub(r"<[^>]+>", "", page)
        definition = web.application.shelf.pathway("pm-ild", version).definition
        for transition in definition.transitions:
            assert transition.id in text
        for action in definition.actions:
            assert action.title in text
        for name in definition.parameters:
            assert f"{name} = " in text
        for conflict in definition.conflicts:
            assert conflict.choice in text
        for limit in definition.limits:
            assert limit in text
