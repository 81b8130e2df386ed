"""The result every face shows: stable text, exact numbers, and the same until the day it names."""

import json
from datetime import timedelta
from functools import cache

import pytest

from engine.core.answer import result_of
from engine.core.definition import Cited
from engine.core.evaluate import evaluate
from engine.core.events import Record
from engine.core.ingest import Door
from engine.core.result import Result
from engine.core.stories import Stories, Story, receive, tell
from engine.core.teller import citations_of
from pathways.reader import read_yaml, validated
from tests.unit.builders import LIBRARY, Patient, a_patient, enrolled, pathway

SOURCES = LIBRARY.sources("pm-ild")
V1 = LIBRARY.definition("pm-ild")
ONE_DAY = timedelta(days=1)


def result(patient: Patient, day: int | str) -> Result:
    return result_of(patient.at(day).evaluation, SOURCES, V1)


@cache
def stories() -> dict[str, Story]:
    found = {}
    for name, text in LIBRARY.vignettes("pm-ild"):
        for story in validated(read_yaml(text, name), Stories, name).vignettes:
            found[story.id] = story
    return found


@cache
def record(name: str) -> Record:
    used, kept = pathway(), Record()
    door = Door(used.vocabulary, {used.definition.id: used.definition})
    for number, entry in enumerate(stories()[name].events, start=1):
        if not entry.is_check:
            kept = receive(door, kept, entry.message, number).record
    return kept


def test_the_state_is_split_into_family_and_substate() -> None:
    shown = result(enrolled().assessed(3), 4)

    assert (shown.state, shown.substate) == ("first_line", "non_progressive")
    assert shown.state_title == "First-line treatment, non-progressive disease"
    assert result(enrolled(), 4).substate is None


def test_whatever_the_pathway_remembers_is_shown() -> None:
    shown = result(enrolled().treated(on=3), 4)

    assert {name: r.value for name, r in shown.context.items()} == {
        "line": "1",
        "line_start": "2024-01-04",
        "line_rp": False,
    }
    assert list(shown.context) == list(V1.context)


def test_before_enrolment_there_is_nothing_to_show_and_all_fields_are_there() -> None:
    shown = result(a_patient(), 4)

    assert (shown.status, shown.state, shown.since, shown.tier, shown.enrolled) == (
        None,
        None,
        None,
        None,
        None,
    )
    assert (shown.open_actions, shown.reviews, shown.history, shown.edges, shown.wanted) == (
        (),
        (),
        (),
        (),
        (),
    )
    assert shown.limits == V1.limits
    assert set(json.loads(shown.model_dump_json())) == set(Result.model_fields)


def test_a_closed_enrolment_keeps_its_state_and_has_nothing_open() -> None:
    shown = result(enrolled().treated(on=3).admin("close", on=5), 6)

    assert (shown.status, shown.state) == ("closed", "monitor")
    assert (shown.open_actions, shown.decided, shown.reviews, shown.edges, shown.wanted) == (
        (),
        (),
        (),
        (),
        (),
    )
    assert [m.transition for m in shown.history] == ["T13", "A03"]


def test_an_action_shows_why_it_is_blocked_and_since_when_it_is_open() -> None:
    patient = enrolled().assessed(3).healthy(4).has("breastfeeding", on=6, id="b")
    action = {a.id: a for a in result(patient, 7).open_actions}["tx.mmf"]

    assert (action.disposition, action.prio, str(action.opened_on), str(action.due)) == (
        "blocked",
        2,
        "2024-01-04",
        "2024-01-11",
    )
    assert [line.says for line in action.block_reasons] == ["Breastfeeding: recorded on 2024-01-07"]
    assert action.block_reasons[0].events == ("b",)
    assert [r.says for r in action.rationale] == ["less toxic than cyclophosphamide"]
    assert [c.key for c in action.rationale[0].citations] == ["S03", "S12"]


