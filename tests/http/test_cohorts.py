"""The figures of a cohort are those a recount of its patients gives, each asked for by itself."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from api.demo.loading import begin, load
from api.http.examples import EXAMPLES
from tests.http.conftest import Web, problem
from tests.http.test_worklists import enrolled, refreshed, rows

PATIENTS = 12
SUMMARY = "/v1/cohorts/pm-ild/summary"
CLOSE = EXAMPLES["admin"] | {"op": "close", "reason": "death"}


def quartile(numbers: list[int], quarter: int) -> str | None:
    if not numbers:
        return None
    ordered, place = sorted(numbers), Fraction((len(numbers) - 1) * quarter, 4)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    found = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return f"{(Decimal(found.numerator) / found.denominator).normalize():f}"


def loaded(web: Web) -> tuple[date, list[dict[str, Any]]]:
    """Load synthetic patients, and two moved by hand, one of them closed; return the day and all shown."""
    app = web.application
    today = web.clock.now().date()
    for _ in load(app.writer, app.shelf, begin(app.writer, web.clock, PATIENTS, 1, today)):
        pass
    enrolled(web, EXAMPLES["override"])
    enrolled(web, EXAMPLES["override"], CLOSE)
    refreshed(web, 0)
    found, path = [], "/v1/patients?limit=5"
    while path:
        page = web.get(path)
        found += [patient["id"] for patient in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    states = [web.get(f"/v1/patients/{patient}/pathways/pm-ild") for patient in found]
    shown = [{"patient": p, **s.json()} for p, s in zip(found, states, strict=True) if s.status_code == 200]
    return today, shown


def test_a_summary_is_equal_to_a_recount(web: Web) -> None:
    today, everybody = loaded(web)
    living = [each for each in everybody if each["status"] in ("active", "paused")]
    assert len(living) < len(everybody)
    told = web.get(SUMMARY).json()
    assert (told["patients"], told["as_of"]) == (len(living), str(today))
    assert told["paused"] == sum(each["status"] == "paused" for each in living)

    days: dict[str, list[int]] = {}
    for each in living:
        state = ".".join(filter(None, (each["state"], each["substate"])))
        days.setdefault(state, []).append((today - date.fromisoformat(each["since"])).days)
    entered = Counter[str]()
    since = str(today - timedelta(days=365))
    for each in living:
        steps = web.get(f"/v1/patients/{each['patient']}/pathways/pm-ild/transitions").json()["items"]
        entered.update(step["to"] for step in steps if step["holds"] and step["date"] > since)
    assert {row["state"] for row in told["states"]} >= days.keys()
    assert len(days) > 1
    for row in told["states"]:
        stay = days.get(row["state"], [])
        assert row["patients"] == len(stay)
        assert list(row["days"].values()) == [quartile(stay, quarter) for quarter in (1, 2, 3)]
        assert row["entered"] == entered[row["state"]]

    late = sum(any(r["due"] < str(today) and r["step"] != "held" for r in each["reviews"]) for each in living)
    assert told["overdue"]["patients"] == late
    overdue = [r["step"] for each in living for r in each["reviews"] if r["due"] < str(today)]
    steps = Counter(step for step in overdue if step not in ("held", None))
    assert {row["step"]: row["reviews"] for row in told["escalations"]} == steps != {}
    lacks = [{lack["item"] for a in each["open_actions"] for lack in a["missing"]} for each in living]
    assert told["complete"]["patients"] == sum(not each for each in lacks)
    counted = Counter(item for each in lacks for item in each)
    assert {row["item"]: row["patients"] for row in told["lacking"]} == counted != {}
    here = {each["patient"] for each in living}
    reasons = Counter(row["reason"] for row in rows(web, "overridden") if row["patient"] in here)
    assert {row["reason"]: row["patients"] for row in told["overrides"]} == reasons != {}


def test_a_cohort_of_nobody_and_of_nothing(web: Web) -> None:
    told = web.get(SUMMARY).json()
    assert (told["patients"], told["overdue"], told["complete"]["rate"]) == (
        0,
        {"patients": 0, "rate": None},
        None,
    )
    assert {row["days"]["median"] for row in told["states"]} == {None}
    problem(web.get("/v1/cohorts/nothing/summary"), 404, "not-found")
