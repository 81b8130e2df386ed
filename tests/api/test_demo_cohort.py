"""The demonstration cohort: what a coordinator finds in it, and that it is the same everywhere."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from api.demo.deck import deck
from api.demo.patients import SyntheticPatient, cohort
from api.wiring import load_pathway
from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Record
from engine.core.ingest import Door
from engine.core.stories import receive

TODAY = date(2026, 3, 17)
SIZE, SEED = 200, 1
FIRST_TEN = "54ef2e2558b57e337afa79a54f3117bd3e1cb4d45c924f83e40c0acf279460cc"
"""SHA-256 of the first ten patients; it changes only when the generator is changed on purpose."""

Shown = dict[str, object]


@dataclass(frozen=True)
class Seen:
    """A patient of the cohort as of today, and what became of each message."""

    patient: SyntheticPatient
    received: tuple[str, ...]
    record: Record
    now: Evaluation


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Everybody, through the door and evaluated once."""
    pathway = load_pathway("pm-ild")
    door = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition})
    found = []
    for patient in cohort(SIZE, SEED, TODAY):
        record, received = Record(), []
        for number, sent in enumerate(patient.messages, start=1):
            message = {**sent.message, "recorded": sent.received, "role": sent.role}
            record, outcome, problems = receive(door, record, message, number)
            received.append(f"{outcome} {problems or ''}".strip())
        found.append(Seen(patient, tuple(received), record, evaluate(pathway, record, TODAY)))
    return found


def states(seen: list[Seen]) -> Counter[str]:
    return Counter(s.now.position.state for s in seen if s.now.position)


def kinds(seen: list[Seen]) -> Counter[str]:
    return Counter(str(m.message["type"]) for s in seen for m in s.patient.messages)


def dates(patient: SyntheticPatient) -> Iterator[date]:
    """Every date a patient's messages hold."""
    for sent in patient.messages:
        yield sent.received
        for name in ("effective", "birth_date"):
            if name in sent.message:
                yield date.fromisoformat(str(sent.message[name]))


def test_no_message_is_refused(seen: list[Seen]) -> None:
    assert {outcome for s in seen for outcome in s.received} == {"accepted"}


def test_every_state_is_there_more_than_once(seen: list[Seen]) -> None:
    found = states(seen)

    assert {
        state: found[state] for state in load_pathway("pm-ild").definition.states if found[state] < 2
    } == {}


