"""E-mail, before a real mail server that takes messages, refuses them, hangs and hangs up."""

import socket
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given

from api.channels.configured import mail_in
from api.channels.email import Email
from engine.core.channels import Channel
from engine.core.dispatches import Letter, Outcome, Told
from tests.certificates import certificate
from tests.channels.kit import KEY, NOW, channel, moved, names, notice, told
from tests.channels.mail import PASSWORD, dripping, serving
from tests.services.clinic import Moved

LINK = "https://careway.example"
SENDER = "careway@hospital.example"
SENT = Outcome("sent", "smtp-250")


def carrier(
    port: int, *, clock: Moved | None = None, patience: int = 10, user: str = "", rest: str = ""
) -> Email:
    scheme = "smtps" if rest == "tls" else "smtp"
    url = f"{scheme}://{user}127.0.0.1:{port}{'' if rest == 'tls' else rest}"
    return Email(mail_in(url, SENDER), LINK, clock or moved(), patience)


SENDING = carrier(0)


def test_a_message_is_plain_complete_and_says_that_nobody_wrote_it() -> None:
    with serving() as (office, port):
        outcome = carrier(port).carry(notice(channel(), 2, urgent=True))

    assert outcome == SENT
    (message,) = office.taken
    assert {name: str(value) for name, value in message.items() if name != "X-Peer"} == {
        "From": f"Careway <{SENDER}>",
        "To": "may@clinic.example",
        "Subject": "Urgent: 2 reminders for you",
        "Date": "Fri, 01 Mar 2024 09:30:00 +0000",
        "Message-ID": f"<{KEY}@hospital.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }
    assert LINK in message.get_content()
    assert office.envelopes == [(SENDER, ["may@clinic.example"], "hospital.example")]


def test_a_patient_is_asked_to_get_in_touch_and_gets_no_link() -> None:
    with serving() as (office, port):
        carrier(port).carry(notice(channel(person=None, patient="p1", consented=NOW.date())))

    assert "get in touch" in office.taken[0].get_content()
    assert "https" not in office.taken[0].as_string()


def test_another_attempt_is_known_by_its_id_and_dated_anew_on_a_line_of_its_own() -> None:
    clock = moved()
    with serving() as (office, port):
        sending = carrier(port, clock=clock)
        sending.carry(notice(channel()))
        clock.instant += timedelta(minutes=5)
        sending.carry(notice(channel()))
        sending.carry(notice(channel(), key="b" * 32))

    assert [m["Message-ID"] for m in office.taken] == [
        f"<{k}@hospital.example>" for k in (KEY, KEY, "b" * 32)
    ]
    assert [m["Date"].datetime for m in office.taken] == [NOW, clock.instant, clock.instant]
    assert office.lines == 3


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"MAIL": "451 later"}, "smtp-451"),
        ({"MAIL": "550 not you"}, "smtp-550"),
        ({"RCPT": "450 busy"}, "smtp-450"),
        ({"RCPT": "550 no such user may@clinic.example"}, "smtp-550"),
        ({"RCPT": "421 going down"}, "smtp-421"),
        ({"DATA": "452 full"}, "smtp-452"),
        ({"DATA": "554 spam"}, "smtp-554"),
        ({"MAIL": "drop"}, "dropped"),
        ({"middle": "drop"}, "dropped"),
        ({"DATA": "drop"}, "dropped"),
        ({"RCPT": "what?"}, "garbled"),
    ],
)
def test_what_is_refused_or_dropped_has_failed(answers: dict[str, str], code: str) -> None:
    with serving(answers) as (office, port):
        outcome = carrier(port).carry(notice(channel()))

    assert outcome == Outcome("failed", code)
    assert office.taken == []


@pytest.mark.parametrize("answer", ["drop", "hang", "554 no"])
def test_what_was_taken_is_sent_however_the_server_says_good_bye(answer: str) -> None:
    with serving({"QUIT": answer}) as (office, port):
        assert carrier(port).carry(notice(channel())) == SENT

    assert len(office.taken) == 1


@pytest.mark.parametrize(("command", "answer"), [("MAIL", "hang"), ("MAIL", "drip"), ("RCPT", "drip")])
def test_what_was_given_up_is_not_sent_behind_our_back(command: str, answer: str) -> None:
    with serving({command: answer}) as (office, port):
        assert carrier(port, patience=1).carry(notice(channel())) == Outcome("failed", "timeout")
        office.let_go.set()
        time.sleep(0.5)

    assert office.taken == []


