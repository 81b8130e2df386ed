"""Examples of every type of event, for OpenAPI; a test posts each of them."""

from typing import Any

DAY = "2024-01-15"

EXAMPLES: dict[str, dict[str, Any]] = {
    "enrol": {
        "id": "e1",
        "type": "enrol",
        "effective": DAY,
        "pathway": "pm-ild",
        "iim_dx": "PM",
        "ild_confirmed": True,
        "sex": "female",
        "birth_date": "1970-05-04",
    },
    "obs": {
        "id": "lab:4711",
        "type": "obs",
        "effective": DAY,
        "source": "lab",
        "obs": [
            {"item": "fvc_l", "value": 2.51, "unit": "L"},
            {"item": "fvc_pp", "value": 71, "unit": "%", "eq": "gli2012"},
        ],
    },
    "absent": {
        "id": "lab:4712",
        "type": "obs",
        "effective": DAY,
        "source": "lab",
        "obs": [{"item": "dlco_pp", "absent": "could not hold the breath"}],
    },
    "med": {"id": "m1", "type": "med", "effective": DAY, "drug": "gc_oral", "op": "start", "dose": 50},
    "cond": {"id": "c1", "type": "cond", "effective": DAY, "code": "severe_infection", "status": "active"},
    "vax": {"id": "v1", "type": "vax", "effective": DAY, "vaccine": "flu"},
    "decision": {
        "id": "d1",
        "type": "decision",
        "effective": DAY,
        "action": "edu.gc",
        "decision": "decline",
        "reason": "explained at the last visit",
    },
    "override": {
        "id": "o1",
        "type": "override",
        "effective": DAY,
        "to": "monitor",
        "reason": "treated elsewhere for a year",
    },
    "admin": {"id": "a1", "type": "admin", "effective": DAY, "op": "pause", "reason": "abroad until spring"},
    "correct": {
        "id": "k1",
        "type": "correct",
        "effective": DAY,
        "source": "lab",
        "target": "lab:4711",
        "obs": [{"item": "fvc_l", "value": 2.15, "unit": "L"}],
    },
    "verify": {"id": "y1", "type": "verify", "effective": DAY, "target": "lab:4711"},
    "retract": {"id": "r1", "type": "retract", "effective": DAY, "target": "lab:4711"},
}
"""In an order in which one patient can receive them all."""

NAME = "EventBody"
REFERENCE = f"#/components/schemas/{NAME}"

ONE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "type", "effective"],
    "properties": {
        "id": {
            "type": "string",
            "maxLength": 200,
            "description": "Unique per patient.",
        },
        "type": {"enum": sorted({str(e["type"]) for e in EXAMPLES.values()})},
        "effective": {"type": "string", "format": "date", "description": "When it was clinically true."},
        "source": {"type": "string", "default": "manual"},
        "pathway": {"type": "string", "description": "Of enrol, decision, override and admin."},
    },
    "description": "The other fields depend on the type; see the examples.",
}


def _body(schema: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    found = {name: {"value": value} for name, value in examples.items()}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "examples": found}},
        }
    }


def _several(most: int) -> dict[str, Any]:
    events = {"type": "array", "minItems": 1, "maxItems": most, "items": {"$ref": REFERENCE}}
    return {"type": "object", "required": ["events"], "properties": {"events": events}, "$defs": {NAME: ONE}}


EVENTS_BODY = _body(
    {"oneOf": [{"$ref": REFERENCE}, _several(500)], "$defs": {NAME: ONE}},
    {**EXAMPLES, "several": {"events": [EXAMPLES["enrol"], EXAMPLES["obs"]]}},
)
WHAT_IF_BODY = _body(_several(50), {"one more measurement": {"events": [EXAMPLES["obs"]]}})
BATCH_BODY = _body(
    _several(1000),
    {"two patients": {"events": [
        {"patient": "0198c0de-0000-7000-8000-000000000001", **EXAMPLES["obs"]},
        {"patient": "0198c0de-0000-7000-8000-000000000002", **EXAMPLES["admin"], "if_match": 7},
    ]}},
)  # fmt: skip