def test_most_are_monitored_but_not_nearly_all(seen: list[Seen]) -> None:
    found = states(seen)

    assert found.most_common(1)[0][0] == "monitor"
    assert SIZE * 35 // 100 <= found["monitor"] <= SIZE // 2
    assert all(count >= SIZE * 2 // 100 for count in found.values()), found


def test_every_status_disposition_and_review_status_is_there(seen: list[Seen]) -> None:
    statuses = Counter(s.now.position.status for s in seen if s.now.position)
    dispositions = Counter(action.disposition for s in seen for action in s.now.actions)
    reviews = Counter(review.status for s in seen for review in s.now.reviews)

    assert set(statuses) == {"active", "paused", "closed"}
    assert set(dispositions) == {"offer", "needs_data", "deferred", "blocked"}
    assert set(reviews) == {"ok", "upcoming", "due", "overdue"}
    assert statuses["active"] > SIZE * 3 // 4
    assert reviews["ok"] > reviews["overdue"] + reviews["due"]


def test_every_priority_and_the_red_flags_are_there(seen: list[Seen]) -> None:
    actions = [action for s in seen for action in s.now.actions]

    assert {action.prio for action in actions} == {0, 1, 2, 3, 4}
    assert len({action.id for action in actions if action.id.startswith("rf.")}) >= 6


def test_every_kind_of_message_is_there(seen: list[Seen]) -> None:
    assert set(kinds(seen)) >= {
        "enrol", "obs", "med", "cond", "vax", "decision", "override", "admin", "correct", "retract", "verify"
    }  # fmt: skip


def test_decisions_go_both_ways_and_a_refusal_has_its_reason(seen: list[Seen]) -> None:
    decisions = [m.message for s in seen for m in s.patient.messages if m.message["type"] == "decision"]

    assert {d["decision"] for d in decisions} == {"accept", "decline"}
    assert all(d.get("reason") for d in decisions if d["decision"] == "decline")


def test_some_histories_were_changed_and_some_values_wait(seen: list[Seen]) -> None:
    assert any(s.now.changes for s in seen)
    assert any(s.now.fold.chart.quarantined for s in seen)
    assert any(s.now.fold.chart.absences for s in seen)


def test_values_are_held_back_only_where_that_is_the_point(seen: list[Seen]) -> None:
    waiting = sum(1 for s in seen if s.now.fold.chart.quarantined)

    assert 2 <= waiting <= SIZE * 8 // 100


def test_amendments_follow_what_they_amend(seen: list[Seen]) -> None:
    for s in seen:
        known: set[object] = set()
        for sent in s.patient.messages:
            assert sent.message.get("target", sent.message["id"]) in {*known, sent.message["id"]}
            known.add(sent.message["id"])


def test_courses_are_days_to_years_long(seen: list[Seen]) -> None:
    sizes = sorted(len(s.patient.messages) for s in seen)
    lengths = [(TODAY - s.patient.messages[0].received).days for s in seen]

    assert sizes[0] >= 3
    assert 30 <= sizes[len(sizes) // 2] <= 80
    assert sizes[-1] <= 150
    assert max(lengths) <= 6 * 366
    assert sum(1 for days in lengths if days > 365) > SIZE // 4


def test_the_last_contact_is_recent_but_for_those_who_stay_away(seen: list[Seen]) -> None:
    active = [s for s in seen if s.now.position and s.now.position.status == "active"]
    recent = [s for s in active if TODAY - s.patient.messages[-1].received <= timedelta(days=92)]

    assert len(recent) > len(active) * 9 // 10


def test_ids_and_identifiers_are_unique(seen: list[Seen]) -> None:
    ids = [sent.message["id"] for s in seen for sent in s.patient.messages]

    assert len(set(ids)) == len(ids)
    assert [s.patient.identifier for s in seen] == [f"DEMO-{n:04}" for n in range(1, SIZE + 1)]
    assert {s.patient.system for s in seen} == {"urn:careway:demo"}


def test_messages_are_as_they_are_posted_and_in_order_of_receipt(seen: list[Seen]) -> None:
    for s in seen:
        received = [sent.received for sent in s.patient.messages]
        assert received == sorted(received)
        assert all({"recorded", "role", "check"}.isdisjoint(sent.message) for sent in s.patient.messages)


def test_nothing_is_dated_later_than_today(seen: list[Seen]) -> None:
    assert max(day for s in seen for day in dates(s.patient)) <= TODAY


def test_no_number_is_a_float(seen: list[Seen]) -> None:
    def flat(value: object) -> Iterator[object]:
        if isinstance(value, dict):
            for each in value.values():
                yield from flat(each)
        elif isinstance(value, list):
            for each in value:
                yield from flat(each)
        else:
            yield value

    numbers = (v for s in seen for sent in s.patient.messages for v in flat(dict(sent.message)))
    assert not [v for v in numbers if isinstance(v, float)]


def test_the_same_arguments_give_the_same_patients() -> None:
    assert list(cohort(SIZE, SEED, TODAY)) == list(cohort(SIZE, SEED, TODAY))


def test_the_patients_are_the_same_on_every_machine() -> None:
    text = repr(list(cohort(10, SEED, TODAY)))

    assert hashlib.sha256(text.encode()).hexdigest() == FIRST_TEN


def test_a_patient_does_not_depend_on_how_many_there_are(seen: list[Seen]) -> None:
    assert list(cohort(10, SEED, TODAY)) == [s.patient for s in seen[:10]]


def test_another_seed_gives_other_patients(seen: list[Seen]) -> None:
    assert all(one != s.patient for one, s in zip(cohort(10, SEED + 1, TODAY), seen, strict=False))


@pytest.mark.parametrize("days", [1, 366, -3000])
def test_another_day_moves_every_date_and_nothing_else(seen: list[Seen], days: int) -> None:
    by = timedelta(days=days)

    for moved, s in zip(cohort(60, SEED, TODAY + by), seen, strict=False):
        assert [day - by for day in dates(moved)] == list(dates(s.patient))
        assert [undated(sent.message) for sent in moved.messages] == [
            undated(sent.message) for sent in s.patient.messages
        ]


def undated(message: object) -> Shown:
    assert isinstance(message, dict)
    return {name: value for name, value in message.items() if name not in ("effective", "birth_date")}


def test_a_deck_is_smaller_than_the_usual_cohort() -> None:
    assert len(deck()) < SIZE // 2
