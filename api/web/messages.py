"""A filled form as the message it stands for; what cannot be meant is left for the door to refuse."""

from decimal import Decimal, InvalidOperation
from typing import Any

from api.web.forms import Form
from engine.core.events import Correct, Enrol, Event, Observations
from engine.core.messages import message_of
from engine.core.vocabulary import Vocabulary

TRUTHS = {"true": True, "false": False}
ABOUT_PATHWAY = ("enrol", "override", "admin")
"""Types that concern a pathway."""


def message_in(kind: str, form: Form, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the message a form stands for.

    Args:
        kind: type of the event; `correct` takes the form of what it corrects, which `type` names.
        form: as it was sent; `event` is the id it gets, so that sending it twice records it once.
        vocabulary: what can be recorded.
    """
    message: dict[str, Any] = {
        "id": form["event"],
        "type": kind,
        "effective": form["effective"],
        "source": form["source"] or "manual",
    }
    if kind in ABOUT_PATHWAY:
        message["pathway"] = form["pathway"]
    if kind in ("correct", "verify", "retract"):
        message["target"] = form["target"]
    return message | _fields(form["type"] if kind == "correct" else kind, form, vocabulary)


def _fields(kind: str, form: Form, vocabulary: Vocabulary) -> dict[str, Any]:
    match kind:
        case "obs":
            return {"obs": [one for name in vocabulary.items if (one := _observed(name, form, vocabulary))]}
        case "med":
            return {"drug": form["drug"], "op": form["op"], **_number("dose", form["dose"])}
        case "cond":
            return {"code": form["code"], "status": form["status"]}
        case "vax":
            return {"vaccine": form["vaccine"]}
        case "enrol":
            sent = {
                key.removeprefix("field."): form[key] for key, _ in form.fields if key.startswith("field.")
            }
            return {name: TRUTHS.get(text, text) for name, text in sent.items() if text}
        case "override":
            return {"to": form["to"], **_text("reason", form["reason"])}
        case "admin":
            reason = form["close_reason"] if form["op"] == "close" else form["reason"]
            return {"op": form["op"], **_text("reason", reason)}
        case _:
            return _text("reason", form["reason"])


def _observed(name: str, form: Form, vocabulary: Vocabulary) -> dict[str, Any] | None:
    """Return one value, or that it could not be had; None where nothing was typed."""
    item, text, absent = vocabulary.items[name], form[f"value.{name}"], form[f"absent.{name}"]
    if absent:
        return {"item": name, "absent": absent, **_text("value", text)}
    if not text:
        return None
    one: dict[str, Any] = {"item": name}
    if item.kind == "number":
        one |= {**_number("value", text), "unit": form[f"unit.{name}"] or item.unit}
    else:
        one["value"] = TRUTHS.get(text, text) if item.kind == "boolean" else text
    for attribute in item.attributes:
        sent = form[f"attribute.{name}.{attribute}"]
        if sent:
            one |= {attribute: sent} if vocabulary.attributes[attribute].codes else _number(attribute, sent)
    return one


def _text(name: str, text: str) -> dict[str, str]:
    return {name: text} if text else {}


def _number(name: str, text: str) -> dict[str, Any]:
    """Return a number as it was written, with a comma for the point as well; the text where it is none."""
    if not text:
        return {}
    try:
        return {name: Decimal(text.replace(",", ".", 1) if "." not in text else text)}
    except InvalidOperation:
        return {name: text}


def form_of(event: Event) -> Form:
    """Return an event as the form in which it could have been recorded, to be corrected."""
    body = event.body.body if isinstance(event.body, Correct) else event.body
    sent = message_of(Event(event.id, "", event.effective, event.source, body, event.stamp, event.pathway))
    fields = {name: sent.pop(name, "") for name in ("effective", "source", "pathway")}
    if isinstance(body, Observations):
        observed = sent.pop("obs")
        fields["only"] = " ".join(one["item"] for one in observed)
        for one in observed:
            name = one.pop("item")
            for key, value in one.items():
                named = f"{key}.{name}" if key in ("value", "unit", "absent") else f"attribute.{name}.{key}"
                fields[named] = _told(value)
    elif isinstance(body, Enrol):
        fields |= {f"field.{name}": _told(value) for name, value in sent.items()}
    fields |= {name: _told(value) for name, value in sent.items() if name not in ("id", "type", "obs")}
    return Form(fields.items())


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
