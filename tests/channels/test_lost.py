"""Reminders while the mail server fails: tried for three days, told to a coordinator, never lost."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from api.channels.configured import MailServer
from api.channels.email import Email
from engine.core.channels import Channel
from engine.core.dispatches import PAUSES, Dispatch
from engine.ports import Store
from engine.services.delivering import CHANNEL, UNDELIVERABLE, deliver_due
from tests.channels.mail import Office, serving
from tests.services.rounds import DAY, Rounds, rounds
from tests.stores.kit import writing

DUE = DAY + timedelta(days=14)
REFUSING = {"RCPT": "451 come back later"}
FOR_EVER = {"RCPT": "550 no such mailbox"}
SILENT = {"DATA": "hang"}
DROPPING = {"middle": "drop"}
FAULTS = pytest.mark.parametrize(
    "answers", [REFUSING, FOR_EVER, SILENT, DROPPING], ids=["busy", "refusing", "silent", "dropping"]
)


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    """Cora, the coordinator, is told of a review by e-mail."""
    with rounds(store) as made:
        mail = Channel(
            "mail", "main", "email", "cora@example.org", "", made.clock.now(), person=made.staff["cora"].id
        )
        with writing(store) as uow:
            uow.channels.add(mail)
        made.at(DUE)
        made.look()
        yield made


def deliver(clinic: Rounds, port: int) -> None:
    server = MailServer("127.0.0.1", port, "careway@example.org", "none")
    carrier = Email(server, "https://careway.example.org", clinic.clock, patience=1)
    deliver_due(clinic.writer, {"email": carrier}, clinic.clock, lambda _: 0)


def one(clinic: Rounds) -> Dispatch:
    with clinic.store.reading() as uow:
        (found,) = uow.dispatches.on("mail")
    return found


def taken(office: Office) -> list[str]:
    return [str(message["Message-ID"]) for message in office.taken]


@FAULTS
def test_what_failed_arrives_once_the_server_takes_mail_again(
    clinic: Rounds, answers: dict[str, str]
) -> None:
    with serving(dict(answers)) as (office, port):
        deliver(clinic, port)
        waiting = one(clinic)
        assert waiting.sent is waiting.gave_up is None
        assert waiting.next_at == clinic.clock.now() + PAUSES[0]
        office.let_go.set()
        office.answers.clear()
        assert taken(office) == []

        deliver(clinic, port)
        assert taken(office) == [], "not before its time"
        clinic.clock.instant += PAUSES[0]
        deliver(clinic, port)

        assert len(taken(office)) == 1
        assert one(clinic).sent == clinic.clock.now()


@FAULTS
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_never_arrives_is_given_up_after_three_days_and_a_coordinator_has_a_task(
    clinic: Rounds, answers: dict[str, str]
) -> None:
    clinic.team(coordinator="cory")
    told = [d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id]
    tried = []
    with serving(dict(answers)) as (office, port):
        while (next_at := one(clinic).next_at) is not None:
            clinic.clock.instant = next_at
            tried.append(next_at)
            deliver(clinic, port)
        assert taken(office) == []

    assert tuple(later - before for before, later in pairwise(tried)) >= PAUSES
    assert one(clinic).gave_up is not None
    assert [d for d in clinic.deliveries if d.recipient == clinic.staff["cora"].id] == told
    task = next(d for d in clinic.deliveries if d.kind == CHANNEL)
    assert (task.subject, task.step, task.recipient) == ("mail", UNDELIVERABLE, clinic.staff["cory"].id)
    with clinic.store.reading() as uow:
        assert [d.id for d in uow.dispatches.undeliverable("main")] == [one(clinic).id]


def test_what_was_sent_and_not_noted_comes_again_under_the_same_id(clinic: Rounds) -> None:
    """As when a process is killed between the two."""
    with serving() as (office, port):
        with clinic.store.writing() as uow:  # the process that sends, and dies before it can tell
            (lost,) = uow.dispatches.claim(clinic.clock.now(), 1)
            uow.commit()
        assert one(clinic).attempts == lost.attempts == 1
        deliver(clinic, port)
        assert taken(office) == []
        assert lost.next_at is not None
        clinic.clock.instant = lost.next_at
        deliver(clinic, port)
        first = taken(office)

        with writing(clinic.store) as uow:
            uow.dispatches.resend(lost.id, clinic.clock.now())
        deliver(clinic, port)

    assert len(first) == 1
    assert taken(office) == first * 2
