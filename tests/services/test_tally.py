"""The tally: each figure is found when rows are damaged, by itself; and nothing else is said to be wrong."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.core.channels import Channel
from engine.core.dispatches import PAUSES, Letter, Outcome
from engine.core.ladder import HELD
from engine.core.reminders import Tally
from engine.ports import Store
from engine.services.delivering import deliver_due, shut
from engine.services.tallying import PATIENCE, RECENT, tally
from engine.store.database import Database
from engine.store.tallies import NOT_PUT
from tests.services.auditing import behind_its_back
from tests.services.rounds import DAY, Rounds, rounds
from tests.stores.kit import writing

DUE = DAY + timedelta(days=14)
LOW = {"value": Decimal(84), "unit": "%", "o2_flow": Decimal(0)}
SECOND = timedelta(seconds=1)


class Outside:
    """Takes every letter, until it is out of order."""

    outcome = Outcome("sent", "250")

    def carry(self, letter: Letter) -> Outcome:
        return self.outcome


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    """On the day on which a review is due: looked after, and everything sent."""
    with rounds(store) as made:
        channel(made, "cora")
        made.days(DAY, DUE)
        deliver(made)
        yield made


def channel(clinic: Rounds, whose: str, kind: str = "email", **more: Any) -> str:
    owner: dict[str, Any] = {"person": clinic.staff[whose].id}
    made = Channel(f"{whose}-{kind}", "main", kind, "somewhere", "", clinic.clock.now(), **owner, **more)
    clinic.clock.instant += SECOND
    with writing(clinic.store) as uow:
        uow.channels.add(made)
    return made.id


def deliver(clinic: Rounds, outside: Outside | None = None) -> None:
    carrier = outside or Outside()
    kinds = dict.fromkeys(("email", "chat"), carrier)
    deliver_due(clinic.writer, kinds, clinic.clock, lambda _: 0)


def wrong(clinic: Rounds) -> dict[str, int]:
    """Return the figures that are not as they should be."""
    with clinic.store.reading() as uow:
        found = tally(uow, "main", clinic.clock)
        assert tally(uow, "elsewhere", clinic.clock) == Tally(0, 0, 0, 0, 0, 0, 0, 0)
    assert found.sound is (not found.orphaned and not found.doubled)
    figures = asdict(found)
    return {name: figures[name] for name in list(figures)[3:] if figures[name]}


def test_what_is_looked_after_is_found_in_order(clinic: Rounds) -> None:
    reviews = len(clinic.kept(clinic.one)[1].reviews)
    with clinic.store.reading() as uow:
        assert tally(uow, "main", clinic.clock) == Tally(reviews, reviews, 0, 0, 0, 0, 0, 0)
    clinic.days(DUE, DAY + timedelta(days=100))
    deliver(clinic)
    with clinic.store.reading() as uow:
        assert tally(uow, "main", clinic.clock) == Tally(reviews, 0, 0, 0, 0, 0, 0, 0)


def test_a_review_nobody_would_be_reminded_of_is_orphaned(clinic: Rounds) -> None:
    row = replace(clinic.review(), due=DUE + timedelta(days=1), next_step=None, next_step_on=None)
    with writing(clinic.store) as uow:
        uow.reviews.save(clinic.one, "pm-ild", (row,))
    assert wrong(clinic) == {"orphaned": 1}

    with writing(clinic.store) as uow:
        uow.reviews.save(clinic.one, "pm-ild", (replace(row, step=HELD),))
    assert wrong(clinic) == {}


def test_a_reminder_that_was_never_put_on_its_way_is_orphaned(clinic: Rounds, database: Database) -> None:
    mine = [d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id]
    lost = [d for d in mine if d.notice == mine[-1].notice]
    gone = behind_its_back(
        database, "DELETE FROM dispatch_notice WHERE notice = :notice", notice=lost[0].notice
    )
    assert (gone, wrong(clinic)) == (1, {"orphaned": len(lost)})

    with writing(clinic.store) as uow:
        shut(uow, "cora-email", "removed", clinic.clock.now())
    assert wrong(clinic) == {}, "nothing can be sent on it any more"


def test_what_was_told_before_a_channel_was_opened_or_long_ago_is_not_looked_for(clinic: Rounds) -> None:
    channel(clinic, "cora", "chat")
    assert wrong(clinic) == {}


def test_what_was_lost_long_ago_is_not_told_for_ever(clinic: Rounds, database: Database) -> None:
    behind_its_back(database, "DELETE FROM dispatch_notice")
    assert wrong(clinic).keys() == {"orphaned"}
    clinic.clock.instant += RECENT + SECOND
    assert wrong(clinic).keys() == {"late"}


@pytest.mark.parametrize("whose", ["person", "patient"])
def test_a_failed_channel_need_not_hear_that_it_failed(clinic: Rounds, whose: str) -> None:
    owner: dict[str, Any] = {"person": clinic.staff["cora"].id}
    if whose == "patient":
        owner = {"patient": clinic.one, "consented": DAY}
    recipient = clinic.staff["cora"].id if whose == "person" else whose
    told = next(d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id)
    pager = Channel("pager", "main", "pager", "somewhere", "", clinic.clock.now(), **owner)
    with writing(clinic.store) as uow:
        uow.channels.add(pager)
        now = clinic.clock.now() + SECOND
        one = replace(told, kind="channel", subject="pager", recipient=recipient, created=now, notice="n")
        uow.reminders.add((one,))
    assert wrong(clinic) == ({"orphaned": 1} if whose == "person" else {}), "on her mail she hears of it"
    with writing(clinic.store) as uow:
        uow.reminders.add((replace(one, kind="review", due=DUE, step="extra"),))
    assert wrong(clinic) == {"orphaned": 3 if whose == "person" else 1}


def test_a_step_told_twice_is_doubled(clinic: Rounds) -> None:
    told = next(d for d in clinic.deliveries if d.subject == "pft")
    clinic.clock.instant += SECOND
    again = replace(told, recipient="else", created=clinic.clock.now())
    with writing(clinic.store) as uow:
        uow.reminders.add((again,))
    assert wrong(clinic) == {"doubled": 1}


def test_a_step_nobody_told_on_its_day_or_at_its_hour_is_late(clinic: Rounds) -> None:
    row = clinic.review()
    with writing(clinic.store) as uow:
        uow.reviews.save(clinic.one, "pm-ild", (replace(row, next_step_on=DUE - timedelta(days=1)),))
    assert wrong(clinic) == {"late": 1}
    with writing(clinic.store) as uow:
        uow.reviews.save(clinic.one, "pm-ild", (row,))

    clinic.obs("s1", DUE, spo2_rest=LOW)
    urgent = [a for a in clinic.kept(clinic.one)[1].actions if a.next_step]
    clinic.clock.instant += PATIENCE
    assert wrong(clinic) == {}
    clinic.clock.instant += SECOND
    assert wrong(clinic) == {"late": len(urgent)}


def test_a_message_nobody_sends_is_unsent_minutes_later(clinic: Rounds) -> None:
    clinic.at(DUE + timedelta(days=1))
    clinic.look()
    clinic.clock.instant += PATIENCE
    assert wrong(clinic) == {}
    clinic.clock.instant += SECOND
    assert wrong(clinic) == {"unsent": 1}

    deliver(clinic)
    assert wrong(clinic) == {}


def test_what_quiet_hours_hold_back_is_not_unsent(clinic: Rounds) -> None:
    channel(clinic, "dora", quiet_from=time(21), quiet_until=time(7))
    clinic.days(DUE + timedelta(days=1), DUE + timedelta(days=2))
    clinic.at(DUE + timedelta(days=3), time(23))
    clinic.look()
    deliver(clinic)
    clinic.clock.instant += timedelta(minutes=59)
    assert wrong(clinic) == {}
    with clinic.store.reading() as uow:
        assert uow.dispatches.queue("main").waiting == 1


def test_what_was_given_up_on_an_open_channel_is_undeliverable(clinic: Rounds) -> None:
    out_of_order = Outside()
    out_of_order.outcome = Outcome("failed", "http-503")
    clinic.at(DUE + timedelta(days=1))
    clinic.look()
    for pause in (*PAUSES, timedelta()):
        deliver(clinic, out_of_order)
        clinic.clock.instant += pause
    assert wrong(clinic)["undeliverable"] == 1

    with writing(clinic.store) as uow:
        shut(uow, "cora-email", "removed", clinic.clock.now())
    assert "undeliverable" not in wrong(clinic)


def test_what_falls_to_nobody_is_undeliverable_until_it_is_settled(clinic: Rounds) -> None:
    clinic.team(coordinator=None, responsible_clinician=None, clinical_lead=None)
    clinic.at(DUE + timedelta(days=1))
    clinic.look()
    to_nobody = [d for d in clinic.deliveries if d.recipient == "nobody"]
    assert wrong(clinic) == {"undeliverable": len(to_nobody)}
    assert "pft" in {d.subject for d in to_nobody}

    clinic.obs("pft-1", DUE, fvc_l={"value": Decimal("2.50"), "unit": "L"})
    others = [d for d in to_nobody if d.subject != "pft"]
    assert wrong(clinic).get("undeliverable", 0) == len(others)


def test_urgent_actions_and_options_that_fall_to_nobody_are_undeliverable_while_open(clinic: Rounds) -> None:
    clinic.team(coordinator=None, responsible_clinician=None, clinical_lead=None)
    clinic.obs("s1", DUE, spo2_rest=LOW)
    clinic.send(
        clinic.one,
        {
            "id": "o1",
            "type": "override",
            "effective": str(DUE),
            "pathway": "pm-ild",
            "to": "escalate.rapid",
            "reason": "clinical judgement",
        },
    )
    clinic.look()
    told = [d for d in clinic.deliveries if d.recipient == "nobody"]
    assert {"options", "rf.spo2"} <= {d.subject for d in told}
    assert wrong(clinic) == {"undeliverable": len(told)}

    clinic.admin("a1", "close", DUE, reason="transferred")
    assert wrong(clinic) == {}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_whether_all_was_put_on_its_way_is_asked_by_indexes(database: Database, backend: str) -> None:
    for query in NOT_PUT:
        with database.reader.connect() as connection:
            compiled = query.compile(connection)
            values = tuple(1 for _ in range(str(compiled).count("?")))
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all())
        assert "SCAN delivery" not in plan
        assert "ix_dispatch_notice_notice" in plan
