"""What a limit of a parameter is made of, and how its stories are told."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.unit.builders import Patient, Plain, a_value

Story = Callable[[Patient, str], object]
"""A patient of whom nothing is known, and the thing left open."""


@dataclass(frozen=True)
class Limit:
    """One parameter at its limit and one step off; the answers to both; where the limit is moved to."""

    parameter: str
    story: Story
    at: str
    off: str
    answers: tuple[object, object]
    moved: str

    def __str__(self) -> str:
        return f"{self.parameter} {self.at} or {self.off}"


def fvc_fell(patient: Patient, litres: str) -> Patient:
    """From 2.5 L on day 1 to something on day 60."""
    return patient.enrolled(0).fvc("2.5", on=1).fvc(litres, on=60)


def on_line_1(patient: Patient) -> Patient:
    """Enrolled and treated with mycophenolate since day 0."""
    return patient.enrolled(0).treated(on=0)


def after_rapid(patient: Patient) -> Patient:
    """A line started for rapidly progressive disease on day 20."""
    return on_line_1(patient).moved("escalate.rapid", on=10).started("cyc", on=20)


def harmless(patient: Patient, state: str) -> Patient:
    return patient.enrolled(0).healthy(0).treated(on=0, drug="aza").moved(state, on=2)


def action(patient: Patient, name: str, day: str) -> str | None:
    return patient.at(int(day)).action(name)


def held(fact: str, told: Callable[[Patient, str], Patient], day: int) -> Story:
    """Return the story that asks, on a day, whether a fact holds."""
    return lambda patient, value: told(patient, value).at(day).holds(fact)


def measured(item: str) -> Callable[[Patient, str], Patient]:
    return lambda patient, value: patient.enrolled(0).saw(item, value, on=1)


def dosed(patient: Patient, mg: str) -> Patient:
    """On oral steroid since day 0."""
    return patient.enrolled(0).started("gc_oral", on=0, dose=mg)


def saturation_fell(before: Plain, flow: Plain = 0) -> Callable[[Patient, str], Patient]:
    """Return a first saturation on day 1; the second, on day 30, is left open."""
    return lambda patient, value: (
        patient.enrolled(0)
        .saw("spo2_rest", before, on=1, o2_flow=flow)
        .saw("spo2_rest", value, on=30, o2_flow=flow)
    )


def clustered(patient: Patient) -> Patient:
    """Two features of rapid progression, both of day 10."""
    return patient.enrolled(0).obs(
        10, a_value("resp_change", "worse", onset_days=20), a_value("hrct_change", "progressed")
    )


def rtx_once(patient: Patient) -> Patient:
    """One dose of rituximab on day 0, stopped the day after; monitored without treatment."""
    return patient.enrolled(0).given("rtx", on=0).moved("monitor", on=0).stopped("rtx", on=1)
