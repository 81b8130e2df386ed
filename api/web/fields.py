"""Fields of the forms by which events are recorded: one form for each kind of event, from the vocabulary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from api.web import words
from api.web.choices import Choice, choices
from api.web.forms import Form
from engine.core.checks import OFF_AND_ON
from engine.core.definition import PathwayDefinition
from engine.core.names import unit_text
from engine.core.values import plain
from engine.core.vocabulary import Item, Vocabulary

Kind = Literal["number", "choice", "date", "text"]

KINDS = {
    "obs": "Measurements and findings",
    "med": "A treatment",
    "cond": "A condition",
    "vax": "A vaccination",
    "enrol": "Enrolment on a pathway",
    "admin": "Pause, resume, close or reopen",
    "override": "Put the patient to another state",
    "correct": "Correct what was recorded",
    "verify": "Confirm a value",
    "retract": "Withdraw what was recorded",
}
"""Kinds of events that have a form, and what each is called."""
YES = (("", ""), ("true", "yes"), ("false", "no"))
OPS = (("start", "started"), ("dose", "dose changed"), ("give", "one dose given"), ("stop", "stopped"))
STATUSES = (("active", "present"), ("resolved", "resolved"))
ADMIN = (
    ("pause", "pause: nobody is reminded"),
    ("resume", "resume"),
    ("close", "close: off the pathway"),
    ("reopen", "reopen"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in."""

    name: str
    title: str
    kind: Kind
    value: str = ""
    choices: tuple[Choice, ...] = ()
    units: tuple[Choice, ...] = ()
    """Units a number may be given in; the first one is that of the ranges."""
    hint: str = ""
    required: bool = False
    latest: str = ""
    """Of a date, the last one that can be given."""


@dataclass(frozen=True, slots=True)
class Fieldset:
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose a form is, and when."""

    today: date
    """At the site."""
    decides: bool
    """Whether they may decide about patients."""
    source: str = ""
    """The only source they can give; empty where they can give any."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What is measured together, and so is typed together."""

    name: str
    title: str
    items: tuple[str, ...]


def panels(vocabulary: Vocabulary) -> tuple[Panel, ...]:
    """Return the panels: items by who supplies them."""
    found = dict[str, list[str]]()
    for name, item in vocabulary.items.items():
        found.setdefault(item.supplied_by, []).append(name)
    return tuple(Panel(who, words.first_upper(who), tuple(items)) for who, items in found.items())


def fieldsets(
    kind: str, form: Form, vocabulary: Vocabulary, definition: PathwayDefinition, hand: Hand
) -> tuple[Fieldset, ...]:
    """Return the form of a kind of event, filled with what was typed.

    Args:
        kind: type of the event.
        form: what was typed before; `only` or `panel` says which items an observation is about, all if empty.
        vocabulary: what can be recorded.
        definition: of the pathway it is recorded on.
        hand: who fills it in.
    """
    today, allowed = str(hand.today), (hand.source,) if hand.source else vocabulary.sources
    sources = choices(((name, words.plainly(name)) for name in allowed), form["source"] or "manual")
    about = Fieldset(
        "When, and where it comes from",
        (
            Field(
                "effective",
                "Date it was true",
                "date",
                form["effective"] or today,
                required=True,
                latest=today,
            ),
            Field("source", "Source", "choice", choices=sources, hint="the most trusted one counts"),
        ),
    )
    match kind:
        case "obs":
            return (about, *_items(form, vocabulary))
        case "enrol":
            return (about, Fieldset(definition.title, tuple(_enrolment(form, definition))))
        case "admin":
            return (about, Fieldset("What", tuple(_status(form, vocabulary, hand))))
        case _:
            return (about, Fieldset("What", tuple(_plain(kind, form, vocabulary, definition))))


def _items(form: Form, vocabulary: Vocabulary) -> Iterator[Fieldset]:
    only = form["only"].split()
    for panel in panels(vocabulary):
        for name in panel.items:
            if name in only if only else form["panel"] in ("", panel.name):
                yield Fieldset(vocabulary.items[name].title, tuple(_item(name, form, vocabulary)))


