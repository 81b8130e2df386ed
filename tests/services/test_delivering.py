"""What is told goes out once on each channel, when it may; of what never arrives somebody hears."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from threading import Lock

import pytest

from engine.core.channels import Channel
from engine.core.dispatches import LEASE, PAUSES, Dispatch, Letter, Outcome, Told
from engine.core.kept import Message, MessageKind
from engine.core.people import Post
from engine.ports import Store
from engine.services.delivering import Delivered, deliver_due, shut, take
from engine.services.posting import tell
from engine.store import writers
from tests.services.beats import Beats
from tests.services.rounds import DAY, Rounds, rounds
from tests.stores.kit import writing

DUE = DAY + timedelta(days=14)
FAILED = Outcome("failed", "http-503")


@dataclass
class Outside:
    """The outside world: takes letters, and answers as told."""

    letters: list[Letter] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def carry(self, letter: Letter) -> Outcome:
        with self.lock:
            self.letters.append(letter)
            return self.answers.pop(0) if self.answers else Outcome("sent", "250")


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as made:
        yield made


@pytest.fixture
def outside() -> Outside:
    return Outside()


def channel(clinic: Rounds, whose: str, kind: str = "email", **more: object) -> Channel:
    """Open a channel of a member of staff, of the patient, or of a system."""
    owner = {"person": clinic.staff[whose].id} if whose in clinic.staff else {}
    if whose == "patient":
        owner = {"patient": clinic.one}
        more |= {"consented": DAY}
    made = Channel(f"{whose}-{kind}", "main", kind, "somewhere", "label", clinic.clock.now())
    made = replace(made, **owner, **more)  # type: ignore[arg-type]
    with writing(clinic.store) as uow:
        uow.channels.add(made)
    return made


def deliver(clinic: Rounds, outside: Outside) -> Delivered:
    kinds = ("email", "chat", "webhook")
    return deliver_due(clinic.writer, dict.fromkeys(kinds, outside), clinic.clock, lambda _: 0)


def log(clinic: Rounds, on: Channel) -> tuple[Dispatch, ...]:
    with clinic.store.reading() as uow:
        return uow.dispatches.on(on.id)


def later(clinic: Rounds, wait: timedelta) -> None:
    clinic.clock.instant += wait


def test_all_one_person_is_told_of_a_patient_at_once_is_one_message_per_channel(
    clinic: Rounds, outside: Outside
) -> None:
    channel(clinic, "cora")
    channel(clinic, "cora", "chat")
    clinic.at(DUE)
    clinic.look()
    told = [d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id]

    assert deliver(clinic, outside) == Delivered(2, 0)
    assert deliver(clinic, outside) == Delivered(0, 0)

    assert len(told) > 2
    assert len({d.notice for d in told}) == 1
    assert {letter.channel.kind for letter in outside.letters} == {"email", "chat"}
    assert {letter.told for letter in outside.letters} == {Told(len(told), urgent=False)}
    assert len({letter.id for letter in outside.letters}) == 2


def test_each_step_that_comes_is_a_message_and_none_comes_twice(clinic: Rounds, outside: Outside) -> None:
    channel(clinic, "cora")
    for _, _ in clinic.days(DAY, DUE + timedelta(days=2)):
        deliver(clinic, outside)

    notices = {d.notice for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id}
    assert len(outside.letters) == len(notices) == len({letter.id for letter in outside.letters})


def test_who_has_no_channel_finds_it_in_the_inbox_alone(clinic: Rounds, outside: Outside) -> None:
    clinic.at(DUE)
    clinic.look()
    assert clinic.deliveries
    assert deliver(clinic, outside) == Delivered(0, 0)


def test_the_night_is_quiet_but_for_what_is_urgent(clinic: Rounds, outside: Outside) -> None:
    mail, lead = (
        channel(clinic, whose, quiet_from=time(21), quiet_until=time(7)) for whose in ("cora", "lea")
    )
    clinic.at(DUE, time(23))
    clinic.look()
    assert deliver(clinic, outside) == Delivered(0, 0)
    assert [d.next_at for d in log(clinic, mail)] == [datetime.combine(DUE + timedelta(days=1), time(7), UTC)]

    clinic.at(DUE + timedelta(days=7), time(23))
    clinic.look()
    deliver(clinic, outside)

    assert [letter.told for letter in outside.letters if letter.channel == lead] == [Told(2, urgent=True)]
    assert {d.step for d in clinic.deliveries if d.recipient == clinic.staff["lea"].id} == {"critical"}


def test_what_waits_for_the_same_hour_is_one_message(clinic: Rounds, outside: Outside) -> None:
    mail = channel(clinic, "cora", digest_at=time(8))
    clinic.at(DUE, time(9))
    clinic.look()
    clinic.at(DUE + timedelta(days=1), time(7))
    clinic.look()
    assert deliver(clinic, outside) == Delivered(0, 0)

    clinic.at(DUE + timedelta(days=1), time(8))
    assert deliver(clinic, outside) == Delivered(1, 0)

    mine = [d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id]
    assert len({d.notice for d in mine}) == 2
    assert [letter.told for letter in outside.letters] == [Told(len(mine), urgent=False)]
    assert len(log(clinic, mail)) == 1


def test_what_fails_is_tried_under_the_same_id_until_it_arrives(clinic: Rounds, outside: Outside) -> None:
    mail = channel(clinic, "cora")
    outside.answers = [FAILED, Outcome("failed", "429", timedelta(hours=1)), FAILED]
    clinic.at(DUE)
    clinic.look()
    begun = clinic.clock.now()

    tried = list[timedelta]()
    while (next_at := log(clinic, mail)[0].next_at) is not None:
        clinic.clock.instant = next_at
        tried.append(next_at - begun)
        deliver(clinic, outside)
    (one,) = log(clinic, mail)

    assert [b - a for a, b in pairwise(tried)] == [
        PAUSES[0],
        timedelta(hours=1),
        PAUSES[2],
    ]
    assert len({letter.id for letter in outside.letters}) == 1
    assert (one.sent, one.attempts, one.outcome) == (clinic.clock.now(), 4, "250")
    with clinic.store.reading() as uow:
        assert [a.outcome for a in uow.dispatches.attempts(one.id)] == ["http-503", "429", "http-503", "250"]


def exhausted(clinic: Rounds, outside: Outside, on: Channel, outcome: Outcome = FAILED) -> Dispatch:
    """Try a channel's oldest dispatch until it is given up."""
    while (one := log(clinic, on)[-1]).next_at is not None:
        clinic.clock.instant = max(clinic.clock.instant, one.next_at)
        outside.answers = [outcome]
        deliver(clinic, outside)
    return one


