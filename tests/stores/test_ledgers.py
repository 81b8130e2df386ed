"""The outbox, the audit chains, and what seldom changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.kept import AuditEntry, Author, Message
from engine.core.people import Credential
from engine.core.sealing import broken_at
from engine.errors import NotFound, StoreFault
from engine.ports import Store
from tests.stores.kit import NOW, PATIENT, SITE, furnish, writing

MESSAGE = Message(
    "moved:1", "step.added", {"pathway": "pm-ild", "step": 1, "to": ("a", "b")}, NOW, PATIENT.id
)
CREDENTIAL = Credential("c1", "ab" * 32, "clinician", "north", "ward 3", NOW)
ENTRY = AuditEntry(NOW, Author("clinician", "c1"), "record", {"events": ("a", "b"), "through": 2})


@pytest.fixture(autouse=True)
def furnished(store: Store) -> None:
    furnish(store)


def test_a_message_with_a_known_key_is_not_kept_again(store: Store) -> None:
    with writing(store) as uow:
        uow.outbox.add([MESSAGE, replace(MESSAGE, key="moved:2", patient=None)])
        uow.outbox.add([replace(MESSAGE, kind="reminder.due")])

    with store.reading() as uow:
        kept = uow.outbox.get("moved:1")
        assert kept == replace(MESSAGE, sequence=1)
        assert uow.outbox.get("moved:3") is None


def test_a_message_vanishes_with_the_change_it_tells_of(store: Store) -> None:
    with store.writing() as uow:
        uow.outbox.add([MESSAGE])

    with store.reading() as uow:
        assert uow.outbox.get("moved:1") is None


def test_audit_entries_are_chained_per_patient(store: Store) -> None:
    with writing(store) as uow:
        uow.credentials.add(CREDENTIAL)
        uow.audit.append(PATIENT.id, ENTRY)
        second = uow.audit.append(PATIENT.id, replace(ENTRY, act="decide", author=Author("clinician")))
        uow.audit.append("credentials", ENTRY)

    with store.reading() as uow:
        chain = uow.audit.chain(PATIENT.id)
        assert [link.number for link in chain] == [1, 2]
        assert chain[1] == second
        assert chain[1].previous_hash == chain[0].hash
        assert [link.previous_hash for link in uow.audit.chain("credentials")] == [""]
        assert uow.audit.chain("nobody") == ()


def test_a_change_anywhere_in_a_chain_is_found(store: Store) -> None:
    with writing(store) as uow:
        uow.credentials.add(CREDENTIAL)
        chain = tuple(uow.audit.append(PATIENT.id, replace(ENTRY, act=f"act {n}")) for n in range(4))
    with store.reading() as uow:
        chain = uow.audit.chain(PATIENT.id)

    assert broken_at(chain) is None
    assert broken_at(()) is None
    assert broken_at(chain[1:]) == 1
    assert broken_at((*chain[:1], *chain[2:])) == 2
    for n, link in enumerate(chain):
        for changed in (
            replace(link, entry=replace(link.entry, author=Author("admin", "c1"))),
            replace(link, entry=replace(link.entry, instant=NOW + timedelta(microseconds=1))),
            replace(link, entry=replace(link.entry, body={})),
            replace(link, hash="0" * 64),
        ):
            assert broken_at((*chain[:n], changed, *chain[n + 1 :])) == n + 1


def test_a_credential_is_found_by_the_hash_of_its_secret(store: Store) -> None:
    newer = replace(CREDENTIAL, id="c0", secret_hash="cd" * 32, created=NOW + timedelta(seconds=1))
    with writing(store) as uow:
        uow.credentials.add(newer)
        uow.credentials.add(CREDENTIAL)

    with store.reading() as uow:
        assert uow.credentials.by_secret("ab" * 32) == CREDENTIAL
        assert uow.credentials.by_secret("00" * 32) is None
        assert uow.credentials.all() == (CREDENTIAL, newer)


def test_a_credential_is_revoked_once_and_stays(store: Store) -> None:
    with writing(store) as uow:
        uow.credentials.add(CREDENTIAL)
        uow.credentials.revoke("c1", NOW)
        uow.credentials.revoke("c1", NOW + timedelta(days=1))
        with pytest.raises(NotFound):
            uow.credentials.revoke("c2", NOW)

    with store.reading() as uow:
        assert uow.credentials.by_secret("ab" * 32) == replace(CREDENTIAL, revoked=NOW)


def test_one_secret_opens_one_credential(store: Store) -> None:
    with writing(store) as uow:
        uow.credentials.add(CREDENTIAL)

    with pytest.raises(StoreFault) as refused, store.writing() as uow:
        uow.credentials.add(replace(CREDENTIAL, id="c2"))

    assert CREDENTIAL.secret_hash not in str(refused.value)


def test_sites_and_settings(store: Store) -> None:
    with writing(store) as uow:
        assert uow.settings.get("demo.loaded_on") is None
        uow.settings.put("demo.loaded_on", "2026-01-12")
        uow.settings.put("demo.loaded_on", "2026-01-13")

    with store.reading() as uow:
        assert uow.settings.get("demo.loaded_on") == "2026-01-13"
        assert uow.sites.get("north") == SITE
        assert uow.sites.get("south") is None


def test_a_setting_is_swapped_only_while_it_is_what_was_seen(store: Store) -> None:
    def swap(seen: str | None, value: str | None) -> bool:
        with writing(store) as uow:
            return uow.settings.swap("a", seen, value)

    assert [swap("x", "y"), swap(None, None), swap(None, "x"), swap(None, "y")] == [False, False, True, False]
    assert [swap("y", "z"), swap("x", "y"), swap("x", None), swap("y", None)] == [False, True, False, True]
    with writing(store) as uow:
        assert uow.settings.get("a") is None
        uow.settings.put("a_b", "1")
        uow.settings.put("a%b", "2")
        uow.settings.put("b", "3")
        assert uow.settings.beginning("a") == {"a%b": "2", "a_b": "1"}
        assert uow.settings.beginning("a_") == {"a_b": "1"}
