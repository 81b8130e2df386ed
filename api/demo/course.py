"""One synthetic patient as it is written: a clock in days, lots, and the messages so far.

Day 0 is the day of enrolment and `day` the present one; where the last day falls is said when the
course is sealed, so nothing here knows a calendar.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeVar

from api.demo.person import Body, Person

T = TypeVar("T")
Role = Literal["integrator", "coordinator", "clinician"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message whose dates are still days of the course."""

    id: str
    role: Role
    recorded: int
    effective: int
    body: Mapping[str, object]
    dated: Mapping[str, int]
    """Fields of the body that are dates."""


@dataclass(slots=True)
class Course:
    """What happened to one patient up to the present day, and what is planned next."""

    number: int
    lots: Random
    person: Person
    body: Body
    day: int = 0
    line: int = 0
    """First day of the treatment under way."""
    drugs: dict[str, int] = field(default_factory=dict)
    """Drugs running, with their first day."""
    doses_left: dict[str, int] = field(default_factory=dict)
    """Infusions still planned, by drug."""
    tested: int = 0
    """Day of the last lung function test."""
    steroid: int = 0
    """Dose of the oral steroid, in tenths of a milligram a day."""
    taper_from: int = 0
    watched: bool = False
    """Whether this treatment is for rapidly worsening disease, with close follow-up."""
    flow: int = 0
    """Oxygen at rest, in litres a minute."""
    mood: list[str] = field(default_factory=list)
    """Answers the patient will give to how breathing has changed; `same` after the last."""
    diary: dict[str, int] = field(default_factory=dict)
    """Next day of each kind of regular contact."""
    later: list[tuple[int, Callable[["Course"], object]]] = field(default_factory=list)
    """What will happen once, and when."""
    drafts: list[Draft] = field(default_factory=list)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number; both bounds can come up."""
        return self.lots.randrange(low, high + 1)

    def chance(self, percent: int) -> bool:
        """Draw yes or no."""
        return self.lots.randrange(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of several."""
        return self.lots.choice(choices)

    def wait(self, low: int, high: int | None = None) -> None:
        """Let days pass: that many, or a number drawn between two bounds."""
        self.day += low if high is None else self.between(low, high)

    def send(
        self,
        role: Role,
        kind: str,
        *,
        ago: int = 0,
        late: int = 0,
        dated: Mapping[str, int] | None = None,
        **body: object,
    ) -> str:
        """Write a message and return its id.

        Args:
            role: who sends it.
            kind: its type.
            ago: days by which it was true before today.
            late: days after today until it is received.
            dated: further fields that are dates, as days of the course.
            body: everything else, as it is sent.
        """
        name = f"demo-{self.number:04}-{len(self.drafts) + 1:03}"
        self.drafts.append(
            Draft(name, role, self.day + late, self.day - ago, {"type": kind, **body}, dated or {})
        )
        return name

    def decide(self, action: str, reason: str | None = None) -> None:
        """Have the clinician accept an action, or decline it for a reason."""
        if reason is None:
            self.send("clinician", "decision", action=action, decision="accept")
        else:
            self.send("clinician", "decision", action=action, decision="decline", reason=reason)

    def condition(self, code: str, status: str = "active") -> None:
        """Have the clinician record that a condition began or is over."""
        self.send("clinician", "cond", code=code, status=status)
