"""Signing in while others do: every attempt counts, and nobody who was shut out comes back by accident."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.core.people import Membership, Person, Role
from engine.errors import InvitationUnusable, SignInTooOften
from engine.ports import Store, UnitOfWork
from engine.services.access import OPERATOR
from engine.services.links import link
from engine.services.people import change_person
from engine.services.signing_in import FREE_FAILURES, accept, attempt, invite, sign_in
from tests.services.clinic import Counted
from tests.stores.kit import NOW, SITE, furnish, writing

MAY = Person("p-may", "may", "May Brook", NOW, "$kept$", failures=1, failed=NOW)
PATIENCE = 30


@pytest.fixture(autouse=True)
def may(store: Store) -> None:
    furnish(store)
    with writing(store) as uow:
        uow.people.add(MAY)
        uow.people.grant(Membership(MAY.id, SITE.id, Role.COORDINATOR))


def now_kept(store: Store) -> Person:
    with store.reading() as uow:
        found = uow.people.get(MAY.id)
    assert found is not None
    return found


def test_guesses_made_at_once_are_counted_one_by_one(store: Store) -> None:
    def guess(_: int) -> bool:
        try:
            with writing(store) as uow:
                attempt(uow, "may", NOW)
        except SignInTooOften:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        went = list(pool.map(guess, range(40)))

    assert sum(went) == FREE_FAILURES - MAY.failures
    assert now_kept(store).failures == FREE_FAILURES


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param(lambda uow: attempt(uow, "may", NOW), id="an attempt"),
        pytest.param(lambda uow: sign_in(uow, MAY.id, now=NOW, randomness=Counted()), id="signing in"),
        pytest.param(lambda uow: change_person(uow, MAY, name="May", by=OPERATOR, now=NOW), id="a new name"),
        pytest.param(lambda uow: link(uow, MAY, "https://idp", "1", by=OPERATOR, now=NOW), id="a link"),
    ],
)
def test_what_runs_beside_shutting_somebody_out_does_not_let_them_in_again(
    store: Store, beside: Callable[[UnitOfWork], object]
) -> None:
    shut, done = threading.Event(), threading.Event()

    def disable() -> None:
        with writing(store) as uow:
            change_person(uow, MAY, disabled=True, by=OPERATOR, now=NOW)
            shut.set()
            done.wait(0.3)  # the other one begins meanwhile, and either waits or has read the old row

    def other() -> None:
        assert shut.wait(PATIENCE)
        try:
            with writing(store) as uow:
                beside(uow)
        finally:
            done.set()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(disable), pool.submit(other)
        first.result(PATIENCE)
        second.exception(PATIENCE)  # signing in is refused, once the other is seen

    assert now_kept(store).disabled == NOW


def test_of_two_who_use_an_invitation_at_once_one_chooses_the_password(store: Store) -> None:
    with writing(store) as uow:
        secret = invite(uow, MAY.id, by=OPERATOR, now=NOW, randomness=Counted())
    together = threading.Barrier(2, timeout=PATIENCE)

    def choose(kept: str) -> str | None:
        together.wait()
        try:
            with writing(store) as uow:
                accept(uow, secret, kept, NOW)
        except InvitationUnusable:
            return None
        return kept

    with ThreadPoolExecutor(2) as pool:
        chosen = [kept for kept in pool.map(choose, ("$one$", "$two$")) if kept is not None]

    assert chosen == [now_kept(store).password_hash]
