"""Steps of urgent actions: by the hour, from the event that opened them or from eight in the morning."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from engine.core.notes import ACKNOWLEDGE, SNOOZE
from engine.core.pathway import compile_pathway
from engine.ports import Store
from engine.services.noting import Act
from pathways.facts import CATALOGUE
from tests.laws.world import pathway, vocabulary
from tests.services.rounds import DAY, Rounds, rounds

BERLIN = "Europe/Berlin"
LOW = {"value": Decimal(84), "unit": "%", "o2_flow": Decimal(0)}
FLAG = "rf.spo2"


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store, BERLIN) as opened:
        opened.team(
            coordinator="cora", responsible_clinician="dora", backup_clinician="dean", clinical_lead="lea"
        )
        yield opened


def flagged(clinic: Rounds, about: str = FLAG) -> list[tuple[str, str]]:
    return [(step, who) for name, _, step, who in clinic.told_all() if name == about]


def hours(clinic: Rounds, number: int, minutes: int = 0) -> None:
    """Let time pass since noon of the first day, and look."""
    clinic.at(DAY)
    clinic.clock.instant += timedelta(hours=number, minutes=minutes)
    clinic.look()


FIRST = [("opened", "cora"), ("opened", "dora")]
AGAIN = [("repeated", "cora"), ("repeated", "dora")]
BACKUP = [("backup", "dean")]


def test_a_red_flag_is_told_at_once_again_after_four_hours_and_then_to_the_backup(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    for number, minutes, told in [
        (0, 0, FIRST),
        (3, 59, FIRST),
        (4, 0, FIRST + AGAIN),
        (23, 59, FIRST + AGAIN),
        (24, 0, FIRST + AGAIN + BACKUP),
        (90, 0, FIRST + AGAIN + BACKUP),
    ]:
        hours(clinic, number, minutes)
        assert sorted(flagged(clinic)) == sorted(told), number
    assert clinic.differences(clinic.one) == ()


def test_what_is_only_soon_is_not_repeated(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    for number in (0, 4, 24):
        hours(clinic, number)

    assert sorted(flagged(clinic, "sup.o2")) == sorted(FIRST + BACKUP)


def test_a_red_flag_is_told_while_paused(clinic: Rounds) -> None:
    clinic.admin("p1", "pause", DAY)
    clinic.obs("s1", DAY, spo2_rest=LOW)
    clinic.days(DAY, DAY + timedelta(days=20))

    assert sorted(flagged(clinic)) == sorted(FIRST + AGAIN + BACKUP)
    assert {delivery.kind for delivery in clinic.deliveries} == {"action"}


def test_late_data_count_from_when_they_were_recorded(clinic: Rounds) -> None:
    clinic.at(DAY + timedelta(days=3), time(16))
    clinic.obs("s1", DAY, spo2_rest=LOW)
    (action,) = (a for a in clinic.kept(clinic.one)[1].actions if a.action == FLAG)

    assert action.opened_on == DAY
    assert action.next_step_at == clinic.clock.now()


@pytest.mark.parametrize(("day", "utc"), [(date(2024, 3, 31), 6), (date(2024, 10, 27), 7), (DAY, 7)])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_time_alone_opens_begins_at_eight_by_the_clock_of_the_site(
    store: Store, day: date, utc: int
) -> None:
    """A value that takes effect a day after it was recorded, on days on which the clocks change too."""
    eve = day - timedelta(days=1)
    with rounds(store, BERLIN, eve) as clinic:
        clinic.at(eve, time(22))
        clinic.obs("s1", day, spo2_rest=LOW)
        clinic.at(day, time(0, 1))
        clinic.look()
        assert flagged(clinic) == []
        clinic.at(day, time(7, 59))
        clinic.look()
        assert flagged(clinic) == []
        clinic.at(day, time(8))
        assert clinic.clock.now() == datetime.combine(day, time(utc), UTC)
        clinic.look()
        assert sorted(flagged(clinic)) == FIRST
        clinic.clock.instant += timedelta(hours=4)
        clinic.look()
        assert sorted(flagged(clinic)) == FIRST + AGAIN


def test_a_decision_ends_the_steps(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    hours(clinic, 0)
    clinic.send(
        clinic.one,
        {
            "id": "d1",
            "type": "decision",
            "effective": str(DAY),
            "pathway": "pm-ild",
            "action": FLAG,
            "decision": "accept",
        },
    )
    hours(clinic, 4)
    hours(clinic, 24)
    assert sorted(flagged(clinic)) == FIRST


def test_the_treatment_options_of_a_state_are_told_as_one(clinic: Rounds) -> None:
    clinic.send(
        clinic.one,
        {
            "id": "o1",
            "type": "override",
            "effective": str(DAY),
            "pathway": "pm-ild",
            "to": "escalate.rapid",
            "reason": "clinical judgement",
        },
    )
    urgent = [a for a in clinic.kept(clinic.one)[1].actions if a.action.startswith("tx.") and a.next_step]
    assert len(urgent) > 1
    hours(clinic, 0)

    assert not [name for name, *_ in clinic.told_all() if name.startswith("tx.")]
    assert sorted(flagged(clinic, "options")) == FIRST


def test_what_was_seen_is_not_repeated_but_the_backup_is_told(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    hours(clinic, 0)
    clinic.note(Act(ACKNOWLEDGE), "action", FLAG, DAY)
    for number in (4, 24):
        hours(clinic, number)

    assert sorted(flagged(clinic)) == sorted(FIRST + BACKUP)


def test_what_is_put_off_is_told_on_the_day(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    hours(clinic, 0)
    clinic.note(Act(SNOOZE, "on the ward", DAY + timedelta(days=1)), "action", FLAG, DAY)
    hours(clinic, 11)
    assert sorted(flagged(clinic)) == FIRST
    hours(clinic, 12)
    assert sorted(flagged(clinic)) == sorted(FIRST + AGAIN)


def test_what_can_wait_is_silent_while_a_red_flag_is_open(store: Store) -> None:
    """With a ladder that has steps for P3: none is told meanwhile, and afterwards the newest alone."""
    ladder = pathway().definition.ladder
    steps = tuple(step.model_copy(update={"prios": (0, 1, 3)}) for step in ladder.actions)
    wide = ladder.model_copy(update={"actions": steps})
    definition = pathway().definition.model_copy(update={"ladder": wide})
    with rounds(store, BERLIN, rules=compile_pathway(definition, CATALOGUE, vocabulary())) as clinic:
        clinic.team(coordinator="cora", responsible_clinician="dora", backup_clinician="dean")
        hours(clinic, 0)
        assert sorted(flagged(clinic, "vx.flu")) == FIRST
        clinic.clock.instant += timedelta(hours=1)
        clinic.obs("s1", DAY, spo2_rest=LOW)
        for number in (4, 24):
            hours(clinic, number)
            assert sorted(flagged(clinic, "vx.flu")) == FIRST
            assert clinic.differences(clinic.one) == ()
        assert len(flagged(clinic)) == len(FIRST + AGAIN)

        clinic.send(
            clinic.one,
            {
                "id": "d1",
                "type": "decision",
                "effective": str(DAY + timedelta(days=1)),
                "pathway": "pm-ild",
                "action": FLAG,
                "decision": "accept",
            },
        )
        hours(clinic, 30)
        assert sorted(flagged(clinic, "vx.flu")) == sorted(FIRST + BACKUP)
        assert clinic.differences(clinic.one) == ()
