"""Why not: what does not come about, the data that would do it, and how that is said."""

from typing import Any

import pytest

from engine.core.limits import limits
from engine.core.whynot import FlipView, NotOffered, WhyNot, why_not
from tests.unit.builders import HARMLESS, Patient, a_patient, a_value, enrolled, pathway, when


def asked(patient: Patient, day: int) -> WhyNot:
    return why_not(patient.at(day).evaluation, {})


def edge(patient: Patient, day: int, name: str) -> tuple[FlipView, ...]:
    return next(e.flips for e in asked(patient, day).transitions if e.id == name)


def option(patient: Patient, day: int, name: str) -> NotOffered:
    return next(o for o in asked(patient, day).options if o.id == name)


def said(found: tuple[FlipView, ...]) -> list[str]:
    return [flip.says for flip in found]


MONITORED = enrolled().fvc("3.00", pp="90", on=0).treated(on=1)


def test_the_number_nearest_to_the_newest_one_is_named() -> None:
    """A relative fall of 10 % is progression (spec section 5): of 3.00 L that is 2.70 L."""
    by_litres, by_percent, *_ = edge(MONITORED, 40, "T08")

    assert (by_litres.says, by_litres.sign, by_litres.again) == ("FVC 2.7 L or less", "at most", False)
    assert by_litres.event["obs"] == [{"item": "fvc_l", "value": "2.7", "unit": "L"}]
    assert by_litres.event["effective"] == str(when(40))
    assert by_litres.last is not None
    assert (by_litres.last.value, by_litres.last.unit, by_litres.last.date) == ("3", "L", when(0))
    assert by_percent.says == "FVC % predicted 81 % or less"


def test_a_code_a_drug_and_a_value_that_is_only_too_old() -> None:
    course = MONITORED.saw("clinical_course", "progressive", on=1).saw("clinical_course", "stable", on=2)
    assert "Clinical course progressive" in said(edge(course, 40, "T08"))

    planned = enrolled().assessed(3)
    assert "Mycophenolate mofetil started" in said(edge(planned, 4, "T04"))

    others = [a_value(item, value) for item, value in HARMLESS.items() if item != "egfr"]
    outdated = enrolled().assessed(3).healthy(3).obs(400, *others, source="lab")
    assert said(option(outdated, 400, "tx.mmf").flips) == ["Estimated GFR 90 mL/min/1.73 m², recorded again"]


def test_where_more_than_one_datum_would_be_needed_there_is_none() -> None:
    assert edge(MONITORED, 40, "T06") == ()


def test_a_drug_that_runs_may_be_stopped_and_a_condition_may_end() -> None:
    pregnant = enrolled(sex="female", can_become_pregnant=True).healthy(0).assessed(3).has("pregnancy", on=3)
    blocked = option(pregnant, 4, "tx.mmf")

    assert blocked.disposition == "blocked"
    assert [line.says for line in blocked.reasons] == [f"Pregnant by the newest evidence (of {when(3)})"]
    assert said(blocked.flips) == ["Pregnancy test negative"]


def test_what_waits_for_one_value_names_it_whatever_it_is() -> None:
    """Only the eGFR is missing; any plausible one that blocks nothing will do."""
    patient = enrolled().assessed(3).obs(3, a_value("anc", 4), a_value("alt", 20))
    waiting = option(patient, 4, "tx.mmf")

    assert waiting.disposition == "needs_data"
    assert [m.item for m in waiting.missing] == ["egfr"]
    (flip,) = waiting.flips
    assert flip.event["obs"][0]["item"] == "egfr"
    assert (flip.last, flip.again) == (None, False)


def test_the_oxygen_flow_that_was_assumed_is_said() -> None:
    patient = enrolled().obs(3, a_value("clinical_course", "stable"), a_value("fvc_pp", "80"))
    (flip,) = [f for f in edge(patient, 4, "T01") if f.event.get("obs", [{}])[0].get("item") == "spo2_rest"]

    assert flip.says.endswith("(oxygen flow at the time 0 L/min)")
    assert flip.event["obs"][0]["o2_flow"] == "0"


def test_a_decision_keeps_an_option_off_and_is_named() -> None:
    patient = enrolled().healthy(0).assessed(3).declined("tx.mmf", on=4)
    declined = option(patient, 5, "tx.mmf")

    assert declined.disposition == "not open"
    assert [line.says for line in declined.reasons] == [f"Declined on {when(4)}"]


@pytest.mark.parametrize("patient", [a_patient(), enrolled().admin("close", on=3)])
def test_nothing_is_asked_of_whoever_is_not_on_the_pathway(patient: Patient) -> None:
    assert asked(patient, 5) == WhyNot(transitions=(), options=())


def test_the_limits_of_items_are_those_of_the_rules() -> None:
    found: dict[str, Any] = pathway().limits
    assert {str(n) for n in found["fvc_pp"]} >= {"50"}
    assert limits([None]) == {}