def _item(name: str, form: Form, vocabulary: Vocabulary) -> Iterator[Field]:
    item = vocabulary.items[name]
    key = f"value.{name}"
    if item.kind == "number":
        units = choices(
            ((unit, unit_text(unit) or "score") for unit in item.units), form[f"unit.{name}"] or item.unit
        )
        yield Field(key, "Value", "number", form[key], units=units, hint=_ranges(item))
    else:
        rows = YES if item.kind == "boolean" else (("", ""), *((c, words.plainly(c)) for c in item.codes))
        yield Field(key, "Value", "choice", choices=choices(rows, form[key]))
    for attribute in item.attributes:
        rule, key = vocabulary.attributes[attribute], f"attribute.{name}.{attribute}"
        if rule.codes:
            rows = (("", ""), *((code, words.plainly(code)) for code in rule.codes))
            yield Field(key, short(rule.title), "choice", choices=choices(rows, form[key]))
        else:
            yield Field(key, f"{short(rule.title)}, {unit_text(rule.unit)}", "number", form[key])
    yield Field(f"absent.{name}", "Or: could not be done, because", "text", form[f"absent.{name}"])


def short(title: str) -> str:
    """Return a title without what explains it."""
    return title.partition(";")[0].partition(" (")[0]


def _ranges(item: Item) -> str:
    assert item.warn is not None
    assert item.reject is not None
    hint = f"usual {item.warn} {unit_text(item.unit)}".rstrip()
    if str(item.warn) != str(item.reject):
        low, high = plain(item.reject.low), plain(item.reject.high)
        hint += f"; beyond, it waits to be verified; below {low} or above {high} it is refused"
    return hint


def _enrolment(form: Form, definition: PathwayDefinition) -> Iterator[Field]:
    for name, rule in definition.enrolment.items():
        key = f"field.{name}"
        if rule.kind == "date":
            yield Field(key, rule.title, "date", form[key], required=rule.required)
        else:
            rows = YES if rule.kind == "boolean" else (("", ""), *((code, code) for code in rule.codes))
            yield Field(key, rule.title, "choice", choices=choices(rows, form[key]), required=rule.required)


def _status(form: Form, vocabulary: Vocabulary, hand: Hand) -> Iterator[Field]:
    rows = [row for row in ADMIN if hand.decides or row[0] not in OFF_AND_ON]
    yield Field("op", "What", "choice", choices=choices(rows, form["op"]))
    if hand.decides:
        codes = (("", ""), *((code, words.plainly(code)) for code in vocabulary.close_reasons))
        closing = choices(codes, form["close_reason"])
        yield Field("close_reason", "Reason, to close", "choice", choices=closing)
    yield Field("reason", "Reason, for anything else" if hand.decides else "Reason", "text", form["reason"])


def _plain(kind: str, form: Form, vocabulary: Vocabulary, definition: PathwayDefinition) -> Iterator[Field]:
    def chosen(name: str, title: str, rows: Mapping[str, str]) -> Field:
        return Field(
            name, title, "choice", choices=choices((("", ""), *rows.items()), form[name]), required=True
        )

    reason = Field("reason", "Reason", "text", form["reason"])
    match kind:
        case "med":
            yield chosen("drug", "Drug", {n: d.title for n, d in vocabulary.drugs.items()})
            yield Field("op", "What happened", "choice", choices=choices(OPS, form["op"]))
            units = ", ".join(f"{d.title} {d.dose_unit}" for d in vocabulary.drugs.values() if d.dose_unit)
            yield Field("dose", "Dose", "number", form["dose"], hint=f"only for {units}")
        case "cond":
            yield chosen("code", "Condition", {n: c.title for n, c in vocabulary.conditions.items()})
            yield Field("status", "It is", "choice", choices=choices(STATUSES, form["status"]))
        case "vax":
            yield chosen("vaccine", "Vaccine", {n: v.title for n, v in vocabulary.vaccines.items()})
        case "override":
            yield chosen("to", "To the state", {n: s.title for n, s in definition.states.items()})
            yield reason
        case _:  # an amendment says why
            yield reason
