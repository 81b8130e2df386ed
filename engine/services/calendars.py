"""Calendar feeds: on which days reviews of a person's patients are due, and nothing about whom or what.

A feed belongs to a person at one site. Whoever has its secret can read it, so it says no more than a notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from engine.core.channels import Calendar
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import Author
from engine.core.ownership import FITTING, STANDING_IN, Roster
from engine.core.people import Person, Post
from engine.core.reminders import Topic
from engine.errors import CalendarUnknown, MessageRefused, NotFound, Problem
from engine.ports import Clock, Randomness, UnitOfWork
from engine.services.patients import time_zone
from engine.services.people import held, note
from engine.services.rosters import roster_on
from engine.services.secrets import drawn, hashed

MOST = 10
"""Feeds of one person that are not revoked."""
AT_ONCE = 500
"""Patients asked about by one statement."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A day on which a review is due."""

    day: date
    uid: str
    """Stays the same when the review is dated anew, and tells nobody which it is."""


def open_calendar(
    uow: UnitOfWork, person: Person, site: str, *, by: Author, now: datetime, randomness: Randomness
) -> tuple[str, Calendar]:
    """Return the secret of a new feed with the feed; the secret is not kept.

    Raises:
        MessageRefused: the person has as many feeds as anybody can have.
    """
    held(uow, person.id)
    if sum(feed.revoked is None for feed in uow.calendars.of(person.id)) >= MOST:
        text = f"There are {MOST} calendar feeds already. Revoke one first."
        raise MessageRefused((Problem("", "too-many-calendars", text),))
    secret = drawn(randomness)
    made = Calendar(uuid7(now, randomness.draw(RANDOM_BYTES)), person.id, site, hashed(secret), now)
    uow.calendars.add(made)
    note(uow, "open calendar", person, by, now, calendar=made.id)
    return secret, made


def revoke_calendar(uow: UnitOfWork, calendar: str, person: Person, *, by: Author, now: datetime) -> Calendar:
    """Return a feed of a person that nobody can read any more; one that was revoked stays as it is.

    Raises:
        NotFound: the person has no such feed.
    """
    if all(feed.id != calendar for feed in uow.calendars.of(person.id)):
        raise NotFound("calendar", calendar)
    if uow.calendars.revoke(calendar, now):
        note(uow, "revoke calendar", person, by, now, calendar=calendar)
    return next(feed for feed in uow.calendars.of(person.id) if feed.id == calendar)


def entries(uow: UnitOfWork, secret: str, clock: Clock) -> tuple[Calendar, tuple[Entry, ...]]:
    """Return the feed of a secret and its days: those of open reviews of whose care team the person is today.

    Raises:
        CalendarUnknown: there is no such feed, it was revoked, or the person has left the site.
    """
    calendar = uow.calendars.by_secret(hashed(secret))
    if calendar is None or calendar.revoked is not None:
        raise CalendarUnknown
    working = roster_on(uow, calendar.site, clock.today(time_zone(uow, calendar.site)))
    if calendar.person not in working.names:
        raise CalendarUnknown
    patients = _patients(uow, calendar.person, calendar.site, working)
    topics = [
        topic
        for start in range(0, len(patients), AT_ONCE)
        for topic in uow.reviews.open_of(patients[start : start + AT_ONCE])
    ]
    return calendar, tuple(sorted(Entry(topic.due, _uid(calendar, topic)) for topic in topics))


def _patients(uow: UnitOfWork, person: str, site: str, working: Roster) -> Sequence[str]:
    """Return the patients in whose care team somebody acts: as who holds a post, or in that one's place."""
    absent = [away for away in working.covers if away != person]
    posts = uow.teams.held_by(site, (person, *absent))
    return sorted(
        {
            post.patient
            for post in posts
            if post.person is not None
            and working.acting(post.person, FITTING[Post(post.post)], STANDING_IN[Post(post.post)]) == person
        }
    )


def _uid(calendar: Calendar, topic: Topic) -> str:
    """Return what stands for a review in one feed; two feeds do not show that they mean the same."""
    about = f"{calendar.secret_hash}\n{topic.patient}\n{topic.pathway}\n{topic.subject}"
    return f"{sha256(about.encode()).hexdigest()[:32]}@careway"
