"""What HTTP answers about work: open actions and reviews with whose they are and what was done about them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.http.people_views import OwnerView, PersonRef
from engine.core.notes import Done
from engine.core.people import WorkNote
from engine.core.result import ActionView, ReviewView, View


class RemarkView(View):
    """What somebody noted: when, and who."""

    at: datetime
    by: PersonRef | None
    """None for another system."""
    reason: str | None
    """For something not done its code, for something put off in words."""
    until: date | None
    """For something put off, the first day on which it is told of again."""


class NotedView(View):
    """The newest notes about an action or a review, each None if there is none."""

    acknowledged: RemarkView | None
    snoozed: RemarkView | None
    """None too when its day has come."""
    not_done: RemarkView | None


class OwnedActionView(ActionView, NotedView):
    """An open action with its owner and notes."""

    action_id: str
    """Names this action of this patient in other calls."""
    owner: OwnerView | None
    """None when it is nobody's."""


class NamedReviewView(ReviewView, NotedView):
    """A review with the id by which other calls name it, and notes."""

    review_id: str
    """Names this review, as it is due now, in other calls."""
    missed: bool
    """Whether the day of its last reminder step has come; it stays open until data satisfy it."""


class NoteView(View):
    """What was noted about an action or a review."""

    id: str
    """The `action_id` or `review_id`."""
    patient: str
    revision: int
    note: str
    reason: str | None
    until: date | None
    at: datetime
    by: str | None
    """Id of the person; None for another system."""


def noted(done: Done, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the newest notes about something as the fields of a view.

    Args:
        done: the notes.
        names: of those who wrote them, by id.
    """

    def remark(note: WorkNote | None) -> RemarkView | None:
        if note is None:
            return None
        by = None if note.author is None else PersonRef(id=note.author, name=names[note.author])
        return RemarkView(at=note.instant, by=by, reason=note.reason, until=note.until)

    return {
        "acknowledged": remark(done.acknowledged),
        "snoozed": remark(done.snoozed),
        "not_done": remark(done.not_done),
    }