def test_what_never_arrives_is_given_up_and_the_coordinator_hears_on_another_channel(
    clinic: Rounds, outside: Outside
) -> None:
    clinic.team(coordinator="cory")
    with writing(clinic.store) as uow:
        assert uow.teams.of(clinic.one)[-1].post == Post.COORDINATOR.value
    gone, heard = channel(clinic, "dora"), channel(clinic, "cory", "chat")
    clinic.at(DUE + timedelta(days=3))
    clinic.look()
    deliver(clinic, outside)
    outside.letters.clear()
    clinic.at(DUE + timedelta(days=4))

    with writing(clinic.store) as uow:
        (dispatch,) = uow.dispatches.on(gone.id)
        uow.dispatches.resend(dispatch.id, clinic.clock.now())
    assert exhausted(clinic, outside, gone).gave_up == clinic.clock.now()

    deliver(clinic, outside)
    tasks = [d for d in clinic.deliveries if d.kind == "channel"]
    assert [(d.subject, d.step, d.recipient) for d in tasks] == [
        (gone.id, "undeliverable", clinic.staff["cory"].id)
    ]
    assert [letter.channel for letter in outside.letters if letter.channel == heard] == [heard]
    with clinic.store.reading() as uow:
        assert [d.id for d in uow.dispatches.undeliverable("main")] == [dispatch.id]


def test_a_coordinator_whom_nothing_reaches_is_not_told_so_for_ever(clinic: Rounds, outside: Outside) -> None:
    mail, chat = channel(clinic, "cora"), channel(clinic, "cora", "chat")
    clinic.at(DUE)
    clinic.look()
    while waiting := [d.next_at for each in (mail, chat) for d in log(clinic, each) if d.next_at is not None]:
        clinic.clock.instant = max(clinic.clock.instant, min(waiting))
        outside.answers = [FAILED] * 9
        deliver(clinic, outside)

    assert {d.subject for d in clinic.deliveries if d.kind == "channel"} == {mail.id, chat.id}


def test_a_dispatch_whose_carrier_died_is_carried_again_under_the_same_id(
    clinic: Rounds, outside: Outside
) -> None:
    channel(clinic, "cora")
    clinic.at(DUE)
    clinic.look()
    (lost,) = clinic.writer.run(lambda uow: take(uow, clinic.clock.now(), 9))
    assert deliver(clinic, outside) == Delivered(0, 0)

    later(clinic, LEASE)
    assert deliver(clinic, outside) == Delivered(1, 0)
    assert [letter.id for letter in outside.letters] == [lost.letter.id]


