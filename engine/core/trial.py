"""A trial: where a patient would stand if one more thing were recorded on the day asked about.

Nothing is kept. The datum is one of the day itself, received last and from the most trusted source; what is
already recorded of that day stays beside it.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.core.chains import alone
from engine.core.evaluate import Evaluation
from engine.core.events import TYPES, Body, Event, Stamp
from engine.core.moment import Moment

NAME = "trial"
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """What would be."""

    moment: Moment
    """Where the patient would stand."""
    steps: frozenset[str]
    """Ids of the transitions that would be taken because of it."""


class Trial:
    """Tries one datum after another on the same patient; each is tried once."""

    def __init__(self, evaluation: Evaluation, at: Moment) -> None:
        """Begin.

        Args:
            evaluation: where the patient stands.
            at: its moment; nobody who is not enrolled is tried.
        """
        self.pathway, self.at = evaluation.pathway, at
        self._fold, self._taken = evaluation.fold, frozenset(step.key for step in evaluation.history)
        self._tried = dict[Hashable, Tried]()

    def of(self, body: Body, key: Hashable) -> Tried:
        """Return what would be if something were recorded; `key` tells it from all others tried."""
        if key not in self._tried:
            self._tried[key] = self._try(body)
        return self._tried[key]

    def event(self, body: Body) -> Event:
        """Return the event that is tried."""
        day, source = self.at.day, self.pathway.vocabulary.sources[0]
        return Event(NAME, TYPES[type(body)], day, source, body, Stamp(LAST, 0, day))

    def _try(self, body: Body) -> Tried:
        day, chart = self.at.day, self._fold.chart.copy()
        chart.add(alone(self.event(body)))
        checkpoint = self._fold.branch(chart, day).until(day)
        assert checkpoint is not None, "an enrolment is never taken back by a datum"
        moment = Moment(self.pathway, chart, self.at.enrolment, day, checkpoint.position)
        moment.changes = self.at.changes
        return Tried(moment, frozenset(s.transition for s in checkpoint.steps if s.key not in self._taken))
