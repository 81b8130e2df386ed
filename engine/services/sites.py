"""Sites: hospitals and practices, each with the time zone in which it counts its days."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.core.kept import AuditEntry, Author, Site
from engine.errors import AlreadyThere, MessageRefused, Problem, UnknownTimeZone
from engine.ports import Clock, UnitOfWork

CHAIN = "sites"
"""The audit chain on which new sites stand."""

_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; raises `UnknownTimeZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(name) from None


def add_site(uow: UnitOfWork, site: Site, *, by: Author, clock: Clock) -> None:
    """Keep a new site.

    Raises:
        AlreadyThere: there is one with this id.
        MessageRefused: the id or the name cannot be used.
        UnknownTimeZone: there is no such time zone.
    """
    problems = []
    if not _ID.fullmatch(site.id):
        text = "A site's id is 1 to 40 small letters, digits and hyphens, beginning with a letter"
        problems.append(Problem("/id", "bad-id", f"{text}; got {site.id!r}."))
    if not site.name.strip():
        problems.append(Problem("/name", "bad-name", "A site needs a name."))
    if problems:
        raise MessageRefused(tuple(problems))
    zone(site.time_zone)
    if uow.sites.get(site.id) is not None:
        raise AlreadyThere("site", site.id)
    uow.sites.add(site)
    uow.audit.append(CHAIN, AuditEntry(clock.now(), by, "add site", {"site": site.id}))
