"""Next actions as cards: what, how soon, whose, why, and what may be done about it here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo

from api.http.note_views import NotedView, noted
from api.http.people_views import owner_view
from api.present.words import DISPOSITIONS, KIND_REMARKS, KINDS
from api.web import words
from api.web.doing import Doing
from engine.core.definition import Kind
from engine.core.mentions import DECIDED
from engine.core.narrate import Line
from engine.core.notes import Done
from engine.core.ownership import Owner, Roster
from engine.core.result import ActionView, Citation, DecidedView, Missing, ReviewView


@dataclass(frozen=True, slots=True)
class Card:
    """An open action."""

    name: str
    """Its `action_id`."""
    id: str
    title: str
    disposition: str
    """One of the engine's words, for the look."""
    says: str
    """The same in words."""
    prio: str
    due: str
    alarm: bool
    late: bool
    warnings: tuple[tuple[str, tuple[Line, ...]], ...]
    """What speaks against it, each with a heading."""
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    reasons: tuple[Line, ...]
    citations: tuple[Citation, ...]
    owner: str
    done: tuple[str, ...]
    """What somebody noted about it."""
    doing: Doing


@dataclass(frozen=True, slots=True)
class Group:
    """Open actions of one kind."""

    title: str
    remark: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review with its reminder steps."""

    name: str
    """Its `review_id`."""
    title: str
    due: str
    late: bool
    status: str
    steps: tuple[tuple[str, bool], ...]
    """Each step with its day, and whether that has come."""
    last: str
    reasons: tuple[Line, ...]
    citations: tuple[Citation, ...]
    done: tuple[str, ...]
    doing: Doing


@dataclass(frozen=True, slots=True)
class Pressing:
    """Something that is to be done first, and where on the page it stands."""

    href: str
    title: str
    when: str


PRESSING = 5
"""What is named first, at most."""


def pressing(cards: Iterable[tuple[ActionView, Card]], reviews: Iterable[ReviewRow]) -> tuple[Pressing, ...]:
    """Return what is urgent or late, open actions by priority before reviews; nothing if all is well."""
    urgent = sorted((pair for pair in cards if pair[1].alarm or pair[1].late), key=lambda pair: pair[0].prio)
    first = [Pressing(f"#{card.name}", card.title, card.due) for _, card in urgent]
    first += [Pressing(f"#{row.name}", row.title, row.due) for row in reviews if row.late]
    return tuple(first[:PRESSING])


def lacks(missing: Iterable[Missing]) -> tuple[str, ...]:
    """Return what is missing, each with the date of the value that is too old."""
    return tuple(f"{m.title} (last {words.day(m.last)})" if m.last else m.title for m in missing)


def groups(cards: Iterable[tuple[ActionView, Card]]) -> tuple[Group, ...]:
    """Return cards by kind; the kind with the most urgent one comes first."""
    by_kind = dict[Kind, list[tuple[ActionView, Card]]]()
    for each in cards:
        by_kind.setdefault(each[0].kind, []).append(each)
    order = list(KINDS)
    ranked = sorted(by_kind.items(), key=lambda row: (min(v.prio for v, _ in row[1]), order.index(row[0])))
    return tuple(
        Group(KINDS[kind], KIND_REMARKS.get(kind, ""), tuple(card for _, card in found))
        for kind, found in ranked
    )


def card(
    view: ActionView, forms: Doing, owner: Owner | None, working: Roster, done: tuple[str, ...], today: date
) -> Card:
    """Return an open action as a card.

    Args:
        view: the action.
        forms: what may be done about it.
        owner: whose it is.
        working: who works at the site.
        done: what somebody noted about it.
        today: at the site.
    """
    held = owner_view(owner, working)
    warnings = (
        ("Blocked, because", view.block_reasons),
        ("Deferred, because", view.defer_reasons),
        ("Take care:", view.caution_reasons),
    )
    return Card(
        forms.name,
        view.id,
        view.title,
        view.disposition,
        DISPOSITIONS[view.disposition],
        f"P{view.prio}",
        words.due(view.due, today) or "to consider",
        view.prio == 0,
        view.due is not None and view.due < today,
        tuple(each for each in warnings if each[1]),
        lacks(view.missing),
        tuple(reason.says for reason in view.rationale),
        view.reasons,
        view.citations,
        "nobody" if held is None else held.name,
        done,
        forms,
    )


def review_row(view: ReviewView, forms: Doing, done: tuple[str, ...], today: date) -> ReviewRow:
    """Return a review as a row.

    Args:
        view: the review.
        forms: what may be done about it.
        done: what somebody noted about it.
        today: at the site.
    """
    return ReviewRow(
        forms.name,
        view.title,
        words.due(view.due, today),
        view.due < today,
        words.plainly(view.step or view.status),
        tuple(
            (f"{words.first_upper(words.plainly(s.step))} {words.day(s.on)}", s.on <= today)
            for s in view.steps
        ),
        ", ".join(f"{datum.title} {words.day(datum.date)}" for datum in view.last),
        view.reasons,
        view.citations,
        done,
        forms,
    )


def decided(found: Iterable[DecidedView]) -> tuple[str, ...]:
    """Return what decisions keep off the list, in words."""
    return tuple(
        f"{each.title}: {DECIDED[each.decision]} on {words.day(each.on)}"
        + (f", {each.reason}" if each.reason else "")
        for each in found
    )


def remarks(done: Done, names: Mapping[str, str], zone: tzinfo) -> tuple[str, ...]:
    """Return what somebody noted about an action or a review, in words; days are those of the site."""
    view = NotedView(**noted(done, names))
    told = []
    if view.acknowledged is not None:
        told.append(f"Seen by {_who(view.acknowledged.by)}, {words.day_of(view.acknowledged.at, zone)}")
    if view.snoozed is not None:
        told.append(f"Put off until {words.day(view.snoozed.until)}: {view.snoozed.reason}")
    if view.not_done is not None:
        told.append(f"Not done, {words.plainly(view.not_done.reason or '')}: {_who(view.not_done.by)}")
    return tuple(told)


def _who(by: object) -> str:
    return str(getattr(by, "name", "another system"))
