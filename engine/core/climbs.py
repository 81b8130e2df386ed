"""Climbs: on which day each step of a review is told, by itself or together with what is due about then.

Reviews of the kinds a ladder names that fall due within days of the earliest of them are told as one: a step
is told of all of them on the first day on which any of them has it. A day that lay in the past when they came
together does not count; then a review keeps its own, unless a step that follows is told sooner.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate, chain

from engine.core.definition import Ladder
from engine.core.ladder import DatedStep, matches, steps


@dataclass(frozen=True, slots=True)
class Climb:
    """All steps of a review on its own days, and the day of each among those it is told with."""

    own: tuple[DatedStep, ...]
    shared: tuple[date, ...]
    """As many as steps, none later than its own."""

    def begun(self, reached: str | None) -> str | None:
        """Return the step to tell first when the climb is begun, or begun again; None if there is none.

        What was passed before is skipped, except the newest.

        Args:
            reached: the newest step reached; None before the first.
        """
        names = [step.step for step in self.own]
        return reached if reached in names else next(iter(names), None)

    def coming(self, step: str, since: date) -> tuple[DatedStep, ...]:
        """Return the steps from one on, in order, each on the day on which it is told.

        Args:
            step: the one that comes next.
            since: no shared day before this one counts, and nothing is told earlier.
        """
        first = [s.step for s in self.own].index(step)
        own, shared = self.own[first:], self.shared[first:]
        days = [max(d if d >= since else s.day, since) for s, d in zip(own, shared, strict=True)]
        days = list(accumulate(reversed(days), min))[::-1]
        return tuple(replace(s, day=day) for s, day in zip(own, days, strict=True))

    def next_on(self, step: str, day: date, waiting: date | None = None) -> date:
        """Return the day on which the step that comes next is told, as of a day.

        Args:
            step: the one that comes next.
            day: the present day.
            waiting: the day kept for it; it is kept on while it is passed and nothing else changed.
        """
        if waiting is not None and waiting < day and self.coming(step, waiting)[0].day == waiting:
            return waiting
        return self.coming(step, day)[0].day


def climbs(rules: Ladder, reviews: Iterable[tuple[str, date, date]]) -> Mapping[str, Climb]:
    """Return the climb of each of the open reviews of one enrolment.

    Args:
        rules: the pathway's ladder.
        reviews: id, due date and base date of each.
    """
    found = dict[str, Climb]()
    for party in _parties(rules, tuple(reviews)):
        own = {review: steps(rules, review, due, (due - base).days) for review, due, base in party}
        first = dict[str, date]()
        for step in chain.from_iterable(own.values()):
            first[step.step] = min(step.day, first.get(step.step, step.day))
        found |= {name: Climb(climb, tuple(first[s.step] for s in climb)) for name, climb in own.items()}
    return found


def _parties(
    rules: Ladder, reviews: Sequence[tuple[str, date, date]]
) -> Iterator[Sequence[tuple[str, date, date]]]:
    """Yield the reviews that are told together; most are by themselves."""
    together = rules.together
    party = list[tuple[str, date, date]]()
    for review in sorted(reviews, key=lambda r: (r[1], r[0])):
        if together is None or not any(matches(review[0], pattern) for pattern in together.reviews):
            yield (review,)
            continue
        if party and review[1] - party[0][1] > timedelta(days=together.days):
            yield tuple(party)
            party.clear()
        party.append(review)
    if party:
        yield tuple(party)
