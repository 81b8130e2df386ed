"""A site's own ladder: from tomorrow on, nothing told twice, nothing in a burst, and nothing decided."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from engine.core.notes import SNOOZE
from engine.core.sealing import broken_at
from engine.core.site_ladders import LadderChange, SiteLadder
from engine.errors import MessageRefused, NotFound
from engine.ports import Store
from engine.services.access import OPERATOR
from engine.services.ladders import at_site, change_ladder
from engine.services.noting import Act
from engine.services.sites import CHAIN
from engine.services.tallying import tally
from engine.store.unit_of_work import SqlStore
from tests.services.clinic import CLINICIAN
from tests.services.rounds import DAY, Rounds, rounds
from tests.stores.kit import writing

PFT_DUE = DAY + timedelta(days=14)
LOW = {"value": Decimal(84), "unit": "%", "o2_flow": Decimal(0)}


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store, "Europe/Berlin") as opened:
        yield opened


def change(clinic: Rounds, reason: str = "booked early", **parts: object) -> SiteLadder | None:
    rules = clinic.served.pathway("pm-ild").definition
    wanted = LadderChange.model_validate(parts)
    with writing(clinic.store) as uow:
        return change_ladder(uow, "main", rules, wanted, reason, by=OPERATOR, clock=clinic.clock)


def shorts(**days: int) -> dict[str, dict[str, int]]:
    """Steps of short intervals, which all first reviews have."""
    return {step: {"short": number} for step, number in days.items()}


def of_pft(clinic: Rounds) -> list[tuple[str, int]]:
    told = [d for d in clinic.deliveries if d.subject == "pft"]
    return [(d.step, (d.created.date() - PFT_DUE).days) for d in sorted(told, key=lambda d: d.created)]


def test_a_change_is_in_force_from_the_next_day_of_the_site(clinic: Rounds) -> None:
    before = clinic.kept(clinic.one)
    row = change(clinic, reviews=shorts(upcoming=-5))
    assert row is not None
    assert (row.number, row.since) == (1, DAY + timedelta(days=1))
    assert clinic.kept(clinic.one)[1] == before[1]
    assert clinic.differences(clinic.one) == ()
    assert clinic.review().next_step_on == PFT_DUE - timedelta(days=3)

    clinic.at(DAY + timedelta(days=1))
    clinic.look()
    assert clinic.review().next_step_on == PFT_DUE - timedelta(days=5)
    assert clinic.differences(clinic.one) == ()
    assert clinic.kept(clinic.one)[0].digest == before[0].digest
    clinic.days(DAY + timedelta(days=2), PFT_DUE)
    assert of_pft(clinic) == [("upcoming", -5), ("reminder", -1), ("due", 0)]


def test_a_slip_that_is_taken_back_the_same_day_does_nothing(clinic: Rounds) -> None:
    change(clinic, reviews=shorts(escalated=1, critical=1))
    change(clinic, "that was a slip")
    clinic.days(DAY, PFT_DUE + timedelta(days=2))

    assert of_pft(clinic) == [("upcoming", -3), ("reminder", -1), ("due", 0), ("overdue", 1)]
    assert clinic.differences(clinic.one) == ()


def test_what_was_told_is_not_told_again_and_of_what_is_past_only_the_newest(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE)
    clinic.at(PFT_DUE)
    change(clinic, reviews=shorts(upcoming=-9, reminder=-8, due=-7, overdue=-6, escalated=-5, critical=9))
    clinic.days(PFT_DUE + timedelta(days=1), PFT_DUE + timedelta(days=10))

    assert of_pft(clinic) == [
        ("upcoming", -3),
        ("reminder", -1),
        ("due", 0),
        ("escalated", 1),
        ("critical", 9),
    ]
    assert clinic.differences(clinic.one) == ()
    with clinic.store.reading() as uow:
        assert tally(uow, "main", clinic.clock).sound


def test_back_to_the_published_ladder_nothing_is_told_again(clinic: Rounds) -> None:
    change(clinic, reviews=shorts(upcoming=-5, reminder=-4, due=-3))
    clinic.days(DAY, PFT_DUE - timedelta(days=3))
    assert of_pft(clinic) == [("upcoming", -5), ("reminder", -4), ("due", -3)]
    clinic.at(PFT_DUE - timedelta(days=3))
    change(clinic, "as it was")
    clinic.days(PFT_DUE - timedelta(days=2), PFT_DUE + timedelta(days=1))

    assert of_pft(clinic) == [("upcoming", -5), ("reminder", -4), ("due", -3), ("overdue", 1)]
    assert clinic.differences(clinic.one) == ()


def test_while_paused_a_change_waits(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=4))
    clinic.admin("p1", "pause", PFT_DUE - timedelta(days=4))
    change(clinic, reviews=shorts(upcoming=-5))
    clinic.days(PFT_DUE - timedelta(days=3), PFT_DUE - timedelta(days=2))
    assert of_pft(clinic) == []
    clinic.admin("p2", "resume", PFT_DUE - timedelta(days=2))
    clinic.days(PFT_DUE - timedelta(days=2), PFT_DUE)
    assert of_pft(clinic) == [("upcoming", -2), ("reminder", -1), ("due", 0)]


def test_hours_and_the_farthest_snooze_are_the_sites_own(clinic: Rounds) -> None:
    change(clinic, actions={"repeated": {"hours": 1}}, snooze={"days": 3, "urgent_days": 0})
    day = DAY + timedelta(days=2)
    clinic.at(day)
    clinic.obs("s1", day, spo2_rest=LOW)
    for hours, told in ((0, {"opened"}), (1, {"opened", "repeated"})):
        clinic.at(day)
        clinic.clock.instant += timedelta(hours=hours)
        clinic.look()
        assert {d.step for d in clinic.deliveries if d.subject == "rf.spo2"} == told

    def put_off(kind: str, subject: str, due: date, days: int) -> None:
        clinic.note(Act(SNOOZE, "later", day + timedelta(days=days)), kind, subject, due)

    for kind, subject, due, days in (("action", "rf.spo2", day, 1), ("review", "pft", PFT_DUE, 4)):
        with pytest.raises(MessageRefused) as error:
            put_off(kind, subject, due, days)
        assert [(p.pointer, p.code) for p in error.value.problems] == [("/until", "snooze-limit")]
    put_off("review", "pft", PFT_DUE, 3)


def test_steps_by_the_hour_that_are_on_their_way_go_on_by_the_new_ladder(clinic: Rounds) -> None:
    clinic.at(DAY)
    clinic.clock.instant += timedelta(hours=10)
    clinic.obs("s1", DAY, spo2_rest=LOW)
    clinic.look()
    change(clinic, actions={"repeated": {"hours": 6}, "backup": {"hours": 7}})
    for hours, told in ((5, 1), (6, 2), (7, 3), (30, 3)):
        clinic.at(DAY)
        clinic.clock.instant += timedelta(hours=10 + hours)
        clinic.look()
        assert len({d.step for d in clinic.deliveries if d.subject == "rf.spo2"}) == told
    assert clinic.differences(clinic.one) == ()


def test_the_same_again_changes_nothing_and_everything_is_on_record(clinic: Rounds) -> None:
    assert change(clinic) is None
    first = change(clinic, reviews=shorts(upcoming=-5))
    assert change(clinic, "again", reviews=shorts(upcoming=-5)) == first
    second = change(clinic, "back")
    with clinic.store.reading() as uow:
        assert uow.site_ladders.of("main", "pm-ild") == (first, second)
        assert uow.site_ladders.of("main", "other") == ()
        chain = uow.audit.chain(CHAIN)
    assert broken_at(chain) is None
    assert [link.entry.act for link in chain][-2:] == ["change ladder", "change ladder"]
    assert isinstance(clinic.store, SqlStore)
    for statement in ("UPDATE site_ladder SET reason = ''", "DELETE FROM site_ladder"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            clinic.store.database.writer.begin() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_what_cannot_be_is_refused_with_every_reason(clinic: Rounds) -> None:
    with pytest.raises(MessageRefused) as error:
        change(clinic, " ", reviews={"soon": {"offset": 1}, **shorts(due=2)})
    assert [(p.pointer, p.code) for p in error.value.problems] == [
        ("/reviews/soon", "unknown-step"),
        ("/reviews/due/short", "steps-unordered"),
        ("/reason", "missing-reason"),
    ]
    rules = clinic.served.pathway("pm-ild").definition
    with pytest.raises(NotFound, match="site"), clinic.store.reading() as uow:
        at_site(uow, "south", rules, clinic.clock)


def test_a_site_is_shown_what_is_in_force_and_what_is_to_come(clinic: Rounds) -> None:
    rules = clinic.served.pathway("pm-ild").definition
    row = change(clinic, reviews=shorts(upcoming=-5))
    for days, in_force, coming in ((0, None, row), (1, row, None)):
        clinic.at(DAY + timedelta(days=days))
        with clinic.store.reading() as uow:
            found = at_site(uow, "main", rules, clinic.clock)
        assert found.today.row == in_force
        assert (None if found.coming is None else found.coming.row) == coming
        assert len(found.today.differences) == (in_force is not None)


def test_an_answer_about_a_day_has_the_ladder_of_that_day(clinic: Rounds) -> None:
    change(clinic, reviews=shorts(upcoming=-13))
    day = DAY + timedelta(days=1)
    clinic.at(day)

    def step(as_of: date) -> str | None:
        with clinic.store.reading() as uow:
            found = clinic.asker.state(uow, clinic.one, "pm-ild", CLINICIAN, as_of=as_of).evaluation
        return next(review.step for review in found.reviews if review.id == "pft")

    assert [step(DAY), step(day)] == [None, "upcoming"]