def test_a_server_that_says_a_letter_now_and_then_outlasts_nobody() -> None:
    begun = time.monotonic()
    with dripping() as port:
        assert carrier(port, patience=1).carry(notice(channel())) == Outcome("failed", "timeout")

    assert time.monotonic() - begun < 5


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert carrier(port).carry(notice(channel())) == Outcome("failed", "refused")

    nowhere = Email(mail_in(f"smtp://{'x' * 64}.example", SENDER), LINK, moved())  # no name of a host
    assert nowhere.carry(notice(channel())) == Outcome("failed", "unreachable")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A certificate of this machine that is trusted here."""
    made = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", made[0])
    return made


USER = f"careway:{quote(PASSWORD, safe='')}@"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # it does not see the TLS around it
@pytest.mark.parametrize(("wrapped", "rest"), [(False, "?plain=no"), (True, "tls")])
def test_protected_and_with_a_login(trusted: tuple[str, str], *, wrapped: bool, rest: str) -> None:
    with serving(certificate=trusted, wrapped=wrapped, login=True) as (office, port):
        assert carrier(port, user=USER, rest=rest).carry(notice(channel())) == SENT
        wrong = carrier(port, user="careway:wrong@", rest=rest).carry(notice(channel()))
        assert wrong == Outcome("failed", "smtp-535")
        nobody = carrier(port, rest=rest).carry(notice(channel()))
        assert nobody == Outcome("failed", "smtp-530")

    assert len(office.taken) == 1


def test_nothing_is_said_to_a_server_that_cannot_be_trusted(tmp_path: Path) -> None:
    with serving(certificate=certificate(tmp_path, "127.0.0.1"), login=True) as (office, port):
        outcome = carrier(port, user=USER, rest="?plain=no").carry(notice(channel()))
        assert outcome == Outcome("failed", "tls")
        assert carrier(port).carry(notice(channel())) == Outcome("failed", "smtp-530")  # it demands STARTTLS
    with serving(certificate=certificate(tmp_path, "127.0.0.1"), wrapped=True) as (_, port):
        assert carrier(port, rest="tls").carry(notice(channel())) == Outcome("failed", "tls")

    assert office.taken == []


def test_a_certificate_of_another_server_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificate(tmp_path, "mail.example")
    monkeypatch.setenv("SSL_CERT_FILE", other[0])
    with serving(certificate=other) as (_, port):
        assert carrier(port, rest="?plain=no").carry(notice(channel())) == Outcome("failed", "tls")


def test_where_protection_or_a_login_is_wanted_and_not_offered_nothing_is_sent() -> None:
    with serving() as (office, port):
        for sending in (carrier(port, rest="?plain=no"), carrier(port, user="careway:secret@")):
            assert sending.carry(notice(channel())) == Outcome("failed", "unsupported")

    assert office.taken == []


@pytest.mark.parametrize(
    "address", ["may@clinic.example\r\nBcc: x@evil.example", "may", "a@b.example,c@d.example"]
)
def test_an_address_that_slipped_in_is_not_written_to(address: str) -> None:
    with serving() as (office, port):
        outcome = carrier(port).carry(notice(channel(address=address)))

    assert outcome == Outcome("failed", "address-unusable")
    assert office.lines == 0


def test_the_longest_address_arrives_as_it_is() -> None:
    address = f"{'m' * 64}@{'.'.join(['d' * 61] * 3)}.ab"
    with serving() as (office, port):
        assert carrier(port).carry(notice(channel(address=address), key="k" * 100)) == SENT

    assert office.taken[0]["To"].addresses[0].addr_spec == address
    assert office.taken[0]["Message-ID"] == f"<{'k' * 100}@hospital.example>"


@given(what=told, label=names, owner=names)
def test_no_message_depends_on_whom_it_is_for(what: Told, label: str, owner: str) -> None:
    def written(to: Channel) -> bytes:
        return SENDING._message(Letter(KEY, to, NOW, told=what)).as_bytes()

    assert written(channel(label=label, person=owner)) == written(channel())
    one, other = (channel(label=name, person=None, patient=name) for name in (owner, "x"))
    assert written(one) == written(other)