def test_one_that_breaks_its_promise_and_one_nobody_carries_hold_up_no_other(
    clinic: Rounds, outside: Outside
) -> None:
    class Broken:
        def carry(self, letter: Letter) -> Outcome:
            raise RuntimeError(letter.id)

    mail, chat, pager = (channel(clinic, "cora", kind) for kind in ("email", "chat", "pager"))
    clinic.at(DUE)
    clinic.look()
    beats = Beats()
    done = deliver_due(clinic.writer, {"email": outside, "chat": Broken()}, clinic.clock, lambda _: 0, beats)

    assert done == Delivered(1, 2)
    assert beats.heard == 3
    assert [log(clinic, each)[0].outcome for each in (mail, chat, pager)] == ["250", "fault", "no-carrier"]


def test_a_patient_hears_on_a_channel_with_consent_and_not_after_it_is_revoked(
    clinic: Rounds, outside: Outside
) -> None:
    phone = channel(clinic, "patient", "chat", digest_at=time(8))
    clinic.days(DAY, DUE - timedelta(days=1))
    (waiting,) = log(clinic, phone)
    assert waiting.next_at is not None
    with writing(clinic.store) as uow:
        shut(uow, phone.id, "revoked", clinic.clock.now())

    later(clinic, timedelta(days=1))
    clinic.look()
    assert deliver(clinic, outside) == Delivered(0, 0)
    (given_up,) = log(clinic, phone)
    assert (given_up.outcome, given_up.next_at) == ("revoked", None)


def hear(clinic: Rounds, *kinds: MessageKind) -> None:
    now, body = clinic.clock.now(), {"patient": clinic.one, "effective": DAY}
    with writing(clinic.store) as uow:
        tell(uow, "main", [Message(f"{kind}/{now}", kind, body, now, clinic.one) for kind in kinds], now)


def test_a_webhook_gets_the_messages_it_asked_for_each_once(clinic: Rounds, outside: Outside) -> None:
    channel(clinic, "all", "webhook")
    channel(clinic, "some", "webhook", events=("step.added",))
    hear(clinic, "step.added", "reminder.due")
    hear(clinic, "step.added", "reminder.due")
    deliver(clinic, outside)

    got = sorted((letter.channel.id, letter.body) for letter in outside.letters)
    assert [whose for whose, _ in got] == ["all-webhook", "all-webhook", "some-webhook"]
    body = got[-1][1]
    assert body is not None
    sent = json.loads(body)
    assert set(sent) == {"type", "timestamp", "data"}
    assert sent["type"] == "step.added"
    assert (sent["data"]["patient"], sent["data"]["effective"]) == (clinic.one, str(DAY))
    assert sent["data"]["sequence"] > 0


@pytest.mark.parametrize(("outcome", "why"), [(FAILED, "failing"), (Outcome("gone", "http-410"), "gone")])
def test_a_webhook_that_fails_for_days_or_is_gone_is_shut(
    clinic: Rounds, outside: Outside, outcome: Outcome, why: str
) -> None:
    hook = channel(clinic, "all", "webhook")
    hear(clinic, "step.added")
    exhausted(clinic, outside, hook, outcome)
    hear(clinic, "reminder.due")

    with clinic.store.reading() as uow:
        kept = uow.channels.get(hook.id)
    assert kept is not None
    assert (kept.disabled, kept.why) == (clinic.clock.now(), why)
    outside.answers, before = [], len(outside.letters)
    assert deliver(clinic, outside) == Delivered(0, 0)
    assert len(outside.letters) == before


def test_a_receiver_that_refuses_many_at_once_is_shut_once_and_nobody_waits_for_each_other(
    clinic: Rounds, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them wants to shut the webhook and to give up the others."""
    monkeypatch.setattr(writers, "PAUSES", ())  # so that a lost race shows
    hook = channel(clinic, "all", "webhook")
    for _ in range(40):
        hear(clinic, "step.added")
        later(clinic, timedelta(seconds=1))
    outside.answers = [Outcome("gone", "http-410")] * 40

    deliver(clinic, outside)

    with clinic.store.reading() as uow:
        kept = uow.channels.get(hook.id)
    assert kept is not None
    assert kept.why == "gone"
    assert all(dispatch.gave_up is not None for dispatch in log(clinic, hook))
