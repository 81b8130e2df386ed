"""Credentials: a secret nobody can read back, recognised until it is revoked, and every act on the audit."""

import re
from datetime import timedelta

import pytest

from engine.core.kept import Author, Site
from engine.core.people import Credential, Role
from engine.core.sealing import broken_at
from engine.errors import NotFound
from engine.ports import Store
from engine.services.access import CHAIN, OPERATOR, issue, main_site, revoke
from engine.services.admission import Admission, Token, admitted
from tests.stores.kit import NOW, furnish, writing


class Counting:
    """Draws bytes that count up, so that a test knows them."""

    def __init__(self) -> None:
        self.draws = 0

    def draw(self, size: int) -> bytes:
        self.draws += 1
        return bytes([self.draws]) * size


@pytest.fixture
def chance() -> Counting:
    return Counting()


@pytest.fixture(autouse=True)
def furnished(store: Store) -> None:
    furnish(store)


def issued(
    store: Store, chance: Counting, role: Role = Role.CLINICIAN, by: Author = OPERATOR
) -> tuple[str, Credential]:
    with writing(store) as uow:
        return issue(uow, role, "north", "ward 3", by=by, now=NOW, randomness=chance)


def test_a_secret_opens_its_own_credential(store: Store, chance: Counting) -> None:
    secret, credential = issued(store, chance)
    other, _ = issued(store, chance)

    assert re.fullmatch(r"cw_[A-Za-z0-9_-]{43}", secret)
    assert secret != other
    assert (credential.role, credential.site, credential.label) == ("clinician", "north", "ward 3")
    with store.reading() as uow:
        found = admitted(uow, Token(secret), NOW)
        assert found == Admission(frozenset({Role.CLINICIAN}), "north", None, NOW, credential.id)
        for wrong in ("", "cw_", secret[:-1], secret + "=", secret.upper(), credential.secret_hash, "\udcff"):
            assert admitted(uow, Token(wrong), NOW) is None


def test_the_secret_is_drawn_from_the_port_and_kept_nowhere(store: Store, chance: Counting) -> None:
    secret, credential = issued(store, chance)

    assert secret == "cw_" + "AQEB" * 10 + "AQE"
    with store.reading() as uow:
        assert secret not in repr((uow.credentials.all(), uow.audit.chain(CHAIN)))
        assert credential.secret_hash not in repr(uow.audit.chain(CHAIN))


def test_a_revoked_secret_is_as_good_as_unknown(store: Store, chance: Counting) -> None:
    secret, credential = issued(store, chance)
    later = NOW + timedelta(hours=1)
    with writing(store) as uow:
        assert revoke(uow, credential.id, by=OPERATOR, now=later).revoked == later
        assert revoke(uow, credential.id, by=OPERATOR, now=later + timedelta(days=1)).revoked == later

    with store.reading() as uow:
        assert admitted(uow, Token(secret), later) is None
        assert [link.entry.act for link in uow.audit.chain(CHAIN)] == [
            "issue credential",
            "revoke credential",
        ]


def test_every_act_says_who_did_it_to_which_credential(store: Store, chance: Counting) -> None:
    _, admin = issued(store, chance, Role.ADMIN)
    _, second = issued(store, chance, by=Author("admin", admin.id))

    with store.reading() as uow:
        first, latest = chain = uow.audit.chain(CHAIN)
    assert broken_at(chain) is None
    assert (first.entry.author.role, first.entry.author.credential) == ("operator", None)
    assert (latest.entry.author.role, latest.entry.author.credential) == ("admin", admin.id)
    assert latest.entry.body == {"credential": second.id, "role": "clinician", "site": "north"}


def test_what_does_not_exist_is_named(store: Store, chance: Counting) -> None:
    with pytest.raises(NotFound, match="no site 'south'"), store.writing() as uow:
        issue(uow, Role.VIEWER, "south", "", by=OPERATOR, now=NOW, randomness=chance)
    with pytest.raises(NotFound, match="no credential 'c1'"), store.writing() as uow:
        revoke(uow, "c1", by=OPERATOR, now=NOW)


def test_the_main_site_is_made_once(store: Store) -> None:
    for time_zone in ("Europe/Berlin", "Asia/Tokyo"):
        with writing(store) as uow:
            assert main_site(uow, time_zone) == Site("main", "Main site", "Europe/Berlin")
