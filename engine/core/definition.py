"""A pathway as data: parameters, criteria, states, transitions, actions, reviews, ladder, sources.

The document says *what*; how its expressions are read is in `expressions`, how they are run in
`pathway`. Nothing here evaluates anything. Expressions are kept as the text the author wrote.
"""

import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine.core.values import Day, Frozen, Number, plain

Expression = Annotated[str, StringConstraints(min_length=1)]
ParameterValue = bool | Number
Kind = Literal[
    "order",
    "treatment",
    "review",
    "referral",
    "prophylaxis",
    "vaccination",
    "support",
    "education",
    "data",
    "urgent",
]


class Cited(Frozen):
    """Anything that must say where it comes from."""

    cite: tuple[str, ...] = ()
    """Keys of `sources.yaml`; `eng` marks an engineering default that a clinical lead must ratify."""
    seed: tuple[str, ...] = ()
    """Statements of the source article (S-numbers)."""


class ContentStatus(Frozen):
    """Who stands behind the content; shown wherever the content is used."""

    status: Literal["draft", "approved"]
    approved_by: str | None = None
    review_by: Day | None = None
    note: str = ""


class EnrolmentField(Frozen):
    """One thing asked when a patient is enrolled."""

    title: str
    kind: Literal["code", "boolean", "date"]
    codes: tuple[str, ...] = ()
    required: bool = True
    must_be: bool | None = None


class Parameter(Cited):
    """A threshold a site may override."""

    value: ParameterValue
    unit: str | None = None
    meaning: str


class ContextVariable(Frozen):
    """Something the pathway remembers between dates; changed only by a transition's `set`."""

    start: ParameterValue | None
    kind: Literal["number", "date", "boolean"]
    title: str


class Criterion(Cited):
    """A named expression: a fact that needs no code."""

    when: Expression
    title: str


class StateDefinition(Frozen):
    """A place on the pathway."""

    title: str
    enter: str
    leave: str


class TransitionDefinition(Cited):
    """A permitted move. `when` None marks the move made by a person's override."""

    id: str
    source: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str | None
    trigger: str
    when: Expression | None
    prio: int | None
    strength: str
    assign: dict[str, Expression] = Field(default={}, alias="set")


class StatusChange(Cited):
    """A change of administrative status, made by a person."""

    id: str
    op: Literal["pause", "resume", "close", "reopen"]
    source: tuple[str, ...] = Field(alias="from")
    to: str
    trigger: str
    reason_required: bool


class Rationale(Frozen):
    """A sentence shown beside an option, with the statement it comes from."""

    says: str
    seed: tuple[str, ...]


class ActionDefinition(Cited):
    """Something the pathway may ask for or offer."""

    id: str
    kind: Kind
    prio: Expression
    when: Expression
    title: str
    block_if: Expression | None = None
    needs: tuple[str, ...] = ()
    defer_if: Expression | None = None
    caution_if: Expression | None = None
    trigger: Expression | None = None
    """A date. A decision silences the action until a trigger dated later than the decision."""
    rationale: tuple[Rationale, ...] = ()


class Suppression(Frozen):
    """For how long a decision keeps an action of a kind off the list."""

    accept: int | None
    """Days from the decision, the last one excluded; None means until the next state entry."""
    accept_urgent: dict[str, int] = {}
    """Days instead of `accept`, by the priority the action has now."""
    decline: int
    until_entry: bool
    """Whether the next state entry dated after the decision ends it early."""


class DecisionRules(Frozen):
    """Suppression by kind of action; `default` for kinds not named."""

    default: Suppression
    kinds: dict[Kind, Suppression]


class IntervalRow(Cited):
    """One row of an interval table: the first whose `when` holds gives the days."""

    when: Expression
    days: Expression


class IntervalReview(Cited):
    """A review that exists from enrolment and is repeated at an interval that depends on the patient."""

    schedule: Literal["interval"]
    id: str
    title: str
    items: tuple[str, ...] = Field(min_length=1)
    last: Literal["newest", "oldest"]
    """The satisfying date: the newest of any item, or the oldest of the newest of every item."""
    first_due: int
    """Days after enrolment when there is no satisfying data yet."""
    intervals: tuple[IntervalRow, ...] = Field(min_length=1)


class Phase(Frozen):
    """Interval in days while (last − start) is below `until`; None for the last phase."""

    days: int
    until: int | None = None


class CourseReview(Cited):
    """A safety panel that exists while a drug (or any drug of a group) is active."""

    schedule: Literal["course"]
    id: str
    title: str
    drug: str
    items: tuple[str, ...] = Field(min_length=1)
    baseline: bool
    baseline_days: int = 28
    """A panel up to this many days before the start serves as baseline."""
    phases: tuple[Phase, ...] = Field(min_length=1)


