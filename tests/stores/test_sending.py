"""What is on its way: taken by one at a time, settled by who has it, and never twice the same."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from engine.core.channels import Calendar, Channel
from engine.core.dispatches import LEASE, Attempt, Dispatch, Queue, key_of
from engine.core.kept import Message
from engine.core.people import Person
from engine.core.reminders import Delivery
from engine.errors import NotFound, StoreFault
from engine.ports import Store
from engine.store.database import Database
from engine.store.unit_of_work import SqlStore
from tests.stores.kit import NOW, PATHWAY, PATIENT, SITE, TODAY, enrol, writing

ANNA = Person("p1", "anna", "Anna Alder", NOW)
MAIL = Channel("c1", SITE.id, "email", "anna@example.org", "work", NOW, person="p1")
CHAT = Channel(
    "c2",
    SITE.id,
    "chat",
    "@anna",
    "chat “2”",
    NOW + timedelta(seconds=1),
    person="p1",
    time_zone="Asia/Tokyo",
    quiet_from=time(21, 30),
    quiet_until=time(7),
    digest_at=time(8, 15),
)
HOOK = Channel(
    "c3", SITE.id, "webhook", "https://example.org/in", "hook", NOW, events=("step.added",), secret=2
)
PHONE = Channel("c4", SITE.id, "sms", "+491", "phone", NOW, patient=PATIENT.id, consented=TODAY)
TOLD = Delivery(PATIENT.id, PATHWAY, "review", "pft", TODAY, "due", "p1", NOW, "n1")
ALSO = replace(TOLD, subject="clinical", notice="n2")


def on(channel: Channel, about: str, **more: object) -> Dispatch:
    made = Dispatch(key_of(channel.id, about), channel.id, about, NOW, urgent=False, next_at=NOW)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def reachable(store: Store) -> None:
    enrol(store)
    with writing(store) as uow:
        uow.people.add(ANNA)
        for channel in (MAIL, CHAT, HOOK, PHONE):
            uow.channels.add(channel)
        uow.reminders.add((TOLD, ALSO))


def put(store: Store, *dispatches: Dispatch) -> None:
    with writing(store) as uow:
        for each in dispatches:
            uow.dispatches.add(each)


def get(store: Store, dispatch: Dispatch) -> Dispatch:
    with store.reading() as uow:
        found = uow.dispatches.get(dispatch.id)
    assert found is not None
    return found


def test_channels_come_back_whole_by_whose_they_are(store: Store) -> None:
    with store.reading() as uow:
        assert uow.channels.of_person("p1") == uow.channels.open_of_person("p1") == (MAIL, CHAT)
        assert uow.channels.of_patient(PATIENT.id) == uow.channels.open_of_patient(PATIENT.id) == (PHONE,)
        assert uow.channels.webhooks(SITE.id) == uow.channels.open_webhooks(SITE.id) == (HOOK,)
        assert uow.channels.open_webhooks("elsewhere") == ()
        assert uow.channels.get("c9") is None


def test_a_shut_channel_is_still_there_but_not_open(store: Store) -> None:
    with writing(store) as uow:
        assert uow.channels.hold("c2") == CHAT
        uow.channels.save(replace(CHAT, disabled=NOW, why="removed"))
        with pytest.raises(NotFound):
            uow.channels.save(replace(CHAT, id="c9"))

    with store.reading() as uow:
        assert uow.channels.open_of_person("p1") == (MAIL,)
        assert [channel.why for channel in uow.channels.of_person("p1")] == [None, "removed"]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PHONE, id="x", consented=None),
        replace(MAIL, id="x", consented=date(2026, 1, 1)),
        replace(MAIL, id="x", patient=PATIENT.id, consented=TODAY),
        replace(HOOK, id="x", person="p1"),
        replace(MAIL, id="x", person=None),
        replace(MAIL, id="x", quiet_from=time(22)),
    ],
    ids=["no consent", "consent of nobody", "of two", "somebody's webhook", "nobody's mail", "half quiet"],
)
def test_a_channel_is_whose_it_says_and_a_patients_only_with_consent(store: Store, wrong: Channel) -> None:
    with pytest.raises(StoreFault, match=r"ck_channel|CONSTRAINT"), writing(store) as uow:
        uow.channels.add(wrong)


def test_what_may_be_tried_is_taken_longest_waiting_first_and_once(store: Store) -> None:
    old = on(MAIL, "notice/old", next_at=NOW - timedelta(hours=1))
    later = on(MAIL, "notice/later", next_at=NOW + timedelta(seconds=1))
    put(store, on(MAIL, "notice/new"), old, later, old)

    with writing(store) as uow:
        first = uow.dispatches.claim(NOW, 1)
        rest = uow.dispatches.claim(NOW, 10)
    with writing(store) as uow:
        assert uow.dispatches.claim(NOW, 10) == ()

    assert [each.about for each in (*first, *rest)] == ["notice/old", "notice/new"]
    assert first == (replace(old, attempts=1, next_at=NOW + LEASE),)


def test_who_dies_loses_what_was_taken_to_the_next_who_looks(store: Store) -> None:
    put(store, on(MAIL, "notice/1"))
    with writing(store) as uow:
        (mine,) = uow.dispatches.claim(NOW, 1)
    with writing(store) as uow:
        assert uow.dispatches.claim(NOW + LEASE - timedelta(microseconds=1), 1) == ()
        (theirs,) = uow.dispatches.claim(NOW + LEASE, 1)
    assert theirs.id == mine.id

    late, true = replace(mine, sent=NOW, next_at=None), replace(theirs, sent=NOW, next_at=None)
    with writing(store) as uow:
        assert not uow.dispatches.settle(late, Attempt(mine.id, 1, NOW, "250"))
        assert uow.dispatches.settle(true, Attempt(mine.id, 2, NOW, "250"))
        assert not uow.dispatches.settle(true, Attempt(mine.id, 2, NOW, "250"))

    assert get(store, mine) == replace(true, outcome="250")
    with store.reading() as uow:
        assert uow.dispatches.attempts(mine.id) == (Attempt(mine.id, 2, NOW, "250"),)


def test_many_who_take_at_once_share_what_there_is(store: Store) -> None:
    put(store, *(on(MAIL, f"notice/{number}") for number in range(60)))

    def worker(_: int) -> list[str]:
        mine = list[str]()
        while True:
            with writing(store) as uow:
                taken = uow.dispatches.claim(NOW, 7)
            if not taken:
                return mine
            mine += [each.id for each in taken]

    with ThreadPoolExecutor(6) as pool:
        taken = [each for mine in pool.map(worker, range(6)) for each in mine]

    assert len(taken) == len(set(taken)) == 60


def test_shutting_gives_up_what_waits_and_nothing_else(store: Store) -> None:
    waiting, sent, other = on(MAIL, "notice/1"), on(MAIL, "notice/2"), on(CHAT, "notice/1")
    put(store, waiting, sent, other)
    with writing(store) as uow:
        taken = next(each for each in uow.dispatches.claim(NOW, 9) if each.about == "notice/2")
        uow.dispatches.settle(replace(taken, sent=NOW, next_at=None), Attempt(taken.id, 1, NOW, "250"))
        assert uow.dispatches.cancel(MAIL.id, NOW, "removed") == 1

    assert (get(store, waiting).gave_up, get(store, waiting).outcome) == (NOW, "removed")
    assert get(store, sent).sent == NOW
    assert get(store, other).next_at is not None


def test_what_was_given_up_can_be_tried_again(store: Store) -> None:
    put(store, on(MAIL, "notice/1", next_at=None, gave_up=NOW, outcome="timeout", attempts=10))
    one, later = on(MAIL, "notice/1"), NOW + timedelta(days=1)
    with store.reading() as uow:
        assert [each.id for each in uow.dispatches.undeliverable(SITE.id)] == [one.id]
        assert uow.dispatches.undeliverable("elsewhere") == ()
    with writing(store) as uow:
        assert uow.dispatches.resend(one.id, later)
        assert not uow.dispatches.resend(one.id, later)
        assert uow.dispatches.claim(later, 9)[0].attempts == 11
    with store.reading() as uow:
        assert uow.dispatches.undeliverable(SITE.id) == ()


def test_a_dispatch_knows_what_it_tells_of(store: Store) -> None:
    digest = on(CHAT, "digest/1")
    with writing(store) as uow:
        uow.dispatches.add(digest, ("n1",))
        uow.dispatches.add(digest, ("n2",))
        uow.dispatches.add(digest, ("n2",))
    with store.reading() as uow:
        assert set(uow.dispatches.deliveries(digest.id)) == {TOLD, ALSO}


def test_the_log_of_a_channel_is_newest_first_and_goes_on(store: Store) -> None:
    made = [on(MAIL, f"notice/{n}", created=NOW + timedelta(seconds=n // 2)) for n in range(5)]
    put(store, *made)
    wanted = sorted(made, key=lambda each: (each.created, each.id), reverse=True)
    with store.reading() as uow:
        page = uow.dispatches.on(MAIL.id, limit=2)
        rest = uow.dispatches.on(MAIL.id, before=(page[-1].created, page[-1].id), limit=9)
    assert [*page, *rest] == wanted


def test_the_queue_counts_what_waits_and_what_failed_by_itself(store: Store) -> None:
    put(
        store,
        on(MAIL, "notice/1", next_at=NOW + timedelta(hours=1)),
        on(MAIL, "notice/2"),
        on(MAIL, "notice/3", next_at=None, gave_up=NOW, outcome="timeout"),
        on(CHAT, "notice/4", next_at=None, gave_up=NOW, outcome="removed"),
    )
    with writing(store) as uow:
        uow.channels.save(replace(CHAT, disabled=NOW, why="removed"))
    with store.reading() as uow:
        assert uow.dispatches.queue(SITE.id) == uow.dispatches.queue() == Queue(2, NOW, 1)
        assert uow.dispatches.queue("elsewhere") == Queue(0, None, 0)


def test_messages_of_a_patient_are_numbered_without_a_gap(store: Store) -> None:
    def message(key: str, patient: str | None = PATIENT.id) -> Message:
        return Message(key, "step.added", {}, NOW, patient)

    with writing(store) as uow:
        assert [m.sequence for m in uow.outbox.add([message("a"), message("b"), message("a")])] == [1, 2]
        assert [m.sequence for m in uow.outbox.add([message("b"), message("c"), message("d", None)])] == [
            3,
            None,
        ]


@pytest.mark.parametrize("change", ["UPDATE attempt SET outcome = 'x'", "DELETE FROM attempt"])
def test_the_log_is_only_added_to(store: Store, database: Database, change: str) -> None:
    put(store, on(MAIL, "notice/1"))
    with writing(store) as uow:
        (taken,) = uow.dispatches.claim(NOW, 1)
        uow.dispatches.settle(replace(taken, sent=NOW, next_at=None), Attempt(taken.id, 1, NOW, "250"))
    with pytest.raises(DBAPIError, match="append-only"), database.writer.begin() as connection:
        connection.exec_driver_sql(change)


def test_a_calendar_feed_is_found_by_its_secret_and_revoked_once(store: SqlStore) -> None:
    feed = Calendar("f1", "p1", SITE.id, "ab" * 32, NOW)
    with writing(store) as uow:
        uow.calendars.add(feed)
        assert uow.calendars.by_secret("ab" * 32) == feed
        assert uow.calendars.by_secret("cd" * 32) is None
        assert uow.calendars.revoke("f1", NOW)
        assert not uow.calendars.revoke("f1", NOW)
        assert uow.calendars.of("p1") == (replace(feed, revoked=NOW),)
