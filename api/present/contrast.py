"""A difference on one page: what moved, then what opens, closes and is dated anew, each with its reasons."""

from collections.abc import Iterable
from functools import partial

from rich.text import Text

from api.present.page import HEAD, QUIET, WARN, Page, count, sentence
from api.present.reasons import lines, paragraph
from api.present.words import DISPOSITIONS
from engine.core.comparison import ComparisonView, EventView
from engine.core.contrast import (
    ActionContrast,
    ActionStood,
    DifferenceView,
    ReminderContrast,
    ReviewContrast,
    StandingView,
)
from engine.core.result import ActionView, Plain
from engine.core.what_if import WhatIfView

MARKS = {"new": "+", "gone": "−", "changed": "~"}
RESULTS = {
    "accepted": "",
    "quarantined": ", would wait for verification",
    "duplicate": ", recorded already",
}
TITLES = {"status": "Enrolment", "state": "State", "since": "Since", "tier": "Risk tier"}


def comparison_page(page: Page, view: ComparisonView) -> None:
    """Write how two standpoints differ, and which events are responsible."""
    page.blank()
    for part in view.sentence.partition(". ")[::2]:
        page.put(part, style=HEAD)
    if view.responsible:
        page.heading("Events responsible", "without them nothing but time makes a difference")
        for event in view.responsible:
            _event(page, event, moves=event.event["id"] in (view.moved_by or ()))
    difference_page(page, view.difference)
    if not view.by_time.same:
        page.heading("Of this by time alone")
        page.put(summary(view.by_time), indent=2)


def what_if_page(page: Page, view: WhatIfView) -> None:
    """Write what events would make of a patient, and what would become of each."""
    page.blank()
    page.put(view.sentence, style=HEAD)
    page.heading("Supposed")
    for event in view.events:
        page.put(f"{event.effective}  {event.says}  [{event.id}]{RESULTS[event.result]}", indent=2)
    difference_page(page, view.difference)


def _event(page: Page, event: EventView, *, moves: bool) -> None:
    effective, recorded = event.event["effective"], event.recorded.date()
    moved = " · moves the patient" if moves else ""
    page.put(f"{effective}  {event.says}  [{event.event['id']}], received {recorded}{moved}", indent=2)


def difference_page(page: Page, view: DifferenceView) -> None:
    """Write what differs; a sentence where nothing does."""
    if view.same:
        page.blank()
        page.put("Nothing differs.")
        return
    if view.differs:
        page.heading("Where the patient stands")
        page.rows((_title(name, view.before, view.after), _way(name, view)) for name in view.differs)
    _steps(page, view)
    for heading, rows in (
        ("Actions", [partial(_action, page, action) for action in view.actions]),
        ("Reviews", [partial(_review, page, review) for review in view.reviews]),
        ("Reminders", [partial(_reminder, page, reminder) for reminder in view.reminders]),
    ):
        if rows:
            page.heading(heading)
        for row in rows:
            row()


def _steps(page: Page, view: DifferenceView) -> None:
    if view.withdrawn or view.brought:
        page.heading("Steps")
    for gone in view.withdrawn:
        way = f"{gone.date}  {gone.source} → {gone.to}  {gone.transition}"
        page.put(way, indent=2, mark="− ", style=WARN)
    for move in view.brought:
        way = f"{move.date}  {move.from_title} → {move.to_title}  {move.transition}"
        page.put(Text(way, style=HEAD), indent=2, mark="+ ")
        lines(page, move.reasons, indent=6)


def summary(view: DifferenceView) -> str:
    """Return on one line how much differs."""
    counted = [
        (len(view.differs), "value", "of the patient's standing"),
        (len(view.withdrawn), "step", "withdrawn"),
        (len(view.brought), "step", "come"),
        *((_many(view.actions, kept), "action", kept) for kept in MARKS),
        *((_many(view.reviews, kept), "review", kept) for kept in MARKS),
        *((_many(view.reminders, kept), "reminder", kept) for kept in MARKS),
    ]
    return sentence(f"{count(number, noun)} {what}" for number, noun, what in counted if number) or "Nothing."


def _many(rows: Iterable[ActionContrast | ReviewContrast | ReminderContrast], change: str) -> int:
    return sum(1 for row in rows if row.change == change)


def _title(name: str, *standings: StandingView) -> str:
    remembered = next((s.context[name] for s in standings if name in s.context), None)
    return TITLES[name] if remembered is None else remembered.title.partition(" (")[0]


def _way(name: str, view: DifferenceView) -> str:
    return " → ".join(_shown(_value(name, standing)) for standing in (view.before, view.after))


def _value(name: str, standing: StandingView) -> object:
    if name in standing.context:
        return standing.context[name].value
    return standing.state_title if name == "state" else getattr(standing, name, None)


def _shown(value: object) -> str:
    words: dict[Plain, str] = {None: "none", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value).replace("_", " ")


def _action(page: Page, action: ActionContrast) -> None:
    head = Text(action.title, style=HEAD).append(f"  {action.id}", style=QUIET)
    page.put(head, indent=2, mark=f"{MARKS[action.change]} ")
    stood = [_stood(each) for each in (action.before, action.after) if each is not None]
    page.put(" → ".join(stood) + (" → not open" if action.after is None else ""), indent=6)
    if action.after is not None:
        for label, reasons in (
            ("Blocked", action.after.block_reasons),
            ("Deferred", action.after.defer_reasons),
            ("Caution", action.after.caution_reasons),
        ):
            if reasons:
                page.put(f"{label}: {paragraph(reasons)}", indent=6, style=WARN)
    page.put(f"Because: {paragraph(action.reasons)}", indent=6, style=QUIET)


def _stood(action: ActionStood | ActionView) -> str:
    caution = ", with caution" if action.caution else ""
    due = "" if action.due is None else f", due {action.due}"
    return f"P{action.prio} {DISPOSITIONS[action.disposition]}{caution}{due}"


def _review(page: Page, review: ReviewContrast) -> None:
    stood = [f"{each.status} {each.due}" for each in (review.before, review.after) if each is not None]
    way = " → ".join(stood) + (" → not wanted" if review.after is None else "")
    page.put(f"{review.title}  {review.id}: {way}", indent=2, mark=f"{MARKS[review.change]} ")
    if review.after is not None:
        page.put(paragraph(review.after.reasons), indent=6, style=QUIET)


def _reminder(page: Page, reminder: ReminderContrast) -> None:
    when = str(reminder.on) if reminder.hours is None else f"{reminder.hours} h after {reminder.on}"
    whom = ", ".join(reminder.to).replace("_", " ")
    text = f"{when}  {reminder.step} to {whom}: {reminder.title}"
    page.put(text, indent=2, mark=f"{MARKS[reminder.change]} ")
