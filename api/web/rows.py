"""Rows of worklists as people read them: who, what, how late, whose, and why it stands there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.http.worklist_views import named
from api.web import words
from engine.core.kept import Identifier, Lack
from engine.core.names import Names
from engine.core.ownership import ActionKey, Roster
from engine.core.worklists import ListName, Row
from engine.ports import Pathways, UnitOfWork
from engine.services.urgency import Reason
from engine.services.worklists import Count, Listed, Listing

TITLES: dict[ListName, str] = {
    "urgent": "Urgent",
    "overdue": "Overdue",
    "moved": "Moved",
    "needs-data": "Missing data",
    "quarantined": "Values to verify",
    "overridden": "Overridden",
    "undeliverable": "Not delivered",
    "unowned": "Nobody's",
}
MEANINGS: dict[ListName, str] = {
    "urgent": "Red flags and whatever else is due within hours: P0 and P1.",
    "overdue": "Reviews and actions whose day has passed, the longest first.",
    "moved": "Patients who came to another state, or back, within a week.",
    "needs-data": "Actions that wait for a value that is missing or too old.",
    "quarantined": "Values that wait until somebody confirms or corrects them.",
    "overridden": "Patients whom a clinician put where they are.",
    "undeliverable": "Messages that were given up after every try.",
    "unowned": "Open actions that fall to nobody who is active.",
}
EMPTY: dict[ListName, str] = {
    "urgent": "Nothing is urgent.",
    "overdue": "Nothing is overdue.",
    "moved": "Nobody moved this week.",
    "needs-data": "No action waits for data.",
    "quarantined": "No value waits to be verified.",
    "overridden": "Nobody is where an override put them.",
    "undeliverable": "Every message arrived.",
    "unowned": "Every open action has an owner.",
}
SO_FAR = "None was found so far; there is more to look through."
NO_MORE = "There are no more."
UNFIT = "No row fits these filters."
SEVERE = ("critical", "missed")
"""Steps of the ladder after which a row is marked like an urgent one."""


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row on a page."""

    mark: str
    """How it is named in a form: kind, revision and id; nothing where nothing can be done to it there."""
    href: str
    patient: str
    what: str
    where: str
    """State of the patient and since when."""
    when: str
    alarm: bool
    """Whether it is to be seen first."""
    notes: tuple[str, ...]
    """Why it stands where it does."""
    owner: str


@dataclass(frozen=True, slots=True)
class ListTab:
    """A worklist with how long it is."""

    name: str
    title: str
    href: str
    count: str
    """Nothing where it is not known."""
    here: bool = False


def patients_of(listing: Listing) -> tuple[str, ...]:
    """Return the ids of the patients a page of a worklist shows."""
    rows = (listed.row for listed in listing.items)
    return tuple(dict.fromkeys(p for row in rows for p in (*row.about, row.patient) if p is not None))


def lines(uow: UnitOfWork, pathways: Pathways, listing: Listing) -> tuple[RowLine, ...]:
    """Return a page of a worklist; one query finds by what its patients are known."""
    known = uow.patients.identifiers_of(patients_of(listing))
    return tuple(_line(pathways, listing, each, known) for each in listing.items)


def label(patient: str, known: Iterable[Identifier]) -> str:
    """Return what a patient goes by: an identifier, or else the end of the id."""
    first = next(iter(known), None)
    return f"Patient …{patient[-6:]}" if first is None else first.value


def spelled(known: Sequence[Identifier]) -> tuple[str, ...]:
    """Return of which system the label is, and every other identifier with its own."""
    return tuple(
        each.system if place == 0 else f"{each.value} ({each.system})" for place, each in enumerate(known)
    )


def state_title(pathways: Pathways, pathway: str, version: str, state: str | None) -> str:
    """Return what a state is called; its plain name where the version does not know it."""
    states = pathways.pathway(pathway, version).definition.states
    return "" if state is None else states[state].title if state in states else words.plainly(state)


