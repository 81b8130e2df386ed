"""Patients on their way: the demonstration's, all beginning within weeks, with things that happen to some."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from api.demo.patients import DemoMessage, SyntheticPatient, cohort

BEGIN = date(2024, 1, 15)
"""A leap year, and both changes of the clocks, lie ahead."""
SEED = 1
EVENTFUL = 15
"""Days on which something comes that a patient has at least, in the time looked at."""


@dataclass(frozen=True)
class Traveller:
    """A patient, and what is sent on which day, in order; the senders' roles with it."""

    number: int
    sent: Mapping[date, tuple[tuple[str, tuple[Mapping[str, object], ...]], ...]]


def travellers(size: int, days: int, spread: int) -> Iterator[Traveller]:
    """Yield patients who begin in the first days, with everything of theirs up to the last day.

    Args:
        size: how many.
        days: how many days there are.
        spread: within how many days all begin.
    """
    last, found = BEGIN + timedelta(days=days), 0
    for patient in cohort(10 * size, SEED, last):
        messages = list(_moved(patient, BEGIN + timedelta(days=patient.number % spread), last))
        if len({m.received for m in messages}) >= EVENTFUL:
            found += 1
            yield _with_events(found, messages, days)
        if found == size:
            return


def _moved(patient: SyntheticPatient, begin: date, last: date) -> Iterator[DemoMessage]:
    """Yield a patient's messages, all dates moved so that the first comes on a day."""
    by = begin - patient.messages[0].received
    for sent in patient.messages:
        dates = {
            name: str(date.fromisoformat(str(sent.message[name])) + by)
            for name in ("effective", "birth_date")
            if name in sent.message
        }
        if sent.received + by <= last:
            yield DemoMessage(sent.received + by, sent.role, {**sent.message, **dates})


def _with_events(number: int, messages: list[DemoMessage], days: int) -> Traveller:
    """Add what happens to every fourth: a pause, a death, data withdrawn, or a red flag and then silence."""
    middle = BEGIN + timedelta(days=days // 2)

    def happens(day: date, kind: str, **more: object) -> DemoMessage:
        body = {"id": f"journey-{number}-{day}-{kind}", "type": kind, "effective": str(day), **more}
        return DemoMessage(day, "clinician", body)

    match number % 4:
        case 0:
            messages += [
                happens(middle - timedelta(days=20), "admin", op="pause", reason="abroad"),
                happens(middle + timedelta(days=5), "admin", op="resume", reason="back"),
            ]
        case 1:
            end = middle + timedelta(days=days // 4)
            messages = [m for m in messages if m.received < end]
            messages.append(happens(end, "admin", op="close", reason="death"))
        case 2:
            panels = [m for m in messages if m.message["type"] == "obs" and m.received < middle]
            for panel in panels[-1:-4:-1]:
                day = min(panel.received + timedelta(days=9), BEGIN + timedelta(days=days))
                messages.append(
                    happens(day, "retract", source="manual", target=panel.message["id"], reason="mixed up")
                )
        case _:
            low = {"item": "spo2_rest", "value": 84, "unit": "%", "o2_flow": 0}
            messages = [m for m in messages if m.received < middle]
            messages.append(happens(middle, "obs", source="manual", obs=[low]))
    messages.sort(key=lambda m: m.received)
    return Traveller(
        number,
        {
            day: tuple(
                (role, tuple(m.message for m in same)) for role, same in groupby(sent, key=lambda m: m.role)
            )
            for day, sent in groupby(messages, key=lambda m: m.received)
        },
    )
