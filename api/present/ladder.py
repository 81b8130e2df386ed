"""A reminder ladder as people and programs see it, with what a site changed of it."""

from datetime import date
from typing import Any

from api.present.page import HEAD, Page, Paper, count
from api.present.words import MARK
from engine.core.definition import Ladder, PathwayDefinition
from engine.core.result import View
from engine.core.teller import ENGINEERING_DEFAULT
from engine.services.ladders import AtSite, Shown


class LadderDifferenceView(View):
    """A number of a ladder that is not the published one."""

    pointer: str
    published: int
    here: int


class LadderChangeView(View):
    """A ladder of a site from a day on."""

    since: date | None
    """Its first day at the site; None for the published one before any change."""
    reason: str | None
    by: str | None
    """Name of the person who changed it; None for whoever runs commands."""
    differences: tuple[LadderDifferenceView, ...]
    """From the published ladder."""
    ladder: Ladder


class LadderView(LadderChangeView):
    """The ladder in force today at a site, and what is to come."""

    site: str
    pathway: str
    version: str
    coming: LadderChangeView | None
    """From tomorrow on; None when nothing changes."""


def ladder_view(rules: PathwayDefinition, found: AtSite) -> LadderView:
    """Return a site's ladder as shown."""
    return LadderView(
        **_change(found.today),
        site=found.site,
        pathway=rules.id,
        version=rules.version,
        coming=None if found.coming is None else LadderChangeView(**_change(found.coming)),
    )


def _change(shown: Shown) -> dict[str, Any]:
    row = shown.row
    return {
        "since": None if row is None else row.since,
        "reason": None if row is None else row.reason,
        "by": shown.author,
        "differences": tuple(
            LadderDifferenceView(pointer=d.pointer, published=d.published, here=d.here)
            for d in shown.differences
        ),
        "ladder": shown.ladder,
    }


def ladder_page(page: Page, rules: PathwayDefinition, found: AtSite) -> None:
    """Write a site's ladder of today, how it differs from the published one, and what is to come."""
    page.put(f"{rules.id} version {rules.version} at {found.site}", style=HEAD)
    write_ladder(page, found.today.ladder)
    _differences(page, found.today)
    if found.coming is not None:
        _differences(page, found.coming, to_come=True)


def _differences(page: Page, shown: Shown, *, to_come: bool = False) -> None:
    row = shown.row
    if row is None:
        page.heading("As published")
        return
    remark = f"{row.reason} ({shown.author or 'by command'})"
    differ = f"Differs from the published ladder {'from' if to_come else 'since'} {row.since}"
    page.heading(differ if shown.differences else f"As published from {row.since} on", remark)
    page.rows((d.pointer, f"{d.here}, published: {d.published}") for d in shown.differences)


def write_ladder(page: Paper, ladder: Ladder) -> None:
    """Write the steps of a ladder and what else it says."""
    page.heading("Reminders", f"in brackets: when the interval is under {ladder.short_below} days")
    for step in ladder.reviews:
        who = ", ".join(step.to).replace("_", " ")
        scope = "" if step.applies == ("*",) else f"; only {', '.join(step.applies)}"
        _item(page, f"{_offset(step.offset)} ({_offset(step.short)}): {step.step}, to {who}{scope}")
    if ladder.together is not None:
        named, days = ", ".join(ladder.together.reviews), ladder.together.days
        _item(page, f"{named}: told as one when due within {days} days, at the earliest of them")
    for urgent in ladder.actions:
        who = ", ".join(urgent.to).replace("_", " ")
        prios = ", ".join(f"P{p}" for p in urgent.prios)
        unless = " unless acknowledged" if urgent.unless_acknowledged else ""
        _item(page, f"{prios}: after {urgent.hours} hours{unless}: {urgent.step}, to {who}")
    if ladder.silence is not None:
        silent, loud = (
            " and ".join(f"P{prio}" for prio in prios)
            for prios in (ladder.silence.priorities, ladder.silence.while_open)
        )
        _item(page, f"{silent}: listed but not told of while any {loud} is open")
    snooze = ladder.snooze
    most, urgent_most = count(snooze.days, "day"), count(snooze.urgent_days, "day")
    mark = f"  {MARK}" if ENGINEERING_DEFAULT in snooze.cite else ""
    _item(page, f"Put off for {most} at most, {urgent_most} if it has steps by the hour{mark}")


def _item(page: Paper, text: str) -> None:
    page.put(text, indent=2, mark="- ")


def _offset(days: int) -> str:
    if days == 0:
        return "on the day"
    return f"{count(abs(days), 'day')} {'before' if days < 0 else 'after'}"
