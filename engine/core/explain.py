"""Why an evaluation came out as it did: past steps, open edges, and the data that would settle more.

Rules are judged again where they were judged the first time; the engine is deterministic, so a reason
need not be stored to be shown later. The words are made in `narrate`.
"""

from dataclasses import dataclass

from engine.core.definition import CourseReview, DoseReview, IntervalReview, ReviewDefinition
from engine.core.evaluate import Evaluation
from engine.core.events import Admin, Override
from engine.core.fold import Step
from engine.core.guards import AllOf, AnyOf, CriterionRef, Not, Trace
from engine.core.moment import Moment
from engine.core.names import lower
from engine.core.narrate import Line, Narrator
from engine.core.nearest import single_changes
from engine.core.pathway import Transition
from engine.core.readings import Reading
from engine.core.reviews import ReviewWanted, rule_trace


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for something, and the events behind them."""

    lines: tuple[Line, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition that leaves the current state, and why its guard holds or does not."""

    rule: Transition
    trace: Trace
    because: tuple[Line, ...]
    nearest: tuple[str, ...]
    """Single changes, each of which would make the guard hold."""

    @property
    def holds(self) -> bool:
        """Whether the guard is true as of the date asked; it fires with the next event then."""
        return self.trace.value is True

    @property
    def missing(self) -> tuple[str, ...]:
        """Missing data whose arrival could make the guard hold."""
        return tuple(dict.fromkeys(could_settle(self.trace, want=True)))


def could_settle(trace: Trace, *, want: bool) -> tuple[str, ...]:
    """Return the missing data whose arrival could give a condition the wanted value."""
    if trace.value is want:
        return ()
    match trace.node:
        case Not():
            return could_settle(trace.parts[0], want=not want)
        case CriterionRef():
            return (*trace.missing, *could_settle(trace.parts[0], want=want))
        case AllOf() | AnyOf():
            found = [could_settle(p, want=want) for p in trace.parts if p.value is not want]
            # where every part must come right, one that no missing data can change settles the matter
            if isinstance(trace.node, AllOf) is want and not all(found):
                return ()
            return tuple(name for names in found for name in names)
        case _:
            return trace.lacking


def step_moment(evaluation: Evaluation, step: Step) -> Moment:
    """Return the moment in which a past step was taken."""
    chart = evaluation.fold.chart
    assert chart.enrolment is not None
    return Moment(evaluation.pathway, chart, chart.enrolment, step.day, step.before)


def why_step(evaluation: Evaluation, step: Step) -> Why:
    """Return why a past step was taken: the guard judged again there, or the person who made it."""
    if step.event_id is not None:
        return Why((_by_hand(evaluation, step, step.event_id),), (step.event_id,))
    rule = evaluation.pathway.transitions[step.transition]
    assert rule.when is not None
    at = step_moment(evaluation, step)
    trace = rule.when.trace(at)
    return Why(Narrator(at).lines(trace), trace.evidence)


def _by_hand(evaluation: Evaluation, step: Step, event_id: str) -> Line:
    chart = evaluation.fold.chart
    entries = [*chart.overrides.get(step.day, ()), *chart.admin.get(step.day, ())]
    body = next(e.body for e in entries if e.event_id == event_id)
    reason = body.reason if isinstance(body, Override | Admin) else None
    what = "Moved here by a clinician" if isinstance(body, Override) else "Changed by a person"
    given = (reason or "no reason given").replace("_", " ")
    return Line(says=f"{what}: {given}", events=(event_id,))


def why_review(review: ReviewWanted, at: Moment) -> Why:
    """Return how a review's due date came about: what it was counted from, and which interval applied."""
    events = tuple(dict.fromkeys(r.event_id for r in review.last if r.day == review.base))
    counted = Line(says=_counted_from(review, at), events=events)
    trace = rule_trace(review, at)
    if trace is None:
        return Why((counted,), events)
    found = Narrator(at).lines(trace) or (Line(says="None of the shorter intervals applies"),)
    at.review_of(None)
    return Why((counted, *found), tuple(dict.fromkeys((*events, *trace.evidence))))


def _counted_from(review: ReviewWanted, at: Moment) -> str:
    if any(r.day == review.base for r in review.last):
        base = f"the last data on {review.base}"
    elif isinstance(review.definition, IntervalReview):
        base = f"enrolment on {review.base}; not all the data have been recorded yet"
    else:
        base = f"{_course(review.definition, at)} on {review.base}"
    return f"Due on the day of {base}" if review.interval == 0 else f"Due {review.interval} days after {base}"


def _course(definition: ReviewDefinition, at: Moment) -> str:
    """What a safety review is counted from: the newest dose, or the start of the drug."""
    narrator = Narrator(at)
    assert not isinstance(definition, IntervalReview)
    running = [d for d in at.members(definition.drug) if at.running(d) is not None]
    drugs = " or ".join(lower(narrator.names.of(d)) for d in running)
    return f"the last dose of {drugs}" if definition.schedule == "dose" else f"the start of {drugs}"


def edges(evaluation: Evaluation) -> tuple[Edge, ...]:
    """Return every transition that leaves the current state, in the order in which they are tried."""
    at = evaluation.moment
    if at is None or at.position.status == "closed":
        return ()
    narrator = Narrator(at)
    found = []
    for move in evaluation.pathway.machine.moves(at.position.state):
        rule = evaluation.pathway.transitions[move.id]
        assert rule.when is not None
        trace = rule.when.trace(at)
        found.append(Edge(rule, trace, narrator.lines(trace), single_changes(trace, at)))
    return tuple(found)


def wanted(evaluation: Evaluation, outgoing: tuple[Edge, ...]) -> dict[str, tuple[str, ...]]:
    """Return the data that would settle something, each with the ids of the rules that wait for it.

    From actions that need data, from transitions whose guard lacks something, and from reviews past
    their day.
    """
    found: dict[str, dict[str, None]] = {}
    for action in evaluation.actions:
        if action.disposition == "needs_data":
            for item in action.missing:
                found.setdefault(item, {})[action.id] = None
    for edge in outgoing:
        for item in edge.missing:
            found.setdefault(item, {})[edge.rule.definition.id] = None
    for review in evaluation.reviews:
        if review.status == "overdue" and evaluation.moment is not None:
            for item in _outstanding(review, evaluation.moment):
                found.setdefault(item, {})[review.id] = None
    return {item: tuple(rules) for item, rules in found.items()}


def _outstanding(review: ReviewWanted, at: Moment) -> tuple[str, ...]:
    """Return the items of an overdue review that are missing or older than its interval."""
    items = _items(review.definition)
    if isinstance(review.definition, DoseReview):
        return items  # a test at the right distance from a dose: no other one counts, however new
    return tuple(item for item in items if not _counts(at.last(item), review, at))


def _counts(reading: Reading | None, review: ReviewWanted, at: Moment) -> bool:
    if reading is None:
        return False
    return at.within(reading.day, review.interval) if review.interval else reading.day >= review.base


def _items(definition: ReviewDefinition) -> tuple[str, ...]:
    """Return the items that satisfy a review."""
    return definition.items if isinstance(definition, IntervalReview | CourseReview) else (definition.item,)
