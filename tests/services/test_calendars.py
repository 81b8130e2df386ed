"""Days are those of the site: clocks that change, days left out, ends of months, sites around the world."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.core.kept import Site
from engine.core.people import Post, Role
from engine.ports import Store
from engine.services.access import OPERATOR
from engine.services.patients import Sender, register
from engine.services.people import add_person
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.teams import fill_posts
from engine.store.writers import writer_for
from tests.laws.world import pathway
from tests.services.clinic import Clinic, Served
from tests.services.rounds import ENROL
from tests.stores.kit import writing

ZONES = (
    "Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin", "America/Havana",
    "Pacific/Pago_Pago",
)  # fmt: skip
"""From fourteen hours ahead of UTC to eleven behind, by halves and quarters of an hour."""


class World(Clinic):
    """One clinic in each time zone, each with a patient and a coordinator."""

    look: Callable[[], None]
    patients: dict[str, str]

    def furnish(self, zones: tuple[str, ...], day: date) -> None:
        self.patients = {}
        for number, zone in enumerate(zones):
            self.clock.instant = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
            site = f"site-{number}"
            sender = Sender("clinician", site)
            with writing(self.store) as uow:
                uow.sites.add(Site(site, site, zone))
                person = add_person(
                    uow, f"c{number}", "C", {Role.COORDINATOR}, site, by=OPERATOR,
                    now=self.clock.now(), randomness=self.chance,
                )  # fmt: skip
                self.patients[zone] = register(uow, (), sender, self.clock, self.chance).id
                fill_posts(uow, self.patients[zone], {Post.COORDINATOR: person.id}, sender, self.clock)
            self.send(self.patients[zone], ENROL | {"effective": str(day)}, by=sender)

    def told(self, zone: str, review: str, step: str) -> bool:  # type: ignore[override]
        with self.store.reading() as uow:
            found = uow.reminders.of(self.patients[zone])
        return (review, step) in {(d.subject, d.step) for d in found}

    def due(self, zone: str, review: str = "pft") -> date:
        _, kept = self.kept(self.patients[zone])
        return next(r.due for r in kept.reviews if r.review == review)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    made = World(store, Served({"pm-ild": pathway()}))
    with closing(writer_for(store)) as writer:  # type: ignore[arg-type]

        def look() -> None:
            refresh_due(store, writer, made.recorder)
            remind_due(store, writer, made.recorder)

        made.look = look
        yield made


@pytest.mark.parametrize("due", [date(2024, 2, 29), date(2024, 3, 10), date(2024, 3, 31), date(2024, 10, 27)])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_each_site_is_told_when_its_own_day_begins(world: World, due: date) -> None:
    """Looked at around every midnight: a second before it nobody is told, a second after it everybody."""
    world.furnish(ZONES, due - timedelta(days=14))
    assert {world.due(zone) for zone in ZONES} == {due}
    midnights = {zone: datetime.combine(due, time(), ZoneInfo(zone)).astimezone(UTC) for zone in ZONES}
    for zone in sorted(ZONES, key=lambda zone: midnights[zone]):
        for seconds in (-1, 1):
            world.clock.instant = midnights[zone] + timedelta(seconds=seconds)
            world.look()
            told = {other for other in ZONES if world.told(other, "pft", "due")}
            assert told == {other for other in ZONES if midnights[other] < world.clock.instant}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_due_on_a_day_that_was_left_out_is_told_on_the_next(world: World) -> None:
    """Samoa went from the 29th to the 31st of December 2011 when it crossed the date line."""
    apia, missing = "Pacific/Apia", date(2011, 12, 30)
    world.furnish((apia,), missing - timedelta(days=14))
    last = datetime(2011, 12, 30, 9, 59, tzinfo=UTC)
    for minutes, told in ((0, False), (1, True)):
        world.clock.instant = last + timedelta(minutes=minutes)
        world.look()
        assert world.told(apia, "pft", "due") is told
    assert world.clock.instant.astimezone(ZoneInfo(apia)).date() == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("enrolled", "due"),
    [
        (date(2023, 2, 15), date(2023, 3, 1)),
        (date(2024, 2, 15), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 3, 14)),
        (date(2024, 3, 17), date(2024, 3, 31)),
        (date(2024, 4, 17), date(2024, 5, 1)),
        (date(2024, 12, 18), date(2025, 1, 1)),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_days_are_counted_over_ends_of_months_and_leap_days(world: World, enrolled: date, due: date) -> None:
    world.furnish(("Europe/Berlin", "America/Havana"), enrolled)
    assert {world.due(zone) for zone in world.patients} == {due}
