"""The operator hears once that something stalled and once that it is over, whoever watches, whatever dies."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from engine.core.channels import WEBHOOK, Channel
from engine.core.dispatches import Dispatch
from engine.core.stalls import LONG, RECENT, TURN, Stall
from engine.core.ticks import patience
from engine.ports import Store
from engine.services.delivering import shut
from engine.services.ticks import note_tick
from engine.services.watching import PREFIX, watch
from engine.store.database import open_database
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.services.rounds import Rounds, rounds
from tests.stores.kit import writing

EVERY = {"deliver": 5, "write reminders": 60}
SECOND = timedelta(seconds=1)


class Operator:
    """Hears what is told, unless out of reach."""

    def __init__(self) -> None:
        self.heard = list[Stall]()
        self.reached = True

    def tell(self, stall: Stall) -> bool:
        self.heard.append(stall)
        return self.reached

    def news(self) -> list[tuple[str, bool]]:
        """What was told since the last time this was asked."""
        told = [(stall.key, stall.over) for stall in self.heard]
        self.heard.clear()
        return told


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as made:
        yield made


@pytest.fixture
def operator() -> Operator:
    return Operator()


def look(clinic: Rounds, operator: Operator, begun: datetime | None = None) -> list[tuple[str, bool]]:
    start = begun or clinic.clock.now() - timedelta(days=1)
    watch(clinic.store, clinic.writer, clinic.clock, EVERY, start, operator.tell)
    return operator.news()


def waiting(clinic: Rounds) -> Dispatch:
    """Put something on its way that may be tried now."""
    now = clinic.clock.now()
    person = clinic.staff["cora"].id
    one = Dispatch("d1", "mail", "notice/n1", now, urgent=False, next_at=now)
    with writing(clinic.store) as uow:
        uow.channels.add(Channel("mail", "main", "email", "somewhere", "", now, person=person))
        uow.dispatches.add(one)
    return one


def settings(clinic: Rounds) -> dict[str, str]:
    with clinic.store.reading() as uow:
        return uow.settings.beginning(PREFIX)


def test_delivery_that_stalls_is_told_once_and_once_that_it_goes_on(
    clinic: Rounds, operator: Operator
) -> None:
    one = waiting(clinic)
    clinic.clock.instant += LONG
    assert look(clinic, operator) == []
    clinic.clock.instant += SECOND
    assert look(clinic, operator) == [("delivery/", False)]
    for _ in range(3):
        clinic.clock.instant += TURN
        assert look(clinic, operator) == []

    with writing(clinic.store) as uow:
        uow.dispatches.cancel(one.channel, clinic.clock.now(), "removed")
    assert look(clinic, operator) == [("delivery/", True)]
    assert look(clinic, operator) == []
    assert settings(clinic) == {}


def test_a_job_that_no_longer_comes_on_is_told_by_another_process(clinic: Rounds, operator: Operator) -> None:
    begun = clinic.clock.now()
    with writing(clinic.store) as uow:
        note_tick(uow, "deliver", begun - timedelta(days=1))
    clinic.clock.instant += patience(5)
    assert look(clinic, operator, begun) == [], "whoever just began gives the others time"
    clinic.clock.instant += SECOND
    assert look(clinic, operator, begun) == [("job/deliver", False)]

    with writing(clinic.store) as uow:
        note_tick(uow, "deliver", clinic.clock.now())
    assert look(clinic, operator, begun) == [("job/deliver", True)]
    assert settings(clinic) == {}


def test_what_the_operator_did_not_hear_is_told_again(clinic: Rounds, operator: Operator) -> None:
    waiting(clinic)
    operator.reached = False
    clinic.clock.instant += LONG + SECOND
    assert look(clinic, operator) == [("delivery/", False)]
    assert look(clinic, operator) == [], "somebody has a turn at it"
    clinic.clock.instant += TURN
    assert look(clinic, operator) == [("delivery/", False)]

    operator.reached = True
    clinic.clock.instant += TURN
    assert look(clinic, operator) == [("delivery/", False)]
    clinic.clock.instant += TURN
    assert look(clinic, operator) == []


def test_what_was_over_before_the_operator_heard_of_it_is_not_told(
    clinic: Rounds, operator: Operator
) -> None:
    one = waiting(clinic)
    operator.reached = False
    clinic.clock.instant += LONG + SECOND
    assert look(clinic, operator) == [("delivery/", False)]
    with writing(clinic.store) as uow:
        uow.dispatches.cancel(one.channel, clinic.clock.now(), "removed")
    clinic.clock.instant += TURN
    assert look(clinic, operator) == []
    assert settings(clinic) == {}


def test_one_that_dies_while_telling_leaves_it_to_the_next(clinic: Rounds, operator: Operator) -> None:
    class Killed(BaseException):
        pass

    def die(stall: Stall) -> bool:
        raise Killed

    waiting(clinic)
    clinic.clock.instant += LONG + SECOND
    with pytest.raises(Killed):
        watch(clinic.store, clinic.writer, clinic.clock, EVERY, clinic.clock.now(), die)
    assert look(clinic, operator) == []
    clinic.clock.instant += TURN
    assert look(clinic, operator) == [("delivery/", False)]


def test_many_that_watch_at_once_tell_it_once(clinic: Rounds, operator: Operator, url: str) -> None:
    """Each with a database and a writer of its own, as processes have them."""
    waiting(clinic)
    clinic.clock.instant += LONG + SECOND
    together = Barrier(3)

    def work(_: int) -> None:
        with closing(open_database(url)) as database:
            store = SqlStore(database)
            with closing(writer_for(store)) as writer:
                together.wait(30)
                watch(store, writer, clinic.clock, EVERY, clinic.clock.now(), operator.tell)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert operator.news() == [("delivery/", False)]


@pytest.mark.parametrize(("why", "told"), [("failing", True), ("gone", True), ("removed", False)])
def test_a_webhook_that_was_shut_by_itself_is_told_once(
    clinic: Rounds, operator: Operator, why: str, told: bool
) -> None:
    with writing(clinic.store) as uow:
        uow.channels.add(Channel("hook", "main", WEBHOOK, "https://example.org", "", clinic.clock.now()))
    assert look(clinic, operator) == []
    with writing(clinic.store) as uow:
        shut(uow, "hook", why, clinic.clock.now())
    assert look(clinic, operator) == ([("webhook/hook", False)] if told else [])
    for wait in (TURN, RECENT, TURN):
        clinic.clock.instant += wait
        assert look(clinic, operator) == []
    assert settings(clinic) == {}
