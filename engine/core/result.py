"""What an evaluation says, as one set of models for every face: HTTP, command line and stories.

Spec §13. Decimal numbers are text, dates are ISO dates, and every field is always there, so that two
results can be compared as text. Nothing is decided here; `answer` fills the models.
"""

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from engine.core.actions import Disposition
from engine.core.definition import ContentStatus, Kind
from engine.core.narrate import Line
from engine.core.reviews import ReviewStatus
from engine.core.values import Frozen

Plain = str | bool | None
"""A value as it is shown: a number or a date as text, a truth, or nothing."""

Status = Literal["active", "paused", "closed"]


class View(Frozen):
    """Base of everything shown; a field named like a Python keyword goes by its plain name."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)


class Citation(View):
    """Where a rule comes from."""

    key: str
    kind: Literal["source", "statement", "engineering default"]
    """A publication, a statement of the source article, or a number we chose ourselves."""
    title: str
    year: int | None
    doi: str | None
    checked: str | None
    """What of the source was actually read when the rule was written; None for a statement."""


class PathwayView(View):
    """Which rules were applied."""

    id: str
    version: str
    label: str
    title: str
    digest: str
    """SHA-256 of everything that decides; equal digests mean equal rules."""
    content: ContentStatus


class Setting(View):
    """A parameter that differs from the published version."""

    name: str
    meaning: str
    unit: str | None
    value: Plain
    published: Plain


class Remembered(View):
    """Something the pathway remembers about a patient, such as the number of the current treatment."""

    title: str
    kind: Literal["number", "date", "boolean"]
    value: Plain


class Datum(View):
    """A value that was recorded."""

    item: str
    title: str
    value: Plain
    unit: str | None
    date: date
    event_id: str


class Reason(View):
    """A remark shown with an option."""

    says: str
    citations: tuple[Citation, ...]


class Missing(View):
    """Something that is needed and not there, or out of date."""

    item: str
    title: str
    last: date | None
    """Date of the last usable value, which is too old; None when there is none."""


class ActionView(View):
    """An open action."""

    id: str
    title: str
    kind: Kind
    disposition: Disposition
    prio: int
    opened_on: date
    due: date | None
    """None for an action that is only to be considered."""
    caution: bool
    caution_reasons: tuple[Line, ...]
    block_reasons: tuple[Line, ...]
    defer_reasons: tuple[Line, ...]
    rationale: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    reasons: tuple[Line, ...]
    evidence: tuple[str, ...]
    """Ids of the events that made it open."""
    citations: tuple[Citation, ...]


class DecidedView(View):
    """An action that would be open, but that a clinician's decision keeps off the list."""

    id: str
    title: str
    decision: Literal["accept", "decline"]
    on: date
    reason: str | None
    event_id: str


class StepOfLadder(View):
    """A reminder step of a review on its day."""

    step: str
    on: date
    to: tuple[str, ...]


class ReviewView(View):
    """A review and when it is due."""

    id: str
    title: str
    due: date
    status: ReviewStatus
    step: str | None
    """Newest reminder step reached; `held` while paused; None before the first."""
    interval: int
    """Days from `base` to `due`."""
    base: date
    last: tuple[Datum, ...]
    """The newest data that satisfied it, one per item."""
    reasons: tuple[Line, ...]
    evidence: tuple[str, ...]
    citations: tuple[Citation, ...]
    steps: tuple[StepOfLadder, ...]


class Move(View):
    """A step from one state, or one administrative status, to another."""

    date: date
    transition: str
    source: str = Field(alias="from")
    to: str


class NamedMove(Move):
    """A step with the titles of both states."""

    from_title: str
    to_title: str


class MoveView(NamedMove):
    """A step with its reasons."""

    evidence: tuple[str, ...]
    reasons: tuple[Line, ...]
    citations: tuple[Citation, ...]
    strength: str


