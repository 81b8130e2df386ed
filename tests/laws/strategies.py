"""Patients made up at random, from invented messages or by mutation of the packaged stories.

Dates cluster around the pathway's windows, where rules differ by one day.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume
from hypothesis import strategies as st

from engine.core.moment import Moment
from tests.laws.messages import (
    MAKERS,
    Draw,
    amendment,
    aside,
    breath,
    calm,
    doubt,
    enrol,
    line,
    panel,
    pick,
    relapse,
    worse,
)
from tests.laws.world import Case, Message, moment, sent, stories, vocabulary

FIRST_DAY = date(2023, 11, 20)
"""Early enough that two years from here hold a 29 February."""
GAPS = (0, 0, 0, 0, 1, 1, 2, 6, 7, 8, 10, 13, 14, 15, 21, 27, 28, 29, 30, 31, 42, 43, 56, 89, 90, 91, 92)
LONG_GAPS = (91, 92, 168, 169, 179, 180, 181, 182, 183, 199, 200, 201, 211, 273, 363, 364, 365, 366, 400, 730)
LATENESS = (0, 0, 0, 0, 0, 0, 0, -1, 1, 3, 13, 14, 15, 30, 90, 200)
SHIFTS = (-91, -90, -29, -28, -15, -14, -2, -1, -1, 1, 1, 2, 14, 15, 28, 29, 90, 91, 180, 365)


def dated(draw: Draw, message: Message, number: int, effective: date) -> Message:
    received = effective + timedelta(days=pick(draw, LATENESS))
    return {"id": f"m{number:02}", "recorded": received, "effective": effective, **message}


def received(messages: list[Message]) -> tuple[Message, ...]:
    """In order of receipt, an amendment never before its target."""
    placed: dict[str, date] = {}
    for message in messages:
        received = message["recorded"]
        if "target" in message:
            received = max(received, placed.get(message["target"], received))
        placed[message["id"]] = received
    ordered = sorted(messages, key=lambda m: placed[m["id"]])
    return tuple({**m, "recorded": placed[m["id"]]} for m in ordered)


SOON = (0, 0, 1, 2, 7, 14, 28)
TREATED = ((calm, SOON), (enrol, SOON), (line, SOON))
CONTROLLED = (
    *TREATED[:2],
    (line, (179, 180, 181, 190)),
    (calm, (1, 90, 182, 183, 184, 185, 186)),
    (relapse, SOON),
)
"""Control is seen half a year into the line; worsening near its 364th day is an early or a late relapse."""
HELD_BACK = (
    *TREATED,
    (doubt, (0, 1)),
    (relapse, (14, 27)),
    (aside, (14, 15, 28)),
    (aside, (1, 2, 14)),
    (aside, SOON),
)
"""What another explanation held back happens on the first date after its time, whatever that date brings."""
PLANS = (
    TREATED,
    HELD_BACK,
    CONTROLLED,
    CONTROLLED,
    ((calm, SOON), (enrol, SOON)),
    ((enrol, SOON), (worse, SOON)),
    ((panel, SOON), (enrol, SOON), (breath, GAPS)),
    (),
)
"""How a patient without a model begins: messages, each with the days until the next."""


@st.composite
def invented(draw: Draw) -> Case:
    """A patient without a model: one of the plans, then anything, near the windows of the pathway."""
    day = FIRST_DAY + timedelta(days=pick(draw, range(40)))
    plan = pick(draw, PLANS)
    messages: list[Message] = []
    for number in range(draw(st.integers(3, 22))):
        gaps = LONG_GAPS if pick(draw, range(6)) == 0 else GAPS
        if number < len(plan):
            make, gaps = plan[number]
            made = make(draw)
        elif messages and pick(draw, range(9)) == 0:
            made = amendment(draw, messages)
        else:
            made = pick(draw, MAKERS)(draw)
        messages.append(dated(draw, made, number, day))
        day += timedelta(days=pick(draw, gaps))
    return Case(pick(draw, ("v1", "v1", "v1", "v2")), received(messages))


def nudged(draw: Draw, message: Message) -> Message:
    """The message with one of its values moved by the smallest step, or to another code."""
    if message["type"] == "med" and "dose" in message:
        return {**message, "dose": max(Decimal(0), Decimal(str(message["dose"])) + pick(draw, (-1, 1)))}
    if message["type"] != "obs":
        return message
    observed = [dict(one) for one in message["obs"]]
    one = pick(draw, observed)
    item = vocabulary().items[one["item"]]
    if item.kind == "number" and "value" in one:
        value = Decimal(str(one["value"]))
        step = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0))
        one["value"] = pick(
            draw, (value + step, value - step, value * Decimal("0.9"), value * Decimal("0.95"))
        )
    elif "value" in one:
        one["value"] = pick(draw, item.codes or (True, False))
    return {**message, "obs": observed}


def mutated(draw: Draw, messages: list[Message], number: int) -> list[Message]:
    at = pick(draw, range(len(messages)))
    message = messages[at]
    received, effective = message["recorded"], date.fromisoformat(str(message["effective"]))
    match pick(draw, ("drop", "move", "move tail", "nudge", "nudge", "delay", "again", "insert", "insert")):
        case "drop":
            return messages[:at] + messages[at + 1 :] if len(messages) > 3 else messages
        case "move":
            effective += timedelta(days=pick(draw, SHIFTS))
            received = max(received, effective - timedelta(days=1))
            return [
                *messages[:at],
                {**message, "effective": effective, "recorded": received},
                *messages[at + 1 :],
            ]
        case "move tail":
            by = timedelta(days=pick(draw, SHIFTS))
            tail = [
                {
                    **m,
                    "effective": date.fromisoformat(str(m["effective"])) + by,
                    "recorded": m["recorded"] + by,
                }
                for m in messages[at:]
            ]
            return messages[:at] + tail
        case "nudge":
            return [*messages[:at], nudged(draw, message), *messages[at + 1 :]]
        case "delay":
            return [
                *messages[:at],
                {**message, "recorded": received + timedelta(days=pick(draw, (1, 30, 200)))},
                *messages[at + 1 :],
            ]
        case "again":
            copy = {
                **nudged(draw, message),
                "id": f"x{number}",
                "source": pick(draw, ("lab", "device", "manual")),
            }
            return messages if message["type"] == "enrol" else [*messages, copy]
        case _:
            made = (
                amendment(draw, messages[: at + 1]) if pick(draw, range(3)) == 0 else pick(draw, MAKERS)(draw)
            )
            return [*messages, {**dated(draw, made, number, effective), "id": f"x{number}"}]


@st.composite
def mutants(draw: Draw) -> Case:
    """A packaged story with some messages dropped, moved, delayed, repeated, or changed by one step."""
    name = pick(draw, list(stories()))
    messages = sent(stories()[name])
    for number in range(draw(st.integers(0, 5))):
        messages = mutated(draw, messages, number)
    return Case(name if stories()[name].params else "v1", received(messages))


def cases() -> st.SearchStrategy[Case]:
    """Patients of both makes, invented and mutated."""
    return st.one_of(invented(), mutants())


@dataclass(frozen=True)
class Asked:
    """A patient and a moment of theirs in which to ask."""

    case: Case
    at: Moment

    def __repr__(self) -> str:
        at = self.at
        return f"Asked({self.case!r}, {at.day}, {at.position!r}, target={at.target}, last={at.last_review})"


@st.composite
def moments(draw: st.DrawFn) -> Asked:
    """A moment of some patient: where they stand, or moved elsewhere, for any expression to be asked in."""
    case: Case = draw(cases())
    first, last = case.days
    day = first + timedelta(days=draw(st.integers(0, (last - first).days + 100)))
    at = moment(case.evaluate(day))
    assume(at is not None)
    assert at is not None
    if draw(st.booleans()):
        moved = replace(at.position, since=draw(st.sampled_from([at.position.since, day])))
        moved = moved.enter(
            draw(st.sampled_from(list(case.pathway.definition.states))),
            day - timedelta(days=draw(st.sampled_from([0, 1, 14, 15, 28, 29, 90]))),
            {
                "line": Decimal(draw(st.integers(0, 2))),
                "line_start": draw(st.one_of(st.none(), st.dates(first, max(first, day)))),
                "line_rp": draw(st.booleans()),
            },
        )
        at = Moment(case.pathway, at.chart, at.enrolment, day, moved)
    at.target = draw(st.sampled_from(["monitor", "assess"]))
    return Asked(case, at.review_of(draw(st.one_of(st.none(), st.dates(first, max(first, day))))))
