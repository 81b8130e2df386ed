"""`careway user` and `careway site`: who works where, and which places there are."""

import json
from collections.abc import Callable

import pytest

from api.clock import SystemClock
from api.randomness import SystemRandomness
from engine.core.kept import Site
from engine.core.people import Membership
from engine.ports import Store
from engine.services.access import main_site
from engine.services.people import CHAIN
from engine.services.sessions import begin, found
from engine.services.signing_in import invited
from tests.api.running import Json, Ran, run
from tests.stores.kit import writing

ADA = ("user", "add", "Ada.Elm", "--name", "Ada Elm", "--role", "coordinator")


@pytest.fixture
def careway(url: str, store: Store) -> Callable[..., Ran]:
    """Run commands on a migrated database with two sites."""
    with writing(store) as uow:
        main_site(uow, "UTC")
        uow.sites.add(Site("north", "Northern Hospital", "Europe/Berlin"))

    def command(*arguments: str) -> Ran:
        return run(*arguments, "--database", url)

    return command


def answer(ran: Ran) -> Json:
    assert (ran.code, ran.err) == (0, "")
    found: Json = json.loads(ran.out)
    return found


def test_a_person_is_added_and_listed(careway: Callable[..., Ran], store: Store) -> None:
    assert "There is nobody yet" in careway("user", "list").words
    ran = careway(*ADA)
    made = answer(
        careway("user", "add", "ben", "--name", "Ben [b]", "--role", "admin", "--site", "north", "--json")
    )

    assert (ran.code, ran.err) == (0, "")
    assert ran.words.startswith("ada.elm Ada Elm · coordinator at main · ")
    assert ran.words.endswith("ada.elm is there.")
    assert list(made)[:5] == ["id", "login", "name", "created", "disabled"]
    assert (made["issuer"], made["subject"], made["password"]) == (None, None, False)
    assert made["roles"] == [{"site": "north", "role": "admin"}]
    listed = json.loads(careway("user", "list", "--json").out)
    assert [person["login"] for person in listed] == ["ada.elm", "ben"]
    assert [p["login"] for p in json.loads(careway("user", "list", "--site", "north", "--json").out)] == [
        "ben"
    ]
    assert "Ben [b] · admin at north" in careway("user", "list").words
    with store.reading() as uow:
        assert [link.entry.author.role for link in uow.audit.chain(CHAIN)] == ["operator"] * 4


def test_roles_are_granted_and_withdrawn(careway: Callable[..., Ran], store: Store) -> None:
    careway(*ADA)
    more = answer(careway("user", "grant", "ADA.elm", "--role", "viewer", "--site", "north", "--json"))
    assert more["roles"] == [{"site": "main", "role": "coordinator"}, {"site": "north", "role": "viewer"}]
    ran = careway("user", "grant", "ada.elm", "--role", "viewer", "--site", "north")
    assert ran.words.endswith("ada.elm has the role viewer at north.")
    careway("user", "withdraw", "ada.elm", "--role", "coordinator")
    ran = careway("user", "withdraw", "ada.elm", "--role", "viewer", "--site", "north")
    assert ran.words.startswith("ada.elm Ada Elm · no role anywhere")
    assert ran.words.endswith("does not have the role viewer at north.")
    with store.reading() as uow:
        assert uow.people.memberships(more["id"]) == ()


def test_a_person_is_shut_out_and_let_in_again(careway: Callable[..., Ran]) -> None:
    careway(*ADA)
    assert answer(careway("user", "disable", "ada.elm", "--json"))["disabled"] > "2"
    assert "· disabled 2" in careway("user", "disable", "ada.elm").words
    assert answer(careway("user", "enable", "ada.elm", "--json"))["disabled"] is None


def test_sites_are_added_and_listed(careway: Callable[..., Ran], store: Store) -> None:
    ran = careway("site", "add", "east", "--name", "East", "--time-zone", "America/New_York")
    made = answer(careway("site", "add", "west", "--name", "West", "--time-zone", "UTC", "--json"))

    assert ran.words == "The site east is there: East, time zone America/New_York."
    assert made == {"id": "west", "name": "West", "time_zone": "UTC"}
    assert [s["id"] for s in json.loads(careway("site", "list", "--json").out)] == [
        "east",
        "main",
        "north",
        "west",
    ]
    assert "north Northern Hospital · Europe/Berlin" in careway("site", "list").words
    with store.reading() as uow:
        assert uow.sites.get("east") == Site("east", "East", "America/New_York")


