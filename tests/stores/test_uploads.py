"""Uploads in the database: taken by one process at a time, gone on with after its lease, told in order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.uploads import LEASE, RowProblem, Upload
from engine.ports import Store, UnitOfWork
from tests.stores.kit import NOW, SITE, furnish, writing

TICK = timedelta(microseconds=1)
UPLOAD = Upload("u1", SITE.id, "register", "clinic", ",", True, "integrator", "t1", None, NOW)
WAITING = replace(UPLOAD, status="waiting", next_at=NOW)


@pytest.fixture
def furnished(store: Store) -> Store:
    return furnish(store)


@pytest.fixture
def uow(furnished: Store) -> Iterator[UnitOfWork]:
    with furnished.writing() as opened:
        yield opened


def test_an_upload_comes_back_whole_before_and_after_it_changes(uow: UnitOfWork) -> None:
    done = replace(
        UPLOAD,
        status="refused",
        attempts=2,
        rows=9,
        patients=3,
        accepted=4,
        duplicate=1,
        quarantined=2,
        refused=2,
        finished=NOW + TICK,
        why="ü",
    )
    uow.uploads.add(UPLOAD)
    assert uow.uploads.get("u1") == uow.uploads.hold("u1") == UPLOAD
    uow.uploads.save(done)
    assert uow.uploads.get("u1") == done
    assert uow.uploads.get("u2") is uow.uploads.hold("u2") is None


def test_the_one_that_waits_longest_is_taken_and_again_at_the_end_of_its_lease(uow: UnitOfWork) -> None:
    uow.uploads.add(replace(WAITING, id="u3", next_at=NOW + TICK))
    uow.uploads.add(WAITING)
    uow.uploads.add(replace(UPLOAD, id="u0"))
    uow.uploads.add(replace(UPLOAD, id="u9", status="done", finished=NOW))
    assert uow.uploads.claim(NOW - TICK) is None
    now = NOW + TICK

    taken = [uow.uploads.claim(now), uow.uploads.claim(now), uow.uploads.claim(now)]

    running = replace(WAITING, status="running", attempts=1, next_at=now + LEASE)
    assert taken == [running, replace(running, id="u3"), None]
    assert uow.uploads.claim(now + LEASE - TICK) is None
    assert uow.uploads.claim(now + LEASE) == replace(running, attempts=2, next_at=now + LEASE + LEASE)


def test_several_who_ask_at_once_take_different_ones(furnished: Store) -> None:
    ids = {f"u{number}" for number in range(8)}
    with writing(furnished) as uow:
        for each in ids:
            uow.uploads.add(replace(WAITING, id=each))

    def taken(_: int) -> str:
        with writing(furnished) as uow:
            found = uow.uploads.claim(NOW)
        assert found is not None
        return found.id

    with ThreadPoolExecutor(4) as hands:
        assert sorted(hands.map(taken, range(8))) == sorted(ids)


def test_who_takes_one_passes_over_what_somebody_is_just_taking(furnished: Store, backend: str) -> None:
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time, so nobody is ever just taking one")
    with writing(furnished) as uow:
        uow.uploads.add(WAITING)
    with writing(furnished) as first, writing(furnished) as second:
        assert first.uploads.claim(NOW) is not None
        assert second.uploads.claim(NOW) is None


def test_the_parts_come_in_order_and_go_together(uow: UnitOfWork) -> None:
    uow.uploads.add(UPLOAD)
    uow.uploads.add(replace(UPLOAD, id="u2"))
    contents = (bytes(range(256)), b"")
    for number, content in enumerate(contents):
        uow.uploads.put_part("u1", number, content)
    uow.uploads.put_part("u2", 0, b"else")
    assert tuple(uow.uploads.part("u1", number) for number in range(3)) == (*contents, None)

    uow.uploads.drop_parts("u1")

    assert uow.uploads.part("u1", 0) is None
    assert uow.uploads.part("u2", 0) == b"else"


def test_what_never_arrived_is_forgotten_and_nothing_else(uow: UnitOfWork) -> None:
    new = replace(UPLOAD, id="u2", created=NOW + TICK)
    for each in (UPLOAD, new, replace(WAITING, id="u3")):
        uow.uploads.add(each)
        uow.uploads.put_part(each.id, 0, b"x")

    uow.uploads.forget(NOW)

    assert [uow.uploads.part(each, 0) for each in ("u1", "u2", "u3")] == [None, b"x", b"x"]
    assert uow.uploads.get("u1") is None
    uow.uploads.forget(NOW + TICK, "u3")
    assert uow.uploads.get("u2") == new
    uow.uploads.forget(NOW + TICK, "u2")
    assert uow.uploads.get("u2") is None


def test_those_of_a_site_come_newest_first_and_page_by_page(uow: UnitOfWork) -> None:
    uow.sites.add(replace(SITE, id="south"))
    for number, later in enumerate((0, 0, 1)):
        uow.uploads.add(replace(WAITING, id=f"u{number}", created=NOW + later * TICK))
    uow.uploads.add(replace(UPLOAD, id="arriving"))
    uow.uploads.add(replace(WAITING, id="far", site="south"))

    found, before = list[str](), None
    while page := uow.uploads.of(SITE.id, before=before, limit=2):
        found += [each.id for each in page]
        before = (page[-1].created, page[-1].id)

    assert found == ["u2", "u1", "u0"]


def test_problems_come_in_the_order_of_rows_and_are_told_once(uow: UnitOfWork) -> None:
    uow.uploads.add(UPLOAD)
    told = [RowProblem(row, place, "date", "bad-date", f"{row}") for row in (2, 10) for place in (1, 2)]
    uow.uploads.tell("u1", told[2:])
    uow.uploads.tell("u1", told[:2])
    uow.uploads.tell("u1", [better := replace(told[3], says="better")])
    uow.uploads.tell("u1", [])

    assert uow.uploads.problems("u1") == (*told[:3], better)
    assert uow.uploads.problems("u1", after=(2, 1), limit=2) == (told[1], told[2])
    assert uow.uploads.problems("u2") == ()
