"""What `careway doctor` looks at: each check gives one finding, and none stops the next."""

import platform
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.checking import check_packaged, run_stories
from api.clock import SystemClock
from api.jobs import EVERY
from api.present.page import count
from api.settings import Settings
from api.storage import schema_of, store_of
from api.stories import read_stories
from api.wiring import Shelf
from engine.core.ticks import stale
from engine.errors import CarewayError
from engine.services.ownership import workloads
from engine.services.tallying import tally
from engine.services.ticks import ticks

PRODUCT = "careway"
TELLING = "`careway serve` or `careway worker`"
PACKAGES = ("engine", "pathways", "api")
ALONE = "install Careway alone in an environment of its own"
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
"""Zones every time zone database has."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    ok: bool
    says: str


def examine(shelf: Shelf, clock: SystemClock, settings: Settings | None = None) -> Iterator[Finding]:
    """Yield the findings, one check after the other; the database's only if there ought to be one."""
    yield _python()
    yield packages({name: str(import_module(name).__file__) for name in PACKAGES}, packages_distributions())
    yield dependencies(requires(PRODUCT) or [])
    yield _zones()
    content = _content(shelf)
    yield content
    if content.ok:
        yield _reviewed(shelf, clock)
        yield from _stories(shelf)
    if settings is not None and settings.expected:
        found = _database(settings)
        yield found
        if found.ok:
            yield ticking(settings, clock)
            yield owners(settings, clock)
            yield reminders(settings, clock)


def _python() -> Finding:
    return Finding(
        "python", sys.version_info >= (3, 11), f"{platform.python_version()}; 3.11 or later is needed"
    )


def packages(places: dict[str, str], owners: Mapping[str, list[str]]) -> Finding:
    """Return whether our packages are ours: all in one folder, and claimed by no other distribution.

    Args:
        places: where each package was loaded from.
        owners: which distributions claim a top-level name.
    """
    parents = {name: Path(place).parent.parent for name, place in places.items()}
    if len(set(parents.values())) > 1:
        listed = ", ".join(f"{name} in {parent}" for name, parent in parents.items())
        return Finding("packages", False, f"our packages lie in different folders: {listed}; {ALONE}")
    for name in places:
        others = sorted({owner for owner in owners.get(name, ()) if owner.lower() != PRODUCT})
        if others:
            says = f"{', '.join(others)} also installs a package called {name}; {ALONE}"
            return Finding("packages", False, says)
    return Finding("packages", True, f"{', '.join(places)} lie together and belong to {PRODUCT}")


def dependencies(needed: list[str]) -> Finding:
    """Return whether what we need is installed in a version we know.

    Args:
        needed: requirements such as `rich<16,>=14`.
    """
    found, wrong = [], []
    for requirement in needed:
        match = re.match(r"[\w.-]+", requirement)
        if match is None or ";" in requirement:
            continue
        name, bounds = match[0], requirement[match.end() :]
        try:
            has = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        found.append(f"{name} {has}")
        if not all(_within(has, bound) for bound in bounds.split(",") if bound.strip()):
            wrong.append(f"{name} is {has}, but {bounds.strip()} is needed")
    return Finding("dependencies", not wrong, "; ".join(wrong or found))


def _within(has: str, bound: str) -> bool:
    match = re.fullmatch(r"\s*(>=|<)\s*([\d.]+)\s*", bound)
    if match is None:
        return True
    return _numbers(has) >= _numbers(match[2]) if match[1] == ">=" else _numbers(has) < _numbers(match[2])


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _zones() -> Finding:
    missing = [name for name in ZONES if not _has_zone(name)]
    if missing:
        says = f"no data for {', '.join(missing)}; install your system's tzdata, or the Python package tzdata"
        return Finding("time zones", False, says)
    return Finding("time zones", True, "the time zone database is there")


def _has_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return False
    return True


def _content(shelf: Shelf) -> Finding:
    try:
        checked = list(check_packaged(shelf))
    except (CarewayError, OSError) as error:
        return Finding("content", False, f"cannot be read: {error}")
    defects = [defect for one in checked for defect in one.defects]
    says = f"{count(len(checked), 'document')} read, {count(len(defects), 'defect')}"
    return Finding("content", not defects, f"{says}; first: {defects[0]}" if defects else says)


