"""What worklists are read from is kept as the record wants it, and a replay sees where it is not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from api.http.examples import EXAMPLES
from engine.core.kept import Doubt, Overridden
from engine.core.worklists import Filters
from engine.ports import Store
from engine.services.worklists import Worklists
from tests.laws.world import pathway
from tests.services.clinic import CLINICIAN, Clinic, Served
from tests.stores.kit import writing

ODD = {**EXAMPLES["obs"], "obs": [{"item": "fvc_l", "value": Decimal("0.45"), "unit": "L"}]}
MOVED = {**EXAMPLES["override"], "to": "escalate.standard"}


@pytest.fixture
def clinic(store: Store) -> Clinic:
    made = Clinic(store, Served({"pm-ild": pathway()}))
    made.clock.to(date(2024, 1, 20))
    return made


@pytest.fixture
def one(clinic: Clinic) -> str:
    patient = clinic.patient()
    for message in (EXAMPLES["enrol"], ODD, MOVED):
        clinic.send(patient, message)
    return patient


def test_what_is_kept_is_what_the_record_comes_to(clinic: Clinic, one: str) -> None:
    _, kept = clinic.kept(one)
    assert [(doubt.event_id, doubt.item) for doubt in kept.doubts] == [(ODD["id"], "fvc_l")]
    assert kept.override is not None
    assert (kept.override.event_id, kept.override.reason) == (MOVED["id"], MOVED["reason"])
    assert any(action.missing for action in kept.actions)
    assert clinic.differences(one) == ()


def test_a_replay_sees_what_was_changed(clinic: Clinic, one: str) -> None:
    _, kept = clinic.kept(one)
    waiting = next(action for action in kept.actions if action.missing)
    with writing(clinic.store) as uow:
        uow.doubts.add(one, "pm-ild", (Doubt("other", "fvc_l", kept.doubts[0].effective),))
        uow.doubts.remove(one, "pm-ild", kept.doubts)
        uow.overrides.put(one, "pm-ild", None)
        uow.actions.save(one, "pm-ild", (replace(waiting, missing=()),))
    assert set(clinic.differences(one)) == {
        f"action {waiting.action} of {waiting.opened_on} differs",
        f"reading fvc_l of {ODD['id']} is not kept as waiting",
        "reading fvc_l of other does not wait",
        "override differs",
    }


def test_an_override_does_not_hold_once_a_rule_moves_the_patient_or_it_is_withdrawn(
    clinic: Clinic, one: str
) -> None:
    paused = {**EXAMPLES["admin"], "op": "pause"}
    clinic.send(one, paused)  # which moves nobody
    assert isinstance(clinic.kept(one)[1].override, Overridden)
    clinic.send(one, {"id": "r1", "type": "retract", "effective": MOVED["effective"], "target": MOVED["id"]})
    assert clinic.kept(one)[1].override is None
    assert clinic.differences(one) == ()


def test_a_filter_that_little_fits_leads_on(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        clinic.send(clinic.patient(), EXAMPLES["enrol"])
    with clinic.store.reading() as uow:
        lists = Worklists(uow, clinic.served, clinic.clock, CLINICIAN)
        whole = lists.page("unowned", Filters(), limit=200)
        rare = whole.items[-1].row.subject
        monkeypatch.setattr("engine.services.worklists.LOOKED_AT", 2)
        pages, after = [lists.page("unowned", Filters(subject=rare), limit=5)], None
        while (after := pages[-1].following) is not None:
            pages.append(lists.page("unowned", Filters(subject=rare), after=after, limit=5))
    assert len(pages) > 1
    assert not pages[0].items
    found = [listed.row.subject for page in pages for listed in page.items]
    assert found == [rare] * found.count(rare)
    assert len(found) == 2