def test_without_sites_it_is_said_how_to_make_one(url: str) -> None:
    assert "`careway site add ID" in run("site", "list", "--database", url).words


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (ADA, "person with the login 'ada.elm' already"),
        (("user", "add", "a b", "--name", "A", "--role", "admin"), "A login is 1 to 100 letters"),
        (("user", "add", "a", "--name", "A", "--role", "boss"), "'boss' is not one of"),
        (("user", "add", "a", "--name", "A", "--role", "admin", "--site", "west"), "no site 'west'"),
        (("user", "grant", "nobody", "--role", "admin"), "no person with the login 'nobody'"),
        (("user", "grant", "ada.elm", "--role", "admin", "--site", "west"), "no site 'west'"),
        (("user", "disable", "nobody"), "no person with the login 'nobody'"),
        (("site", "add", "north", "--name", "N", "--time-zone", "UTC"), "a site 'north' already"),
        (("site", "add", "w", "--name", "W", "--time-zone", "Mars/Olympus"), "no time zone 'Mars/Olympus'"),
        (("site", "add", "W W", "--name", "W", "--time-zone", "UTC"), "A site's id is 1 to 40"),
    ],
)
def test_what_cannot_be_done_is_told(
    careway: Callable[..., Ran], store: Store, arguments: tuple[str, ...], says: str
) -> None:
    careway(*ADA)
    ran = careway(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    with store.reading() as uow:
        (ada,) = uow.people.all()
        assert uow.people.memberships(ada.id) == (Membership(ada.id, "main", "coordinator"),)
        assert ada.disabled is None


@pytest.mark.parametrize("words", [["user", "list"], ["user", "disable", "x"], ["site", "list"]])
def test_a_database_that_is_not_migrated_is_said_to_be(
    make_url: Callable[[bool], str], words: list[str]
) -> None:
    ran = run(*words, "--database", make_url(False))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Run `careway db upgrade`.\n")


def test_a_person_is_invited_to_choose_a_password(careway: Callable[..., Ran], store: Store) -> None:
    careway(*ADA)
    first = answer(careway("user", "invite", "ADA.elm", "--json"))
    ran = careway("user", "invite", "ada.elm")

    assert first["login"] == "ada.elm"
    for link in (first["link"], ran.out.split()[-1]):
        address, _, secret = link.partition("/welcome?invitation=")
        assert address == "http://127.0.0.1:8000"
        with store.reading() as uow:
            assert invited(uow, secret, SystemClock().now()).login == "ada.elm"
    assert careway("user", "invite", "nobody").code == 2


LINK = ("user", "link", "Ada.Elm", "--issuer", "https://login.example", "--subject", "4711")


def test_a_provider_vouches_for_a_person_until_it_is_told_not_to(
    careway: Callable[..., Ran], store: Store
) -> None:
    careway(*ADA)
    careway("user", "add", "ben", "--name", "Ben", "--role", "viewer")
    linked, again = careway(*LINK), careway(*LINK)
    taken = careway("user", "link", "ben", *LINK[3:])

    assert linked.words.endswith("ada.elm is 4711 at https://login.example.")
    assert (again.code, taken.code) == (0, 2)
    assert "There is a person known to this provider as '4711' already" in taken.err
    with writing(store) as uow:
        person = uow.people.by_subject("https://login.example", "4711")
        assert person is not None
        assert person.login == "ada.elm"
        secret = begin(uow, person.id, "main", now=person.created, randomness=SystemRandomness())

    assert careway("user", "unlink", "ada.elm").code == 0
    with store.reading() as uow:
        assert uow.people.by_subject("https://login.example", "4711") is None
        assert found(uow, secret, person.created) is None
        acts = [link.entry.act for link in uow.audit.chain(CHAIN)]
    assert acts[-2:] == ["link person", "unlink person"]


@pytest.mark.parametrize(("issuer", "subject"), [("login.example", "1"), ("https://login.example", " ")])
def test_what_cannot_be_linked_is_told(careway: Callable[..., Ran], issuer: str, subject: str) -> None:
    careway(*ADA)
    ran = careway("user", "link", "ada.elm", "--issuer", issuer, "--subject", subject)
    assert (ran.code, "--issuer takes the URL" in " ".join(ran.err.split())) == (2, True)