def _reviewed(shelf: Shelf, clock: SystemClock) -> Finding:
    today = clock.today(UTC)
    drafts, late = [], []
    for name, versions in shelf.library.available():
        for number in versions:
            status = shelf.library.definition(name, number).content
            label = f"{name} version {number}"
            if status.status == "draft":
                drafts.append(label)
            if status.review_by is not None and status.review_by < today:
                late.append(f"{label} was to be reviewed by {status.review_by}")
    says = "; ".join(late) or (f"draft, approved by nobody: {', '.join(drafts)}" if drafts else "approved")
    return Finding("approval", not late, says)


def _stories(shelf: Shelf) -> Iterator[Finding]:
    for name, _ in shelf.library.available():
        stories = entries = different = 0
        for file, text in shelf.library.vignettes(name):
            for run in run_stories(shelf, read_stories(text, file), name, None):
                stories, entries, different = stories + 1, entries + run.entries, different + run.different
        ran = f"{count(stories, 'story', 'stories')}, {count(entries, 'entry', 'entries')}"
        yield Finding(f"stories of {name}", not different, f"{ran}, {different} different")


def _database(settings: Settings) -> Finding:
    try:
        schema = schema_of(settings)
    except CarewayError as error:
        return Finding("database", False, str(error))
    says = schema.defect or f"{schema.place} can be reached and has schema {schema.has}, as needed"
    return Finding("database", schema.defect is None, says)


def ticking(settings: Settings, clock: SystemClock) -> Finding:
    """Tell whether what was ever done by itself comes on, in whatever process."""
    try:
        with store_of(settings) as store, store.reading() as uow:
            known = ticks(uow)
    except CarewayError as error:
        return Finding("jobs", False, str(error))
    if not known:
        return Finding("jobs", True, f"none was ever done on this database; {TELLING} does them")
    since = stale(EVERY, known, clock.now())
    if since:
        listed = ", ".join(f"{job} since {at:%Y-%m-%d %H:%M:%S} UTC" for job, at in since.items())
        return Finding("jobs", False, f"not done: {listed}; {TELLING} does them")
    return Finding("jobs", True, f"{count(len(known), 'job')} done lately: {', '.join(sorted(known))}")


def owners(settings: Settings, clock: SystemClock) -> Finding:
    """Tell how many open actions are nobody's; somebody has to see to them, but nothing is broken."""
    try:
        with store_of(settings) as store, store.reading() as uow:
            loads = [
                load
                for site in uow.sites.all()
                for load in workloads(uow, site.id, clock.today(ZoneInfo(site.time_zone)))
            ]
    except CarewayError as error:
        return Finding("owners", False, str(error))
    opened, unowned = sum(load.open for load in loads), sum(load.unowned for load in loads)
    where = ", ".join(f"{load.unowned} at {load.site} on {load.pathway}" for load in loads if load.unowned)
    says = f"{count(opened, 'open action')}, {unowned} unowned"
    return Finding("owners", True, f"{says}: {where}" if where else says)


def reminders(settings: Settings, clock: SystemClock) -> Finding:
    """Tell whether a reminder was lost or doubled; what is late comes once somebody looks for it."""
    try:
        with store_of(settings) as store, store.reading() as uow:
            found = [tally(uow, site.id, clock) for site in uow.sites.all()]
    except CarewayError as error:
        return Finding("reminders", False, str(error))
    total = Counter[str]()
    for each in found:
        total.update(asdict(each))
    told = ("orphaned", "doubled", "late", "unsent", "undeliverable")
    figures = ", ".join(f"{total[name]} {name}" for name in told)
    says = f"{count(total['reviews'], 'open review')}, {total['live']} with a next step, {figures}"
    if total["late"] or total["unsent"]:
        says += f"; {TELLING} tells and sends what is late"
    return Finding("reminders", all(each.sound for each in found), says)
