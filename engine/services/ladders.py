"""Ladders of sites: which is in force where, and changing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.asof import AsOf
from engine.core.definition import Ladder, PathwayDefinition
from engine.core.kept import AuditEntry, Author
from engine.core.site_ladders import (
    Dated,
    Difference,
    LadderChange,
    SiteLadder,
    dated,
    differences,
    in_force,
    problems,
)
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import Clock, UnitOfWork
from engine.services.patients import time_zone
from engine.services.sites import CHAIN

LONGEST_REASON = 500


def ladders_at(uow: UnitOfWork, site: str, rules: PathwayDefinition) -> Dated:
    """Return a site's own ladders of a pathway, each with its first day; none for the published one."""
    return dated(rules.ladder, uow.site_ladders.of(site, rules.id))


def ladder_on(uow: UnitOfWork, site: str, rules: PathwayDefinition, day: date) -> Ladder:
    """Return the ladder of a site on a day in its time zone."""
    return in_force(rules.ladder, ladders_at(uow, site, rules), AsOf(day)).ladder


def change_ladder(
    uow: UnitOfWork,
    site: str,
    rules: PathwayDefinition,
    change: LadderChange,
    reason: str,
    *,
    by: Author,
    clock: Clock,
) -> SiteLadder | None:
    """Change a site's ladder from tomorrow on, and return the change; the same again changes nothing.

    Every patient of the site on the pathway is looked at again tomorrow. No step that was told is told again,
    and of those that lie in the past by the new ladder the newest alone. None is returned when the published
    ladder is in force and stays so.

    Args:
        uow: the transaction.
        site: id of the site.
        rules: the pathway.
        change: everything that is to differ from the published ladder; what was changed before is not kept.
        reason: why, in words.
        by: who changes it.
        clock: tells the time.

    Raises:
        NotFound: there is no such site.
        MessageRefused: a step is unknown or would change its place, or the reason is missing.
    """
    if uow.sites.get(site) is None:
        raise NotFound("site", site, tuple(each.id for each in uow.sites.all()))
    found = list(problems(rules.ladder, change))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        text = f"A change of the ladder needs a reason of at most {LONGEST_REASON} characters."
        found.append(Problem("/reason", "missing-reason", text))
    if found:
        raise MessageRefused(tuple(found))
    rows = uow.site_ladders.of(site, rules.id)
    if (rows[-1].change if rows else LadderChange()) == change:
        return rows[-1] if rows else None
    since = clock.today(time_zone(uow, site)) + timedelta(days=1)
    new = SiteLadder(site, rules.id, len(rows) + 1, since, change, by.person, reason.strip(), clock.now())
    uow.site_ladders.add(new)
    uow.enrolments.look_again(site, rules.id, since)
    body = {"site": site, "pathway": rules.id, "number": new.number, "since": since}
    uow.audit.append(CHAIN, AuditEntry(new.created, by, "change ladder", body))
    return new


@dataclass(frozen=True, slots=True)
class Shown:
    """A ladder and what was changed of it."""

    ladder: Ladder
    row: SiteLadder | None
    """The newest change; None for the published ladder before any."""
    differences: tuple[Difference, ...]
    """From the published ladder."""
    author: str | None
    """Name of the person who made the change; None for whoever runs commands."""


@dataclass(frozen=True, slots=True)
class AtSite:
    """A site's ladder of a pathway."""

    site: str
    today: Shown
    coming: Shown | None
    """From tomorrow on; None when nothing changes."""


def at_site(uow: UnitOfWork, site: str, rules: PathwayDefinition, clock: Clock) -> AtSite:
    """Return a site's ladder of today and tomorrow; raises `NotFound` for a site there is not."""
    if uow.sites.get(site) is None:
        raise NotFound("site", site, tuple(each.id for each in uow.sites.all()))
    rows, day = uow.site_ladders.of(site, rules.id), clock.today(time_zone(uow, site))
    today, tomorrow = (_shown(uow, rules, rows, day + timedelta(days=days)) for days in (0, 1))
    return AtSite(site, today, None if tomorrow.row == today.row else tomorrow)


def _shown(uow: UnitOfWork, rules: PathwayDefinition, rows: Sequence[SiteLadder], day: date) -> Shown:
    ladder = in_force(rules.ladder, dated(rules.ladder, rows), AsOf(day)).ladder
    row = max((r for r in rows if r.since <= day), key=lambda r: (r.since, r.number), default=None)
    author = None if row is None or row.author is None else uow.people.get(row.author)
    return Shown(ladder, row, differences(rules.ladder, ladder), None if author is None else author.name)
