"""What HTTP answers about worklists."""

from datetime import date, datetime
from typing import Any

from api.http.action_ids import action_id
from api.http.people_views import OwnerView, owner_view
from api.http.views import family
from engine.core.ownership import ActionKey
from engine.core.result import View
from engine.core.worklists import ListName, Row, RowKind, SavedWorklist
from engine.services.patients import Sender
from engine.services.saved_worklists import is_mine
from engine.services.urgency import ReasonCode
from engine.services.worklists import Count, Listed, Listing


class ReasonView(View):
    """Something that says how urgent a row is."""

    code: ReasonCode
    """`overdue` and `waits` in days; `step` the newest reminder step, `missed` if it is the last of them."""
    value: str


class UrgencyView(View):
    """Why a row is where it is."""

    reasons: tuple[ReasonView, ...]


class LackView(View):
    """A datum that an action waits for."""

    item: str
    last: date | None
    """Date of the newest usable value; null when there is none."""
    age_days: int | None
    """How old that is today."""
    within_days: int | None
    """For how long a value is good; null where nothing says so."""


class RowView(View):
    """A row of a worklist."""

    kind: RowKind
    id: str
    """An `action_id` or `review_id`; the event to verify or to look at; a step's number; a message."""
    patient: str | None
    """Null for a message about several patients, or none."""
    patients: tuple[str, ...]
    """All a message is about; otherwise the patient."""
    pathway: str | None
    revision: int | None
    """The patient's, for `If-Match`."""
    state: str | None
    substate: str | None
    since: date | None
    tier: str | None
    subject: str
    title: str
    opened: date | None
    """The day an action opened, from which a review was counted, of a step, a reading or an override."""
    due: date | None
    days_overdue: int | None
    at: datetime | None
    """When a step was recorded or superseded, or a message was given up."""
    priority: int | None
    disposition: str | None
    missing: tuple[LackView, ...]
    happened: str | None
    """Of a step: `recorded` or `superseded`."""
    source: str | None
    to: str | None
    reason: str | None
    """Of an override."""
    channel: str | None
    """Of a message, the channel on which it could not be delivered."""
    owner: OwnerView | None
    urgency: UrgencyView


class FiltersView(View):
    """Which rows a saved worklist has; null for any."""

    pathway: str | None
    state: str | None
    tier: str | None
    owner: str | None
    subject: str | None
    kind: str | None
    because: str | None


class SavedView(View):
    """A saved worklist."""

    id: str
    name: str
    list: ListName
    filters: FiltersView
    shared_with: tuple[str, ...]
    mine: bool
    created: datetime


class CountedView(View):
    """A worklist and how long it is."""

    name: str
    """The list, or the id of a saved one: how the call of its rows is made."""
    rows: int | None
    """Null where what is the caller's own is asked for, and the caller is no person; and where counts of
    other saved ones looked at as many rows as one call may."""
    at_least: bool
    """Only the first 1,000 rows of the list were looked at; there are more."""
    saved: SavedView | None


def named(row: Row) -> str:
    """Return the id by which other calls name what a row is about."""
    if row.kind in ("action", "review"):
        day = row.on if row.kind == "action" else row.due
        assert row.patient and row.pathway and day  # noqa: PT018 - no such row is without
        return action_id(ActionKey(row.patient, row.pathway, row.subject, day))
    return row.named.get("event_id") or row.named.get("number") or row.subject


def row_view(listed: Listed, listing: Listing) -> RowView:
    """Return a row as shown."""
    row, today = listed.row, listing.today
    at = row.standing
    state, substate = family(None if at is None else at.state)
    late = None if row.due is None else max(0, (today - row.due).days)
    told: dict[str, Any] = {
        name: row.named.get(name) for name in ("disposition", "happened", "to", "reason", "channel")
    }
    return RowView(
        kind=row.kind,
        id=named(row),
        patient=row.patient,
        patients=row.about or (() if row.patient is None else (row.patient,)),
        pathway=row.pathway,
        revision=None if at is None else at.revision,
        state=state,
        substate=substate,
        since=None if at is None else at.since,
        tier=None if at is None else at.tier,
        subject=row.subject,
        title=listed.title,
        opened=row.on,
        due=row.due,
        days_overdue=late,
        at=row.at if row.kind in ("step", "message") else None,
        priority=row.priority,
        missing=tuple(
            LackView(
                item=lack.item,
                last=lack.last,
                age_days=None if lack.last is None else (today - lack.last).days,
                within_days=lack.within,
            )
            for lack in row.missing
        ),
        source=row.named.get("from"),
        owner=owner_view(listed.owner, listing.names),
        urgency=UrgencyView(reasons=tuple(ReasonView(code=r.code, value=r.value) for r in listed.reasons)),
        **told,
    )


def saved_view(saved: SavedWorklist, sender: Sender) -> SavedView:
    """Return a saved worklist as the sender sees it."""
    wanted = saved.filters
    return SavedView(
        id=saved.id,
        name=saved.name,
        list=saved.list,
        filters=FiltersView(**{name: getattr(wanted, name) for name in FiltersView.model_fields}),
        shared_with=saved.shared_with,
        mine=is_mine(saved, sender),
        created=saved.created,
    )


def counted_view(name: str, count: Count | None, saved: SavedView | None = None) -> CountedView:
    """Return a worklist with its length as shown."""
    return CountedView(
        name=name,
        rows=None if count is None else count.rows,
        at_least=count is not None and count.at_least,
        saved=saved,
    )
