"""The shapes of bodies beside events: a small schema each, checked with a pointer to every problem."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from api.identifiers import LONGEST
from engine.core.people import Role
from engine.core.shape import shape_problems, unstorable
from engine.core.values import Frozen
from engine.errors import MessageRefused, Problem

SHORT = 200


class IdentifierBody(Frozen):
    """A number or name by which a system outside knows a patient."""

    system: str = Field(min_length=1, max_length=LONGEST)
    value: str = Field(min_length=1, max_length=LONGEST)


class PatientBody(Frozen):
    """A patient to register."""

    identifiers: tuple[IdentifierBody, ...] = ()


class TokenBody(Frozen):
    """A token to make."""

    label: str = Field(min_length=1, max_length=SHORT)
    role: Role | None = Field(default=None, strict=False)
    scopes: tuple[str, ...] | None = None
    days: int | None = Field(default=None, ge=1, le=3650)
    service: bool = False


class RotationBody(Frozen):
    """How a token is exchanged."""

    grace_minutes: int = Field(default=0, ge=0, le=1440)


class ReasonBody(Frozen):
    """Why something is done."""

    reason: str = Field(min_length=10, max_length=1000)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body must look like, and an example of it."""

    model: type[Frozen]
    example: dict[str, Any]
    partial: bool = False
    """It changes something: what is left out stays, and is not in the body that comes of it."""
    optional: bool = False
    """It need not be sent."""

    @property
    def body(self) -> dict[str, Any]:
        """The request body as OpenAPI describes it."""
        schema = self.model.model_json_schema(ref_template="#/components/schemas/{model}")
        content = {"application/json": {"schema": schema, "example": self.example}}
        return {"requestBody": {"required": not self.optional, "content": content}}


HOSPITAL = {"system": "urn:example:hospital", "value": "12345"}
PATIENT = Shape(PatientBody, {"identifiers": [HOSPITAL]}, optional=True)
SEARCH = Shape(IdentifierBody, HOSPITAL)
TOKEN = Shape(TokenBody, {"label": "my reports", "scopes": ["patients.read"], "days": 90})
ROTATION = Shape(RotationBody, {"grace_minutes": 60}, optional=True)
REASON = Shape(ReasonBody, {"reason": "Seen in our emergency department tonight, unresponsive."})


def shaped(sent: Any, shape: Shape) -> dict[str, Any]:
    """Return a body that has the shape.

    Raises:
        MessageRefused: with every problem, by JSON pointer.
    """
    problems = list(unstorable(sent))
    try:
        found = shape.model.model_validate(_tuples(sent)).model_dump(exclude_unset=shape.partial)
    except ValidationError as error:
        raise MessageRefused((*problems, *shape_problems(error))) from None
    if problems:
        raise MessageRefused(tuple(problems))
    return found


def object_in(sent: Any, pointer: str) -> dict[str, Any]:
    """Return what was sent if it is an object; raises `MessageRefused`."""
    if not isinstance(sent, dict):
        raise MessageRefused(
            (Problem(pointer, "not-an-object", "An event is an object with `id`, `type` and more."),)
        )
    return sent


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(part) for part in value)
    return {name: _tuples(part) for name, part in value.items()} if isinstance(value, dict) else value