class DoseReview(Cited):
    """A test in a window of days after every dose; absent once a result in the window exists."""

    schedule: Literal["dose"]
    id: str
    title: str
    drug: str
    item: str
    window_from: int
    window_to: int
    due: int


class CycleReview(Cited):
    """A check at a fixed interval while a drug is active, whose earlier result may still count."""

    schedule: Literal["cycle"]
    id: str
    title: str
    drug: str
    item: str
    every: int
    first: int


ReviewDefinition = Annotated[
    IntervalReview | CourseReview | DoseReview | CycleReview, Field(discriminator="schedule")
]


class ReviewStep(Frozen):
    """A step of the reminder ladder, in days from the due date."""

    step: str
    offset: int
    short: int
    """Offset used when the interval that produced the due date is short."""
    to: tuple[str, ...]
    applies: tuple[str, ...]
    """Review ids; `*` at the end stands for any ending."""
    urgent: bool = False
    """It is sent at any hour, and with no digest."""


class ActionStep(Frozen):
    """A step for an urgent action, in hours from the instant that opened it."""

    step: str
    hours: int
    prios: tuple[int, ...]
    to: tuple[str, ...]
    unless_acknowledged: bool = False


class Together(Frozen):
    """Reviews that are told as one when they are due close to each other."""

    reviews: tuple[str, ...]
    """Review ids; `*` at the end stands for any ending."""
    days: int
    """How many days after the earliest of them the others may be due."""


class Silence(Frozen):
    """Priorities of actions that are listed but not told of while one of another priority is open."""

    while_open: tuple[int, ...]
    priorities: tuple[int, ...]


class Snooze(Cited):
    """How far something may be put off."""

    days: int
    """Anything, at most."""
    urgent_days: int
    """An action that has steps by the hour."""


class Ladder(Frozen):
    """When and to whom reminders go."""

    short_below: int
    """Intervals under this many days use the short offsets."""
    reviews: tuple[ReviewStep, ...]
    actions: tuple[ActionStep, ...]
    snooze: Snooze
    together: Together | None = None
    silence: Silence | None = None
    notes: tuple[str, ...] = ()


class DeclaredConflict(Cited):
    """A place where two sources disagree, and what each version does about it."""

    id: str
    topic: str
    article: str
    newer: str
    choice: str
    parameters: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    """Rules and states it bears on: it is shown with them."""


class SeedStatement(Frozen):
    """A statement of the source article and the rules that carry it."""

    says: str
    where: tuple[str, ...]


class RiskFactor(Cited):
    """A fact that raises the tier of a patient."""

    fact: str
    effect: str


class PathwayDefinition(Frozen):
    """One version of a pathway."""

    format: Literal[1]
    id: str
    version: str
    label: str
    title: str
    content: ContentStatus
    initial: str
    tier: str
    """The criterion whose value is shown as the patient's tier."""
    enrolment: dict[str, EnrolmentField]
    groups: dict[str, tuple[str, ...]]
    composites: dict[str, Expression]
    parameters: dict[str, Parameter]
    context: dict[str, ContextVariable]
    criteria: dict[str, Criterion]
    states: dict[str, StateDefinition]
    transitions: tuple[TransitionDefinition, ...]
    status_changes: tuple[StatusChange, ...]
    priorities: dict[str, int | None]
    """Days within which an action of each priority is due; None for "consider"."""
    decisions: DecisionRules
    actions: tuple[ActionDefinition, ...]
    reviews: tuple[ReviewDefinition, ...]
    ladder: Ladder
    risk_factors: tuple[RiskFactor, ...]
    conflicts: tuple[DeclaredConflict, ...]
    coverage: dict[str, SeedStatement]
    limits: tuple[str, ...]

    def with_parameters(self, values: dict[str, Any]) -> "PathwayDefinition":
        """Return the same pathway with some parameters replaced; raises KeyError for an unknown name."""
        parameters = dict(self.parameters)
        for name, value in values.items():
            old = parameters[name]
            parameters[name] = Parameter.model_validate({**dict(old), "value": value})
        return self.model_copy(update={"parameters": parameters})

    def digest(self, *revisions: str) -> str:
        """Return the SHA-256 of the canonical JSON of this definition and the given revisions."""
        document = json.dumps(
            [_canonical(self.model_dump(by_alias=True)), *revisions], sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(document.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(v) for v in value]
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, str | int | bool | None) else str(value)
