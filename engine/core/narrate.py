"""Judged rules in words: a trace as lines, with the numbers, their dates, and the events they came from.

Every sentence is made from the tree of the rule, the titles in pathway and vocabulary, and the data;
there is no hand-written sentence per rule. No line says how many days ago something was, only when: so
the words stay true until the answer itself changes, which is what `revisit_on` promises.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeGuard, runtime_checkable

from engine.core.asof import Age, Elapsed
from engine.core.guards import (
    AllOf,
    AnyOf,
    Call,
    Choice,
    Compare,
    Constant,
    CriterionRef,
    FactRef,
    ItemRef,
    Node,
    Not,
    OneOf,
    ParameterRef,
    Trace,
    walk,
)
from engine.core.moment import Moment
from engine.core.names import Names, lower, quantity, set_by, shown, upper
from engine.core.phrases import AMOUNT, OPPOSITE, ORDER, Phrases, counts
from engine.core.readings import Reading
from engine.core.values import Frozen, plain


class Line(Frozen):
    """One line of an explanation, with the events it rests on and the lines that support it."""

    says: str
    events: tuple[str, ...] = ()
    below: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line in the making: what is judged, how it stands, and what supports that."""

    head: str
    tail: str
    events: tuple[str, ...] = ()
    below: tuple[Line, ...] = ()
    note: str = ""
    """The numbers behind it, in brackets; two things that rest on the same numbers tell them once."""

    @property
    def text(self) -> str:
        return f"{self.tail}{self.note}"

    @property
    def line(self) -> Line:
        says = f"{self.head}: {lower(self.text)}" if self.head and self.text else self.head or self.text
        return Line(says=upper(says), events=self.events, below=self.below)


PLAIN = {
    "known": (" recorded{}", " never recorded"),
    "absent": (" could not be done{}", " not recorded as not possible"),
    "cond": (": recorded{}", ": not recorded"),
    "ever": (" given before, last{}", " never given"),
}
"""Functions of one name, as they read when they hold (with a note) and when they do not."""


@runtime_checkable
class Told(Protocol):
    """A note of a fact that speaks of things by their codes and of values, and is told their names."""

    def told(self, name: Callable[[str | Reading], str]) -> str:
        """Return the note in words."""


