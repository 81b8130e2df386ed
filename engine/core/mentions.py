"""An event in words: what it says, on one line, without its dates."""

from engine.core.events import (
    Admin,
    Body,
    Condition,
    Correct,
    Decision,
    Enrol,
    Medication,
    Observations,
    Observed,
    Override,
    Retract,
    Vaccination,
    Verify,
)
from engine.core.names import Names, lower, quantity, shown, unit_text, upper

TAKEN = {"start": "started", "dose": "continued", "give": "given", "stop": "stopped"}
ADMINISTERED = {"pause": "paused", "resume": "resumed", "close": "closed", "reopen": "reopened"}
DECIDED = {"accept": "accepted", "decline": "declined"}


def mention(body: Body, names: Names, amended: str = "") -> str:
    """Return what an event says, beginning with a capital; values are in canonical units.

    Args:
        body: of the event.
        names: of what it speaks of.
        amended: what to call the event that an amendment is about; by its id if empty.
    """
    return upper(_said(body, names, amended))


def _said(body: Body, names: Names, amended: str = "") -> str:
    match body:
        case Observations():
            told = [_observed(one, names) for one in body.obs]
            return ", ".join((*told[:1], *map(lower, told[1:])))
        case Medication():
            return f"{names.of(body.drug)} {TAKEN[body.op]}{_dose(body, names)}"
        case Condition():
            return f"{names.of(body.code)} {'recorded' if body.status == 'active' else 'resolved'}"
        case Vaccination():
            return f"{names.of(body.vaccine)} given"
        case Decision():
            return f"{names.short(body.action)} {DECIDED[body.decision]}{_because(body.reason)}"
        case Override():
            return f"moved to “{names.state(body.to)}” by a clinician{_because(body.reason)}"
        case Admin():
            return f"enrolment {ADMINISTERED[body.op]}{_because(body.reason)}"
        case Enrol():
            return "enrolled"
        case _:
            return f"{amended or f'event {body.target}'} {_amended(body, names)}{_because(body.reason)}"


def _amended(body: Retract | Verify | Correct, names: Names) -> str:
    if isinstance(body, Correct):
        return f"corrected to: {lower(_said(body.body, names))}"
    return "withdrawn" if isinstance(body, Retract) else "verified"


def _observed(one: Observed, names: Names) -> str:
    if one.absent is not None:
        return f"{names.of(one.item)} could not be done ({one.absent})"
    return f"{names.of(one.item)} {quantity(shown(one.value), names.unit_of(one.item))}"


def _dose(body: Medication, names: Names) -> str:
    if body.dose is None:
        return ""
    return f" at {quantity(shown(body.dose), unit_text(names.pathway.vocabulary.drugs[body.drug].dose_unit))}"


def _because(reason: str | None) -> str:
    return f": {reason.replace('_', ' ')}" if reason else ""