class LapsedView(View):
    """An action that was called for until the history changed, and what had been decided about it."""

    id: str
    title: str
    kind: Kind
    decision: Literal["accept", "decline"] | None
    decided_on: date | None
    event_id: str | None
    """The decision; it stays in the record."""


class ChangeView(View):
    """Late or corrected data changed the history: steps that no longer hold, and steps that came."""

    received: date
    event_id: str
    withdrawn: tuple[NamedMove, ...]
    brought: tuple[NamedMove, ...]
    lapsed: tuple[LapsedView, ...]
    """Actions that were called for on the day of receipt and, with this message, are not."""


class LineView(View):
    """An earlier line of treatment and how it ended."""

    context: dict[str, Remembered]
    """What the pathway remembered then."""
    since: date
    until: date
    """The day the next one began."""
    drugs: tuple[str, ...]
    """Titles of what ran on its last day, of the drugs that can begin a line."""
    outcome: tuple[NamedMove, ...]
    """The steps within it, oldest first."""


class Disagreement(View):
    """Where the sources disagree on something shown, and what this version does about it."""

    id: str
    topic: str
    article: str
    newer: str
    choice: str
    parameters: tuple[str, ...]
    citations: tuple[Citation, ...]
    """Where the newer guidance stands."""


class Brief(View):
    """What a clinician reads first: where the patient stands and why, on whose word, and what is open."""

    says: str
    """One sentence: the state, since when, and what decided, with numbers and dates."""
    numbers: tuple[Datum, ...]
    """The values that decided, oldest first."""
    citations: tuple[Citation, ...]
    strength: str | None
    """Strength of the evidence for the rule that decided; null while nothing has moved the patient."""
    status: Literal["draft", "approved"]
    """Whether a clinician stands behind the rules."""
    missing: tuple[Missing, ...]
    """What actions and ways out of the state wait for."""
    disagreements: tuple[Disagreement, ...]


class Waiting(View):
    """A rule that waits for data."""

    kind: Literal["action", "transition", "review"]
    id: str
    title: str


class Wanted(Missing):
    """Data that would settle something."""

    waiting: tuple[Waiting, ...]


class EdgeView(View):
    """A transition that leaves the current state, and why it is or is not taken."""

    id: str
    to: str
    to_title: str
    trigger: str
    prio: int | None
    strength: str
    holds: bool
    """Whether its guard is true as of the date; a transition is taken when an event arrives."""
    reasons: tuple[Line, ...]
    missing: tuple[Missing, ...]
    nearest: tuple[str, ...]
    """Single changes, any one of which would make it hold."""
    citations: tuple[Citation, ...]


class Result(View):
    """Where one patient stands on a pathway as of a date, why, and what comes next.

    Before enrolment `brief`, `status`, `state`, `since` and `tier` are null and the lists are empty.
    """

    pathway: PathwayView
    parameter_set: tuple[Setting, ...]
    """Parameters that differ from the published version; empty when none does."""
    as_of: date
    enrolled: date | None
    brief: Brief | None
    """The whole in one sentence, with its numbers, its sources, what is missing and what is disputed."""
    status: Status | None
    state: str | None
    """The state's family, for example `first_line`."""
    substate: str | None
    """What follows the dot in a state's full name, for example `non_progressive`."""
    state_title: str | None
    since: date | None
    context: dict[str, Remembered]
    tier: str | None
    tier_reasons: tuple[Line, ...]
    open_actions: tuple[ActionView, ...]
    decided: tuple[DecidedView, ...]
    reviews: tuple[ReviewView, ...]
    history: tuple[MoveView, ...]
    lines: tuple[LineView, ...]
    """Earlier lines of treatment, oldest first, with their outcome."""
    changes: tuple[ChangeView, ...]
    wanted: tuple[Wanted, ...]
    edges: tuple[EdgeView, ...]
    revisit_on: date | None
    """First later date on which any of this could differ without new data; None for never."""
    limits: tuple[str, ...]
    """What users must be told about this pathway."""