class Narrator:
    """Puts the traces of one moment into words."""

    def __init__(self, at: Moment) -> None:
        self.at = at
        self.names = Names(at.pathway)
        self.phrases = Phrases(self.names)

    def lines(self, trace: Trace) -> tuple[Line, ...]:
        """Return what decided a trace; conjunctions and choices are taken apart."""
        return _distinct(self._drafts(trace))

    def _drafts(self, trace: Trace) -> list[_Draft]:
        match trace.node:
            case AllOf() | AnyOf():
                return [draft for part in _told(trace) for draft in self._counting(part, trace)]
            case Not():
                return self._drafts(trace.parts[0])
            case Choice():
                condition, taken = trace.parts
                return [*self._drafts(condition), *(self._drafts(taken) if _choice(taken) else ())]
            case Constant():
                return []
            case _:
                return [self._draft(trace)]

    def _counting(self, part: Trace, whole: Trace) -> list[_Draft]:
        """What decided a part; beside a value stands the date after which such values count, if any."""
        drafts, item = self._drafts(part), _judged(part.node)
        for other in whole.deciding if item and len(drafts) == 1 else ():
            if _asks(other.node, "after") and _dated(other.node) == item and other.parts[1].value is not None:
                since = other.parts[1]
                word = "later than" if other.value else "not later than"
                beside = f", {word} {since.value} ({self.phrases.label(since.node)})"
                drafts = [replace(drafts[0], note=f"{drafts[0].note}{beside}")]
        return drafts

    def _draft(self, trace: Trace) -> _Draft:
        match trace.node:
            case CriterionRef() as node:
                return self._criterion(node, trace)
            case Compare() as node:
                return self._compare(node, trace)
            case OneOf() as node:
                return self._one_of(node, trace)
            case Call() as node:
                return self._call(node, trace)
            case FactRef() as node:
                return self._fact(node, trace)
            case ParameterRef() as node:
                return _Draft("", f"setting {node.name} is {'on' if trace.value else 'off'}")
            case _:
                return _Draft("", self._measured(trace), trace.evidence)

    # ── criteria and facts ──────────────────────────────────────────────────────────────────────

    def _criterion(self, node: CriterionRef, trace: Trace) -> _Draft:
        inner = trace.parts[0]
        title = upper(self.names.criterion(node.name))
        if isinstance(inner.node, Call) and inner.node.function.name == "in_state":
            return self._state()
        drafts = self._drafts(inner)
        if isinstance(inner.node, Call) and inner.node.function.name == "active":
            running = self._running(inner.node.names[0], holds=True).replace(" running since", " since")
            return _Draft(title, running, trace.evidence) if trace.value else _Draft(title, "no")
        if node.kind != "boolean":
            return _Draft(title, shown(trace.value), trace.evidence, _distinct(drafts))
        if trace.value is True:
            if len(drafts) == 1:
                only = drafts[0]
                return replace(only, head=title, tail=only.tail or only.head)
            return _Draft(title, "", trace.evidence, _distinct(drafts))
        word = "not established" if inner.value is None and inner.lacking else "no"
        if len(drafts) == 1:
            only = drafts[0]
            tail = only.text if only.head else f"{word} ({lower(only.text)})"
            return replace(only, head=title, tail=tail, note="")
        return _Draft(title, word, trace.evidence, _distinct(drafts))

    def _fact(self, node: FactRef, trace: Trace) -> _Draft:
        title, note = upper(self.names.fact(node.name)), self._note(trace.note)
        if trace.value is True:
            return _Draft("", title, trace.evidence, note=note)
        if not isinstance(trace.value, bool):
            return _Draft("", f"{title}: {shown(trace.value)}{note}", trace.evidence)
        if trace.missing:
            wanted = " and ".join(lower(self.names.datum(name)) for name in trace.missing)
            return _Draft("", f"{title}: not established, for want of {wanted}", trace.evidence)
        return _Draft("", f"{title}: no{note}", trace.evidence)

    def _state(self) -> _Draft:
        position = self.at.position
        return _Draft("", f"in state “{self.names.state(position.state)}” since {position.since}")

    # ── comparisons ─────────────────────────────────────────────────────────────────────────────

    def _compare(self, node: Compare, trace: Trace) -> _Draft:
        left, right = trace.parts
        if trace.value is None:
            unknown = [part for part in (left, right) if part.value is None]
            return _Draft("", " and ".join(self._unknown(part) for part in unknown), trace.evidence)
        sign = node.sign if trace.value else OPPOSITE[node.sign]
        if isinstance(left.value, Elapsed):
            return self._elapsed(node, left, sign, trace.evidence)
        if between := _between(left):
            return _Draft("", f"{self._apart(between)}, {self._beside(node, sign)}", trace.evidence)
        if isinstance(left.value, date):
            beside = f" ({self.phrases.label(right.node)}, {right.value})"
            tail = f"{self.phrases.label(left.node)}: {left.value}, {ORDER[sign]} that{beside}"
            return _Draft("", tail, trace.evidence)
        if counted := _counted(left):
            held = [part for part in counted.parts if part.value is True]
            told = held if trace.value else list(counted.parts)
            says = f"{len(held)} of {len(counted.parts)} hold, {self._beside(node, sign)}"
            below = _distinct(draft for part in told for draft in self._drafts(part))
            head = self._head(left)
            return _Draft(head, says, trace.evidence, below)
        beside = self._beside(node, sign)
        measured = self._measured(left, self.names.unit(node.right))
        below = _distinct(self._drafts(left.parts[0])) if _coded(left) else ()
        return _Draft("", f"{measured}, {beside}" if beside else measured, trace.evidence, below)

    def _apart(self, between: Trace) -> str:
        """Return two dates and how far they are apart: "last test 2024-04-12: 29 days after …"."""
        (first, second), days = between.parts, between.value
        assert isinstance(days, Decimal)
        away = f"{plain(abs(days))} {'day' if abs(days) == 1 else 'days'} {'before' if days < 0 else 'after'}"
        label, other = upper(self.phrases.label(second.node)), self.phrases.label(first.node)
        return f"{label} {second.value}: {away} the {other}, {first.value}"

    def _head(self, left: Trace) -> str:
        return upper(self.phrases.label(left.node)) if isinstance(left.node, CriterionRef) else ""

    def _beside(self, node: Compare, sign: str) -> str:
        """Return how the value stands to its limit; nothing when it simply is the code asked for."""
        right = node.right
        if sign == "==" and right.kind == "code":
            return ""
        match right:
            case ParameterRef():
                return f"{AMOUNT[sign]}{shown(right.setting)}{set_by(right)}"
            case Constant():
                return f"{AMOUNT[sign]}{self.names.amount(right)}"
            case _:
                return f"{AMOUNT[sign]}{self.phrases.label(right)}"

    def _elapsed(self, node: Compare, left: Trace, sign: str, events: tuple[str, ...]) -> _Draft:
        value = left.value
        assert isinstance(value, Elapsed)
        label = upper(self.phrases.label(left.node))
        if isinstance(value, Age):
            return _Draft("", f"{label} {AMOUNT[sign]}{self.phrases.limit(node.right)}", events)
        if isinstance(left.node, Call):
            recorded = "recorded " if _asks(left.node.operands[0], "cond_on") else ""
            ago, note = self.phrases.ago(node.right, sign), self._note(left.parts[0].note)
            return _Draft("", f"{label}: {recorded}{value.since}, {ago}{note}", events)
        limit = self.phrases.limit(node.right, "days")
        return _Draft("", f"{label}: {AMOUNT[sign]}{limit}, counted from {value.since}", events)

    def _one_of(self, node: OneOf, trace: Trace) -> _Draft:
        left = trace.parts[0]
        if trace.value is None:
            return _Draft("", self._unknown(left), trace.evidence)
        options = " or ".join(shown(o) for o in node.options)
        beside = "" if trace.value else f", not {options}"
        return _Draft("", f"{self._measured(left)}{beside}", trace.evidence)

    def _measured(self, trace: Trace, unit: str = "") -> str:
        """Return what a value is and what it was: title, amount with unit, and the date."""
        label = upper(self.phrases.label(trace.node))
        amount = quantity(shown(trace.value), self.names.unit(trace.node) or unit)
        inner = trace.parts[0] if isinstance(trace.node, CriterionRef) else trace
        bare = counts(trace.node) and not (self.names.unit(trace.node) or unit)
        colon = ":" if bare else ""
        return f"{label}{colon} {amount}{self._dated(inner.note)}"

    def _dated(self, note: object) -> str:
        """Return a note that is the date of a value as "on …", any other in brackets."""
        days = [str(day) for day in (note if _several(note) else (note,)) if isinstance(day, date)]
        return f" on {' and '.join(days)}" if days else self._note(note)

    def _unknown(self, trace: Trace) -> str:
        node = trace.node
        if isinstance(node, ItemRef):
            return f"{upper(self.names.of(node.item))} never recorded"
        asked = node.operands[0] if isinstance(node, Call) and node.operands else node
        if _asks(asked, "cond_on"):
            return f"{upper(self.phrases.label(asked))}: not recorded"
        if asked.kind == "date":
            return f"{upper(self.phrases.label(asked))}: none"
        wanted = [lower(self.names.datum(name)) for name in trace.lacking]
        reason = f", for want of {' and '.join(wanted)}" if wanted else ""
        return f"{upper(self.phrases.label(node))} not known{reason}"

    def _note(self, note: object) -> str:
        """Return a note in brackets; several parts are joined by semicolons, nothing stays nothing."""
        text = "; ".join(self._said(part) for part in (note if _several(note) else (note,)))
        return f" ({text})" if text else ""

    def _said(self, part: object) -> str:
        if isinstance(part, Reading):
            return f"{lower(self.names.of(part.item))} {self._amount(part)} on {part.day}"
        return part.told(self._named) if isinstance(part, Told) else str(part)

    def _named(self, thing: str | Reading) -> str:
        """Return the name of a thing, or a value with its date."""
        return self.names.of(thing) if isinstance(thing, str) else self._said(thing)

    def _amount(self, reading: Reading) -> str:
        """Return a value with its unit, and with the numbers that were measured beside it."""
        beside = [
            f"{lower(self.names.attribute(name))} {quantity(shown(value), self.names.attribute_unit(name))}"
            for name, value in reading.attributes.items()
            if isinstance(value, Decimal)
        ]
        amount = quantity(shown(reading.value), self.names.unit_of(reading.item))
        return f"{amount} ({', '.join(beside)})" if beside else amount

    # ── functions ───────────────────────────────────────────────────────────────────────────────

    def _call(self, node: Call, trace: Trace) -> _Draft:
        name = node.names[0] if node.names else ""
        subject, holds, note = upper(self.names.of(name)), trace.value is True, self._note(trace.note)
        if node.function.name in PLAIN:
            so, not_so = PLAIN[node.function.name]
            told = so.format(self._dated(trace.note)) if holds else not_so
            if trace.sources and not holds and node.function.name == "absent":
                told = f"{so.format(note)}, too long ago to count"
            return _Draft("", f"{subject}{told}", trace.evidence)
        match node.function.name:
            case "fresh":
                return self._fresh(name, holds=holds)
            case "active":
                return _Draft("", self._running(name, holds=holds), trace.evidence)
            case "vaccinated":
                return _Draft("", self._vaccinated(name, node.operands[0], holds=holds), trace.evidence)
            case "blocked" | "blocked_without":
                return self._blocked(*node.names, holds=holds)
            case "none_left":
                return self._none_left(trace, holds=holds)
            case "in_state":
                return self._state()
            case "after":
                return self._after(trace)
        return _Draft("", f"{upper(self.phrases.label(node))}: {shown(trace.value)}{note}", trace.evidence)

    def _vaccinated(self, name: str, reach: Node, *, holds: bool) -> str:
        title, last = upper(self.names.of(name)), self.at.vaccination(name)
        if last is None:
            return f"{title}: none recorded"
        within = "within" if holds else "not within"
        return f"{title}: last on {last[0]}, {within} {self.phrases.value(reach)} days"

    def _none_left(self, trace: Trace, *, holds: bool) -> _Draft:
        due = trace.note if isinstance(trace.note, tuple) else ()
        if not due:
            return _Draft("", "No option is due")
        listed = ", ".join(self.names.short(str(action)) for action in due)
        return _Draft("", f"{'All' if holds else 'Not all'} options due are blocked ({listed})")

    def _fresh(self, name: str, *, holds: bool) -> _Draft:
        items = self.names.components(name)
        if items:
            told, why = "up to date" if holds else "missing or out of date", self.composite(name)
            return _Draft("", f"{upper(self.names.of(name))}: {told}", why.evidence, self.lines(why))
        item, reading = self.at.pathway.vocabulary.items[name], self.at.last(name)
        if reading is None:
            return _Draft("", f"{item.title} never recorded")
        told = "up to date" if holds else f"out of date (valid for {item.stale} days)"
        return _Draft("", f"{item.title} last on {reading.day}, {told}", (reading.event_id,))

    def composite(self, name: str) -> Trace:
        """Return how a composite of several items is judged."""
        return self.at.pathway.composites[name].trace(self.at)

    def _running(self, name: str, *, holds: bool) -> str:
        if not holds:
            group = self.at.members(name)
            return f"{upper(self.names.of(name))}{' not running' if len(group) == 1 else ': none running'}"
        courses = [(drug, self.at.running(drug)) for drug in self.at.members(name)]
        told = [f"{self.names.of(drug)} running since {c.started}" for drug, c in courses if c is not None]
        return "; ".join((*told[:1], *map(lower, told[1:])))

    def _blocked(self, action: str, unseen: str = "", *, holds: bool) -> _Draft:
        subject, guard = upper(self.names.short(action)), self.at.pathway.actions[action].block_if
        if not holds or guard is None:
            return _Draft("", f"{subject}: not blocked")
        at = self.at.without(unseen) if unseen else self.at
        why = guard.trace(at)
        return _Draft("", f"{subject}: blocked", why.evidence, Narrator(at).lines(why))

    def _after(self, trace: Trace) -> _Draft:
        first, second = trace.parts
        label, other = self.phrases.label(first.node), self.phrases.label(second.node)
        if first.value is None:
            return _Draft("", self._unknown(first), trace.evidence)
        if second.value is None:
            return _Draft("", f"{label}: {first.value}; no {other}", trace.evidence)
        word = "later than" if trace.value else "not later than"
        return _Draft("", f"{label}: {first.value}, {word} {second.value} ({other})", trace.evidence)


