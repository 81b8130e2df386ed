"""A chart is a function of the set of events it holds, and keeps one value of each day by the rules."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.chains import Standing, standing
from engine.core.chart import Chart
from engine.core.readings import Reading
from tests.laws.strategies import cases
from tests.laws.world import Case, pathway, vocabulary

pytestmark = pytest.mark.prove


BESIDE = ("fvc_l", "fvc_pp")


def charted(case: Case, events: list[Standing]) -> Chart:
    return Chart(case.pathway.vocabulary, case.pathway.jump_limits, events)


def series(of: dict[str, Any]) -> dict[str, dict[date, Any]]:
    return {name: dict(zip(one.days, one.entries, strict=True)) for name, one in of.items() if one.days}


@given(cases(), st.data())
def test_events_added_in_any_order_give_the_same_chart(case: Case, data: st.DataObject) -> None:
    events = list(standing(case.record))
    one, two = charted(case, []), charted(case, [])
    for event in events:
        one.together(BESIDE)  # asked for early, it is kept up to date
        one.add(event)
    for event in data.draw(st.one_of(st.permutations(events), st.just(events[::-1]))):
        two.add(event)

    assert series({"together": one.together(BESIDE)}) == series({"together": two.together(BESIDE)})
    for name in ("kept", "slots", "absences", "conditions", "courses", "vaccinations"):
        assert series(getattr(one, name)) == series(getattr(two, name)), name
    for name in ("quarantined", "conflicts"):
        assert getattr(one, name) == getattr(two, name), name
    for name in ("decisions", "overrides", "admin"):
        entries = [
            {k: sorted(v, key=lambda e: e.stamp) for k, v in getattr(chart, name).items() if v}
            for chart in (one, two)
        ]
        assert entries[0] == entries[1], name
    assert one.enrolment == two.enrolment
    assert (one.dates.days, one.dates.entries) == (two.dates.days, two.dates.entries)


@given(cases())
def test_every_day_keeps_its_best_usable_value_and_counts_as_conflict_what_differs_too_much(
    case: Case,
) -> None:
    """Spec §3 read once more: quarantine, then grade, source, adversity and id."""
    chart = charted(case, list(standing(case.record)))
    for name, slots in chart.slots.items():
        item = vocabulary().items[name]
        for day, slot in zip(slots.days, slots.entries, strict=True):
            usable = [r for r in slot.readings if r.state == "usable"]
            if name == "spo2_rest" and any("o2_flow" in r.attributes for r in usable):
                flows = [r.attributes["o2_flow"] for r in usable if "o2_flow" in r.attributes]
                usable = [r for r in usable if r.attributes.get("o2_flow") == min(map(number, flows))]
            kept = chart.kept[name].get(day)
            values = {r.value for r in usable}
            assert (kept is None) is (not usable)
            assert kept is None or rank(kept) == min(map(rank, usable))
            spread = (
                max(map(number, values)) - min(map(number, values))
                if item.kind == "number" and values
                else None
            )
            allowed = {
                "fvc_l": "0.15",
                "fvc_pp": "5",
                "dlco_pp": "5",
                "spo2_rest": "2",
                "spo2_exert": "2",
            }.get(name)
            conflict = len(values) > 1 and (allowed is None or spread is None or spread > Decimal(allowed))
            assert ((name, day) in chart.conflicts) is conflict
            waiting = tuple(r for r in slot.readings if r.state == "quarantined")
            assert chart.quarantined.get((name, day), ()) == waiting
            for reading in slot.readings:
                assert reading.state == state(chart, reading)


def number(value: object) -> Decimal:
    assert isinstance(value, Decimal)
    return value


LOWER = {
    "fvc_l",
    "fvc_pp",
    "dlco_pp",
    "spo2_rest",
    "spo2_exert",
    "mip",
    "snip",
    "anc",
    "alc",
    "hb",
    "plt",
    "egfr",
}
WORST = (
    "worse",
    "rapidly_progressive",
    "progressive",
    "progressed",
    "positive",
    "active",
    "extensive",
    "deficient",
)


def rank(reading: Reading) -> tuple[Any, ...]:
    item = vocabulary().items[reading.item]
    value = reading.value
    if isinstance(value, Decimal):
        adverse: object = value if reading.item in LOWER | {"igg", "dxa_t"} else -value
    elif isinstance(value, bool):
        adverse = not value
    else:
        order = item.adverse if isinstance(item.adverse, tuple) else ()
        adverse = order.index(value)
        assert value not in WORST or adverse == [w for w in WORST if w in order].index(value)
    source = ("lab", "device", "manual", "patient").index(reading.source)
    return ("ABCDEF".index(str(reading.attributes.get("grade", "C"))), source, adverse, reading.event_id)


def state(chart: Chart, reading: Reading) -> str:
    """Usable, quarantined or unusable, by the rules of spec §3 alone."""
    item = vocabulary().items[reading.item]
    if reading.item in ("fvc_l", "fvc_pp") and reading.attributes.get("grade") in ("D", "E", "F"):
        return "unusable"
    if not reading.verified and isinstance(reading.value, Decimal):
        if item.warn is not None and reading.value not in item.warn:
            return "quarantined"
        if reading.item == "fvc_l":
            before = chart.kept["fvc_l"].last(reading.day - timedelta(days=1))
            if before is not None and (reading.day - before.day).days <= 365:
                change = abs(reading.value - number(before.value)) / number(before.value)
                if change > number(pathway().definition.parameters["FVC_DELTA_PCT"].value) / 100:
                    return "quarantined"
    if reading.item == "fvc_pp":
        slot = chart.slots["fvc_l"].get(reading.day) if "fvc_l" in chart.slots else None
        for other in slot.readings if slot is not None else ():
            if other.event_id == reading.event_id and other.state != "usable":
                return other.state
    return "usable"