def title_of(pathways: Pathways, key: ActionKey) -> str:
    """Return what an action or a review is called; its plain name where no pathway knows it."""
    if key.pathway not in dict(pathways.available()):
        return words.plainly(key.action)
    rules = pathways.pathway(key.pathway)
    review = rules.reviews.get(key.action)
    return Names(rules).of(key.action) if review is None else review.title


def _line(
    pathways: Pathways, listing: Listing, listed: Listed, known: Mapping[str, tuple[Identifier, ...]]
) -> RowLine:
    row, at = listed.row, listed.row.standing
    where = ""
    if at is not None and row.pathway is not None and at.since is not None:
        where = f"{state_title(pathways, row.pathway, at.version, at.state)} since {words.day(at.since)}"
    about = len(row.about)
    return RowLine(
        mark=f"{row.kind}.{at.revision}.{named(row)}" if at and row.kind in ("action", "review") else "",
        href="" if row.patient is None else f"/patients/{row.patient}",
        patient=label(row.patient, known.get(row.patient, ()))
        if row.patient
        else words.count(about, "patient"),
        what=_what(listed),
        where=where,
        when=_when(row, listing),
        alarm=(row.priority is not None and row.priority <= 0)
        or any(r.value in SEVERE or r.code == "missed" for r in listed.reasons),
        notes=tuple(filter(None, (_reason(r, listing.names) for r in listed.reasons)))
        + tuple(_lack(pathways, row, lack) for lack in row.missing),
        owner="nobody" if listed.owner is None else listing.names.names.get(listed.owner.person, ""),
    )


def _what(listed: Listed) -> str:
    row, title = listed.row, words.first_upper(listed.title)
    if row.kind == "step":
        return f"{'No longer' if row.named.get('happened') == 'superseded' else 'Came'} to {listed.title}"
    if row.kind == "override":
        return f"Put to {listed.title}: {words.plainly(row.named.get('reason', ''))}"
    if row.kind == "message":
        return f"A message by {words.plainly(row.named.get('channel_kind', ''))} was given up"
    return title


def _when(row: Row, listing: Listing) -> str:
    if row.due is not None:
        return words.due(row.due, listing.today)
    if row.at is not None and row.kind in ("step", "message"):
        return words.day_of(row.at, listing.zone)
    return "" if row.on is None else f"since {words.day(row.on)}"


def _reason(reason: Reason, names: Roster) -> str:
    match reason.code:
        case "priority":
            return f"P{reason.value}"
        case "step":
            return f"reminded: {words.plainly(reason.value)}"
        case "missed":
            return f"last reminder gone: {words.plainly(reason.value)}"
        case "tier":
            return f"{words.plainly(reason.value)} risk"
        case "outcome":
            return words.plainly(reason.value)
        case "waits":
            return f"for {words.count(int(reason.value), 'day')}"
        case _:  # how many days something is overdue stands in a column of its own
            return ""


def _lack(pathways: Pathways, row: Row, lack: Lack) -> str:
    title = lack.item
    if row.pathway is not None and row.standing is not None:
        title = Names(pathways.pathway(row.pathway, row.standing.version)).datum(lack.item)
    return f"{title}: none yet" if lack.last is None else f"{title}: last {words.day(lack.last)}, too old"


def emptiness(name: ListName, listing: Listing, *, filtered: bool = False, begun: bool = False) -> str:
    """Return what to say where a page of a worklist holds no row.

    Args:
        name: which worklist.
        listing: the page; one that leads on does not know yet that there is none.
        filtered: whether some rows only are wanted.
        begun: whether other pages came before it.
    """
    if listing.following is not None:
        return SO_FAR
    if begun:
        return NO_MORE
    return UNFIT if filtered else EMPTY[name]


def tab(name: ListName, found: Count | None, *, here: bool = False) -> ListTab:
    """Return a worklist with its length."""
    return ListTab(name, TITLES[name], f"/lists/{name}", counted(found), here)


def counted(found: Count | None) -> str:
    """Return how long a list is, as far as it was counted; a dash where nothing was found that far."""
    if found is None:
        return ""
    if found.at_least:
        return f"{found.rows:,}+" if found.rows else "–"
    return f"{found.rows:,}"
