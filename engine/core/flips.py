"""Flips: single data that would bring something about, each found by trying it.

What is asked may be that a transition is taken, that an option is offered, or that a condition holds. Of a
number the value nearest to the newest one is looked for, in steps in which it is reported: it does, and one
step less does not. Of everything else each thing that can be recorded is tried.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Literal

from engine.core.events import Body, Condition, Medication, Observations, Observed, Vaccination
from engine.core.facts import FactValue
from engine.core.readings import Reading
from engine.core.subjects import Subject
from engine.core.trial import Trial, Tried
from engine.core.vocabulary import Item

Sign = Literal["at most", "at least", "any"]
Comes = Callable[[Tried], bool]
"""Whether what is asked for would come about."""

EVENLY = 8
"""Parts into which the plausible range is divided to look for a value."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A datum that would bring something about if it were recorded on the day asked about."""

    body: Body
    sign: Sign | None
    """Which other numbers do as well, up to some distance; None for what is no number, or is said again."""
    last: Reading | None
    """The newest value of the item; None if there is none, or for what is no item."""
    again: bool = False
    """It says what was recorded before: only that it is recent is new."""


def flips(trial: Trial, subjects: Collection[Subject], comes: Comes) -> tuple[Flip, ...]:
    """Return the flips of something that is not so now: at most one for each number, drug and condition.

    Args:
        trial: of the patient.
        subjects: what the rules in question read.
        comes: whether it would come about.
    """
    finder, vocabulary = _Finder(trial, comes), trial.pathway.vocabulary
    found = list[Flip]()
    for name, item in vocabulary.items.items():
        if ("item", name) in subjects:
            found += finder.number(name, item) if item.kind == "number" else finder.codes(name, item)
    for drug in vocabulary.drugs:
        if ("drug", drug) in subjects:
            found += finder.drug(drug)
    for code in vocabulary.conditions:
        if ("condition", code) in subjects:
            found += finder.condition(code)
    for vaccine in vocabulary.vaccines:
        if ("vaccine", vaccine) in subjects:
            found += finder.first([Vaccination(vaccine=vaccine)])
    return tuple(found)


class _Finder:
    """Looks for what would bring one thing about."""

    def __init__(self, trial: Trial, comes: Comes) -> None:
        self.trial, self.comes, self.at = trial, comes, trial.at

    def does(self, body: Body) -> bool:
        return self.comes(self.trial.of(body, body.model_dump_json()))

    def first(self, bodies: Iterable[Body]) -> Iterator[Flip]:
        yield from (Flip(body, None, None) for body in list(bodies)[:1] if self.does(body))

    def drug(self, name: str) -> Iterator[Flip]:
        """Begin a drug, or stop it; give it once, where that is what counts."""
        ops: tuple[Literal["start", "give", "stop"], ...] = ("start", "give")
        if self.at.running(name) is not None:
            ops = ("stop", "give")
        bodies = (Medication(drug=name, op=op) for op in ops)
        yield from (Flip(body, None, None) for body in [b for b in bodies if self.does(b)][:1])

    def condition(self, code: str) -> Iterator[Flip]:
        known = self.at.condition(code)
        statuses: tuple[Literal["active", "resolved"], ...] = ("active", "resolved")
        for status in statuses:
            again = known is not None and known.active is (status == "active")
            body = Condition(code=code, status=status)
            if (known is not None or status == "active") and self.does(body):
                yield Flip(body, None, None, again)

    def codes(self, name: str, item: Item) -> Iterator[Flip]:
        """Record what is known again, or else any other answer there is."""
        last = self.at.last(name)
        answers: Sequence[FactValue] = item.codes if item.kind == "code" else (True, False)
        if last is not None and self.does(self.observed(name, last.value)):
            yield Flip(self.observed(name, last.value), None, last, again=True)
            return
        for answer in answers:
            body = self.observed(name, answer)
            if (last is None or answer != last.value) and self.does(body):
                yield Flip(body, None, last)

    def number(self, name: str, item: Item) -> Iterator[Flip]:
        """Find the number nearest to the newest one; without one, where the range of those that do ends."""
        last, line = self.at.last(name), _Line(item)
        if last is not None and self.does(self.observed(name, last.value)):
            yield Flip(self.observed(name, last.value), None, last, again=True)
            return
        does = {at: self.does(self.observed(name, line.number(at))) for at in self._probes(name, line, last)}
        ends = list[tuple[int, Sign]]()
        for low, high in pairwise(sorted(does)):
            if does[low] is not does[high]:
                ends.append(self._end(name, line, low, high, low_does=does[low]))
        if ends:
            start = None if last is None else line.about(last.value)[0]
            at, sign = ends[0] if start is None else min(ends, key=lambda end: abs(end[0] - start))
            yield Flip(self.observed(name, line.number(at)), sign, last)
        elif any(does.values()):
            yield Flip(self.observed(name, line.number(min(does))), "any", last)

    def _end(self, name: str, line: "_Line", low: int, high: int, *, low_does: bool) -> tuple[int, Sign]:
        """Return where numbers begin or cease to do, between one that does and one that does not."""
        while high - low > 1:
            middle = (low + high) // 2
            if self.does(self.observed(name, line.number(middle))) is low_does:
                low = middle
            else:
                high = middle
        return (low, "at most") if low_does else (high, "at least")

    def _probes(self, name: str, line: "_Line", last: Reading | None) -> Iterator[int]:
        """Yield where to look: the ends, evenly between, close to the newest value, about every limit."""
        found = {line.low + (line.high - line.low) * part // EVENLY for part in range(EVENLY + 1)}
        near = list[FactValue](self.trial.pathway.limits.get(name, ()))
        if last is not None:
            near.append(last.value)
        for value in near:
            below, above = line.about(value)
            found |= {below - 1, below, above, above + 1}
        if last is not None:
            below, above = line.about(last.value)
            for power in range((line.high - line.low).bit_length()):
                found |= {below - (1 << power), above + (1 << power)}
        yield from sorted(at for at in found if line.low <= at <= line.high)

    def observed(self, name: str, value: FactValue) -> Observations:
        """Return a value as it would be recorded: qualified as the newest one is."""
        last, vocabulary = self.at.last(name), self.trial.pathway.vocabulary
        item = vocabulary.items[name]
        qualifiers: dict[str, object] = {
            attribute: vocabulary.attributes[attribute].minimum
            for attribute in item.attributes
            if vocabulary.attributes[attribute].minimum is not None
        }
        if last is not None:
            qualifiers = dict(last.attributes)
        told = {"item": name, "value": value, "unit": item.unit, **qualifiers}
        return Observations(obs=(Observed.model_validate(told),))


class _Line:
    """The plausible numbers of an item as a line of whole steps."""

    def __init__(self, item: Item) -> None:
        assert item.warn is not None
        self.step = item.step
        self.low = int((item.warn.low / item.step).to_integral_value(ROUND_CEILING))
        self.high = int((item.warn.high / item.step).to_integral_value(ROUND_FLOOR))

    def number(self, at: int) -> Decimal:
        return at * self.step

    def about(self, value: FactValue) -> tuple[int, int]:
        """Return the places on either side of a number; twice the same where it lies on one."""
        assert isinstance(value, Decimal)
        steps = value / self.step
        return int(steps.to_integral_value(ROUND_FLOOR)), int(steps.to_integral_value(ROUND_CEILING))