def test_an_action_that_waits_names_what_is_missing_and_what_is_too_old() -> None:
    patient = enrolled().saw("egfr", 90, on=1).assessed(60)
    action = {a.id: a for a in result(patient, 61).open_actions}["tx.mmf"]

    assert [(m.item, m.title, str(m.last)) for m in action.missing] == [
        ("anc", "Neutrophils", "None"),
        ("egfr", "Estimated GFR", "2024-01-02"),
        ("alt", "Alanine aminotransferase", "None"),
    ]


def test_evidence_reaches_through_blocked_actions() -> None:
    """An alternative that is open because the first choice is blocked rests on what blocks it."""
    patient = enrolled().started("gc_oral", on=1, dose=40, id="gc").saw("potassium", 6, on=2, id="k")
    action = {a.id: a for a in result(patient, 3).open_actions}["px.pjp_atovaquone"]

    assert action.evidence == ("gc", "k")


def test_what_is_decided_is_listed_until_the_decision_lapses() -> None:
    patient = enrolled().accepted("vx.flu", on=2, id="yes").declined("vx.covid", on=3, id="no")

    assert [(d.id, d.decision, d.reason, d.event_id) for d in result(patient, 4).decided] == [
        ("vx.flu", "accept", None, "yes"),
        ("vx.covid", "decline", "not now", "no"),
    ]
    assert result(patient, 200).decided == ()


def test_a_review_shows_its_data_its_interval_and_its_ladder() -> None:
    patient = enrolled().fvc("3.0", on=2, id="f")
    review = {r.id: r for r in result(patient, 5).reviews}["pft"]

    assert (str(review.due), review.status, review.step, review.interval) == ("2024-04-03", "ok", None, 91)
    assert [(d.item, d.value, d.unit, str(d.date), d.event_id) for d in review.last] == [
        ("fvc_l", "3", "L", "2024-01-03", "f")
    ]
    assert [(s.step, str(s.on)) for s in review.steps][:2] == [
        ("upcoming", "2024-03-06"),
        ("reminder", "2024-03-27"),
    ]
    assert review.citations[0].key == "S26", "the row of the interval table comes first"


def test_a_change_of_history_shows_both_sides() -> None:
    patient = (
        enrolled()
        .obs(2, {"item": "spo2_rest", "value": 85, "unit": "%", "o2_flow": 0}, id="low")
        .retracted("low", on=3, id="gone")
    )
    (change,) = result(patient, 4).changes

    assert (change.event_id, str(change.received)) == ("gone", "2024-01-04")
    assert [(m.transition, m.source, m.to) for m in change.withdrawn] == [
        ("T01", "assess", "first_line.progressive_severe")
    ]
    assert change.brought == ()
    assert json.loads(change.model_dump_json())["withdrawn"][0]["from"] == "assess"


def test_citations_say_what_they_are_and_what_was_read() -> None:
    row = Cited(seed=("S28",), cite=("ppf_2022", "eng", "nowhere"))
    statement, article, default, unknown = citations_of(V1, SOURCES, row)

    assert (statement.kind, statement.title, statement.checked) == (
        "statement",
        "A fall of FVC by 5 % over 12 months is a warning sign.",
        None,
    )
    assert (article.kind, article.year) == ("source", 2022)
    assert article.checked == SOURCES["ppf_2022"].checked
    assert default.kind == "engineering default"
    assert (unknown.title, unknown.checked) == ("nowhere", "not in the sources")


def test_a_citation_given_twice_is_listed_once() -> None:
    row = Cited(seed=("S28",), cite=("eng",))

    assert [c.key for c in citations_of(V1, SOURCES, row, row)] == ["S28", "eng"]


def test_parameters_that_differ_are_named() -> None:
    patient = a_patient(PFT_INT="100.50", RP_COMBINATION=True).enrolled()

    assert [(s.name, s.value, s.published) for s in result(patient, 3).parameter_set] == [
        ("PFT_INT", "100.5", "91"),
        ("RP_COMBINATION", True, False),
    ]
    assert result(enrolled(), 3).parameter_set == ()
    assert result_of(patient.at(3).evaluation, SOURCES).parameter_set == ()


