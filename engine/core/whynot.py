"""Why not: each way out of the state that is not taken, each option not offered, and what would do it."""

from collections.abc import Collection
from functools import partial
from typing import Any, Literal

from engine.core.actions import Disposition, lacking, offered
from engine.core.closed import why_closed
from engine.core.definition import Kind, TransitionDefinition
from engine.core.evaluate import Evaluation
from engine.core.events import Observations
from engine.core.explain import could_settle, edges
from engine.core.flips import Comes, Flip, flips
from engine.core.guards import Node
from engine.core.mentions import mention
from engine.core.messages import message_of
from engine.core.moment import Moment
from engine.core.names import lower, quantity, shown, unit_text
from engine.core.narrate import Line
from engine.core.pathway import Action
from engine.core.result import Citation, Datum, EdgeView, Missing, View
from engine.core.subjects import Subject
from engine.core.teller import Sources, Teller
from engine.core.trial import Trial, Tried

OPTIONS: tuple[Kind, ...] = ("treatment",)
"""Kinds of actions among which a clinician chooses; they are asked about although they are not open."""


class FlipView(View):
    """A single datum that would do it if it were recorded on the day asked about."""

    says: str
    sign: Literal["at most", "at least", "any"] | None
    """Which other numbers would do as well; null for what is no number, or only has to be recorded again."""
    again: bool
    """What was recorded before would do: it is only too old."""
    last: Datum | None
    """The newest value there is."""
    event: dict[str, Any]
    """A message that says it, as what-if takes it; numbers are text, in canonical units."""


class EdgeNotTaken(EdgeView):
    """A way out of the current state, and what would take it."""

    flips: tuple[FlipView, ...]
    """Each has been tried; none where more than one thing would have to be recorded."""


class NotOffered(View):
    """An action that is not offered, and what would have it offered."""

    id: str
    title: str
    kind: Kind
    disposition: Disposition | Literal["not open"]
    reasons: tuple[Line, ...]
    missing: tuple[Missing, ...]
    flips: tuple[FlipView, ...]
    citations: tuple[Citation, ...]


class WhyNot(View):
    """What does not come about for a patient, why, and the smallest single change that would do it."""

    transitions: tuple[EdgeNotTaken, ...]
    options: tuple[NotOffered, ...]
    """Treatments that are not open, and whatever is open and blocked, deferred or waiting for data."""


def why_not(evaluation: Evaluation, sources: Sources) -> WhyNot:
    """Return what does not come about for a patient; nothing before enrolment and after closure.

    Args:
        evaluation: where the patient stands.
        sources: the pathway's sources by citation key.
    """
    at = evaluation.moment
    if at is None or at.position.status == "closed":
        return WhyNot(transitions=(), options=())
    teller = _Teller(evaluation, sources, at)
    return WhyNot(transitions=teller.edges(), options=teller.options())


def number_flips(
    evaluation: Evaluation, items: Collection[str]
) -> tuple[tuple[TransitionDefinition, tuple[Flip, ...]], ...]:
    """Return each way out of the state that is not taken, with the numbers of some items that would take it.

    Args:
        evaluation: where the patient stands.
        items: of the vocabulary, numbers.
    """
    at = evaluation.moment
    if at is None or at.position.status == "closed":
        return ()
    trial, wanted = Trial(evaluation, at), {("item", name) for name in items}
    return tuple(
        (edge.rule.definition, flips(trial, subjects, partial(_taken, edge.rule.definition.id)))
        for edge in edges(evaluation)
        if not edge.holds and (subjects := evaluation.pathway.readership.of((edge.rule.when,)) & wanted)
    )


class _Teller:
    """Tells of one evaluation; whatever is tried is tried once."""

    def __init__(self, evaluation: Evaluation, sources: Sources, at: Moment) -> None:
        self.evaluation, self.at, self.pathway = evaluation, at, evaluation.pathway
        self.teller, self.trial = Teller(evaluation, sources), Trial(evaluation, at)

    def edges(self) -> tuple[EdgeNotTaken, ...]:
        found = []
        for edge in edges(self.evaluation):
            name = edge.rule.definition.id
            tried = () if edge.holds else self.flips(edge.rule.when, partial(_taken, name))
            found.append(EdgeNotTaken(**dict(self.teller.edge(edge)), flips=self.views(tried)))
        return tuple(found)

    def flips(self, guard: Node | None, comes: Comes) -> tuple[Flip, ...]:
        return flips(self.trial, self.pathway.readership.of((guard,)), comes)

    def options(self) -> tuple[NotOffered, ...]:
        stands = {action.id: action.disposition for action in self.evaluation.actions}
        return tuple(
            self.option(action, stands.get(name))
            for name, action in self.pathway.actions.items()
            if (name in stands and stands[name] != "offer")
            or (name not in stands and action.definition.kind in OPTIONS)
        )

    def option(self, action: Action, stands: Disposition | None) -> NotOffered:
        at, definition = self.at, action.definition
        guard = {"blocked": action.block_if, "deferred": action.defer_if}.get(stands or "")
        reasons = self.teller.told(guard, at).lines
        missing = lacking(action, at)
        if stands is None:
            reasons = why_closed(action, at, self.teller)
            missing = could_settle(action.when.trace(at), want=True)
        return NotOffered(
            id=definition.id,
            title=definition.title,
            kind=definition.kind,
            disposition=stands or "not open",
            reasons=reasons,
            missing=tuple(map(self.teller.missing, dict.fromkeys(missing))),
            flips=self.views(flips(self.trial, self.read(action), lambda t: offered(action, t.moment))),
            citations=self.teller.cite(definition),
        )

    def read(self, action: Action) -> frozenset[Subject]:
        """Return what decides whether an action is offered."""
        readership = self.pathway.readership
        needed = (readership.argument("item", name) for name in action.definition.needs)
        return readership.of((action.when, action.block_if, action.defer_if)).union(*needed)

    def views(self, found: tuple[Flip, ...]) -> tuple[FlipView, ...]:
        return tuple(self.view(flip) for flip in found)

    def view(self, flip: Flip) -> FlipView:
        return FlipView(
            says=self.says(flip),
            sign=flip.sign,
            again=flip.again,
            last=None if flip.last is None else self.teller.datum(flip.last),
            event=message_of(self.trial.event(flip.body)),
        )

    def says(self, flip: Flip) -> str:
        """Return a flip in words."""
        names, said = self.teller.names, mention(flip.body, self.teller.names)
        if flip.sign == "any" and isinstance(flip.body, Observations):
            said = f"{names.of(flip.body.obs[0].item)}, whatever the value"
        said += {"at most": " or less", "at least": " or more"}.get(flip.sign or "", "")
        if flip.again:
            return f"{said}, recorded again"
        if flip.last is None and isinstance(flip.body, Observations):
            for name, value in flip.body.obs[0].attributes.items():
                unit = unit_text(self.pathway.vocabulary.attributes[name].unit)
                said += f" ({lower(names.attribute(name))} {quantity(shown(value), unit)})"
        return said


def _taken(transition: str, tried: Tried) -> bool:
    return transition in tried.steps