def _told(trace: Trace) -> tuple[Trace, ...]:
    """The deciding parts that are worth telling.

    Left out: what only says that a value counts which another part gives; and in a longer alternative, what
    it asks of a value that settles a shorter one alone.
    """
    parts = trace.deciding
    read = {n.item for part in parts for n in walk(part.node) if isinstance(n, ItemRef)}
    asked = {p.node.names[0] for p in parts if isinstance(p.node, Call) and p.node.function.name == "fresh"}
    enough = (
        {_asked(p.node) for p in parts} - {None} if isinstance(trace.node, AnyOf) and trace.value else set()
    )

    def dull(part: Trace) -> bool:
        item = _dated(part.node) if part.value is True else None
        if item is not None or not isinstance(part.node, Call) or not part.node.names:
            return item in read
        name, function = part.node.names[0], part.node.function.name
        if function == "absent":
            return part.value is False and name in asked and not part.sources
        return part.value is True and function in ("fresh", "known") and name in read

    def rest(part: Trace) -> Trace:
        if not isinstance(part.node, AllOf):
            return part
        return replace(part, parts=tuple(p for p in part.parts if _asked(p.node) not in enough))

    return tuple(rest(part) for part in parts if not dull(part))


def _judged(node: Node) -> str:
    """The item whose value a condition judges."""
    left = node.left if isinstance(node, Compare | OneOf) else node
    return left.item if isinstance(left, ItemRef) else ""


