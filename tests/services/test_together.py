"""Laboratory reviews that fall due close to each other are told as one, each step once."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.ports import Store
from engine.services.tallying import tally
from tests.services.rounds import DAY, Rounds, rounds

MMF, STEROID = "tox.mmf", "gc.metabolic"
FIRST_DUE = DAY + timedelta(days=14)
SECOND_DUE = DAY + timedelta(days=28)
PANEL = {
    "anc": {"value": Decimal(4), "unit": "10*9/L"},
    "alt": {"value": Decimal(20), "unit": "U/L"},
    "egfr": {"value": Decimal(90), "unit": "mL/min/{1.73_m2}"},
}
METABOLIC = {
    "sbp": {"value": Decimal(120), "unit": "mm[Hg]"},
    "weight": {"value": Decimal(70), "unit": "kg"},
    "glucose": {"value": Decimal(5), "unit": "mmol/L"},
}


def started(clinic: Rounds, drug: str, **more: object) -> None:
    body = {"id": drug, "type": "med", "effective": str(DAY), "drug": drug, "op": "start", **more}
    clinic.send(clinic.one, body)


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    """A patient on mycophenolate, looked at after 14 days, and on a steroid, looked at after 28."""
    with rounds(store) as opened:
        opened.obs("panel-0", DAY, **PANEL, **METABOLIC)
        started(opened, "mmf")
        started(opened, "gc_oral", dose=Decimal(40))
        assert (opened.review(MMF).due, opened.review(STEROID).due) == (FIRST_DUE, SECOND_DUE)
        yield opened


def told(clinic: Rounds) -> list[tuple[str, int, str, str]]:
    """Review, days from the first due date, step and notice, of the laboratory reviews."""
    return [
        (d.subject, (d.created.date() - FIRST_DUE).days, d.step, d.notice)
        for d in clinic.deliveries
        if d.subject in (MMF, STEROID)
    ]


def until(clinic: Rounds, last: date, first: date = DAY) -> list[tuple[str, int, str, str]]:
    clinic.days(first, last)
    return told(clinic)


def test_two_reviews_are_one_notice_at_the_earlier_of_them(clinic: Rounds) -> None:
    found = until(clinic, DAY + timedelta(days=60))
    wanted = [("upcoming", -3), ("reminder", -1), ("due", 0), ("overdue", 1), ("escalated", 3)]

    for review in (MMF, STEROID):
        steps = [(step, day) for name, day, step, _ in found if name == review]
        assert steps == [*wanted, *([("critical", 7)] if review == MMF else [])]
    notices = {step: {notice for _, _, s, notice in found if s == step} for step, _ in wanted}
    assert {len(notice) for notice in notices.values()} == {1}
    assert {d.due for d in clinic.deliveries if d.subject == STEROID} == {SECOND_DUE}
    assert clinic.review(STEROID).step == "escalated", "what is shown follows its own due date"
    assert clinic.differences(clinic.one) == ()


def test_data_that_satisfy_one_leave_the_other_its_own_days(clinic: Rounds) -> None:
    until(clinic, FIRST_DUE - timedelta(days=2))
    clinic.at(FIRST_DUE - timedelta(days=1))
    clinic.obs("panel-1", FIRST_DUE - timedelta(days=1), **PANEL)
    assert clinic.review(MMF).due == SECOND_DUE - timedelta(days=1)
    found = until(clinic, SECOND_DUE + timedelta(days=1), FIRST_DUE - timedelta(days=1))

    assert [(day, step) for name, day, step, _ in found if name == STEROID] == [
        (-3, "upcoming"), (12, "reminder"), (13, "due"), (14, "overdue")
    ]  # fmt: skip
    assert clinic.differences(clinic.one) == ()


def test_after_a_stop_what_waited_is_told_late_and_together(clinic: Rounds) -> None:
    until(clinic, FIRST_DUE - timedelta(days=1))
    with clinic.store.reading() as uow:
        assert tally(uow, "main", clinic.clock).late == 0
    clinic.at(FIRST_DUE + timedelta(days=2))
    with clinic.store.reading() as uow:
        assert tally(uow, "main", clinic.clock).late >= 2
    clinic.obs("weight", FIRST_DUE + timedelta(days=2), fvc_l={"value": Decimal("2.50"), "unit": "L"})
    found = until(clinic, FIRST_DUE + timedelta(days=2), FIRST_DUE + timedelta(days=2))[-4:]

    assert sorted((step, name) for name, _, step, _ in found) == [
        ("due", STEROID), ("due", MMF), ("overdue", STEROID), ("overdue", MMF)
    ]  # fmt: skip
    assert len({(day, notice) for _, day, _, notice in found}) == 1
    message = clinic.message(f"reminder/{clinic.one}/pm-ild/review/{STEROID}/{SECOND_DUE}/due")
    assert message is not None
    assert message.body["on"] == FIRST_DUE
    assert clinic.differences(clinic.one) == ()


def test_what_comes_to_others_late_is_told_from_their_next_step_on(clinic: Rounds) -> None:
    """What they were told before is told on its own day, or with the next step when that comes sooner."""
    start, joined = FIRST_DUE - timedelta(days=2), FIRST_DUE - timedelta(days=1)
    until(clinic, start)
    clinic.at(joined)
    started(clinic, "aza", effective=str(start))
    due = start + timedelta(days=14)
    assert clinic.review("tox.aza").due == due
    clinic.days(joined, due + timedelta(days=7))

    found = {d.step: (d.created.date() - FIRST_DUE).days for d in clinic.deliveries if d.subject == "tox.aza"}
    assert found == {"upcoming": -1, "reminder": -1, "due": 0, "overdue": 1, "escalated": 3, "critical": 7}
    assert clinic.differences(clinic.one) == ()