def test_the_digest_of_changed_parameters_differs() -> None:
    assert result(enrolled(), 3).pathway.digest != result(a_patient(PFT_INT=92).enrolled(), 3).pathway.digest


def test_what_is_wanted_names_the_rules_that_wait() -> None:
    patient = enrolled().treated(on=3)
    wanted = {w.item: w for w in result(patient, 40).wanted}

    assert [(w.kind, w.id) for w in wanted["fvc_l"].waiting] == [("review", "pft")]
    assert ("transition", "T08") in [(w.kind, w.id) for w in wanted["dlco_pp"].waiting]
    assert wanted["anc"].title == "Neutrophils"


def test_of_an_overdue_panel_only_what_is_outstanding_is_wanted() -> None:
    patient = enrolled().started("gc_oral", on=0, dose=10).saw("weight", 80, on=0).saw("glucose", 5, on=1)
    patient = patient.saw("sbp", 120, on=2).saw("sbp", 120, on=40)
    shown = result(patient, 45)

    assert {r.id: r.status for r in shown.reviews}["gc.metabolic"] == "overdue"
    assert [w.item for w in shown.wanted if "gc.metabolic" in [r.id for r in w.waiting]] == [
        "weight",
        "glucose",
    ]


def test_of_an_overdue_baseline_what_was_not_done_since_the_start_is_wanted() -> None:
    patient = enrolled().saw("anc", 4, on=1).started("mmf", on=60).saw("alt", 20, on=61)
    shown = result(patient, 65)

    assert [w.item for w in shown.wanted if "tox.mmf" in [r.id for r in w.waiting]] == ["anc", "egfr"]


def test_a_test_after_a_dose_is_wanted_however_new_another_is() -> None:
    patient = enrolled().given("cyc", on=10).saw("anc", 4, on=25)
    wanted = {w.item: [r.id for r in w.waiting] for w in result(patient, 26).wanted}

    assert "tox.cyc_nadir" in wanted["anc"]


@pytest.mark.parametrize("name", ["V01", "V02", "V05", "V09", "V11"])
def test_a_result_is_the_same_text_each_time_and_can_be_read_back(name: str) -> None:
    last = stories()[name].events[-1].received
    first, second = (result_of(evaluate(pathway(), record(name), last), SOURCES, V1) for _ in range(2))

    text = first.model_dump_json()

    assert text == second.model_dump_json()
    assert Result.model_validate_json(text) == first
    json.loads(text, parse_float=lambda number: pytest.fail(f"{number} is a binary float"))


@pytest.mark.parametrize("name", ["V02", "V05", "V07", "V11"])
def test_nothing_in_a_result_changes_before_the_day_it_names(name: str) -> None:
    """Reasons included: they tell dates, not ages. Every day between, from points all along a story."""
    received = sorted({entry.received for entry in stories()[name].events})
    for start in received[:: max(1, len(received) // 3)]:
        known = record(name).known_at(start)
        shown = result_of(evaluate(pathway(), known, start), SOURCES, V1)
        if shown.revisit_on is None:
            continue
        assert shown.revisit_on > start
        day = start + ONE_DAY
        while day < min(shown.revisit_on, start + 20 * ONE_DAY):
            later = result_of(evaluate(pathway(), known, day), SOURCES, V1)
            assert later.model_copy(update={"as_of": start}) == shown, f"as of {day}"
            day += ONE_DAY


def test_telling_a_story_and_showing_it_disturb_nothing() -> None:
    """Explaining asks more questions of the moment; the answers stay those of the evaluation."""
    for outcome in tell(stories()["V04"], pathway()):
        before = outcome.evaluation
        result_of(before, SOURCES)
        again = evaluate(pathway(), outcome.record, outcome.entry.received)
        assert (before.actions, before.reviews, before.revisit_on) == (
            again.actions,
            again.reviews,
            again.revisit_on,
        )