def _asked(node: Node) -> tuple[str, str] | None:
    """The item a comparison judges, and in which direction."""
    if isinstance(node, Compare) and isinstance(node.left, ItemRef) and node.sign[0] in "<>":
        return node.left.item, node.sign[0]
    return None


def _choice(trace: Trace) -> bool:
    return isinstance(trace.node, Choice)


def _dated(node: Node) -> str | None:
    """The item whose date alone a condition looks at: how long ago, or after what."""
    operands = node.left.parts if isinstance(node, Compare) else node.parts if _asks(node, "after") else ()
    first = operands[0] if operands else None
    return first.names[0] if isinstance(first, Call) and first.function.name == "date" else None


def _counted(trace: Trace) -> Trace | None:
    """The trace of a `count` that gives a value, directly or as a criterion."""
    inner = trace.parts[0] if isinstance(trace.node, CriterionRef) else trace
    return inner if isinstance(inner.node, Call) and inner.node.function.name == "count" else None


def _between(trace: Trace) -> Trace | None:
    """The trace of the days from one date to another, directly or as a criterion."""
    inner = trace.parts[0] if isinstance(trace.node, CriterionRef) else trace
    return inner if _asks(inner.node, "days_between") else None


def _coded(trace: Trace) -> bool:
    """Whether a value is a code that a criterion chooses, so that the choice needs a reason."""
    return isinstance(trace.node, CriterionRef) and trace.node.kind == "code"


def _distinct(drafts: Iterable[_Draft]) -> tuple[Line, ...]:
    """Lines of drafts, each once; neighbours that rest on the same numbers share them."""
    told: list[_Draft] = []
    for draft in drafts:
        last = told[-1] if told else None
        if last is not None and draft.note and (last.note, last.events) == (draft.note, draft.events):
            both = f"{last.tail}; {lower(draft.tail)}"
            told[-1] = last if draft.tail in last.tail else replace(last, tail=both)
        else:
            told.append(draft)
    return tuple({draft.line.says: draft.line for draft in told}.values())


def _asks(node: Node, function: str) -> bool:
    return isinstance(node, Call) and node.function.name == function


def _several(note: object) -> TypeGuard[tuple[object, ...]]:
    """Whether a note has parts; a reading is a tuple too, and one part."""
    return type(note) is tuple  # a reading or a fall is one note, though it is a tuple too
