"""What things are called: titles, units and values as people write them.

Names come from the pathway and the vocabulary alone; what they say about a patient is in `narrate`.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from engine.core.asof import Elapsed
from engine.core.functions import ENGINE_FACTS
from engine.core.guards import Call, Constant, ItemRef, Node, ParameterRef, walk
from engine.core.moment import belongs
from engine.core.pathway import Pathway
from engine.core.values import plain

UNITS = {
    "{score}": "",
    "d": "days",
    "a": "years",
    "mg/d": "mg/day",
    "Cel": "°C",
    "mm[Hg]": "mmHg",
    "cm[H2O]": "cmH2O",
    "umol/L": "µmol/L",
    "ug/L": "µg/L",
    "10*9/L": "× 10⁹/L",
    "10*3/uL": "× 10³/µL",
    "/uL": "/µL",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "[lb_av]": "lb",
}
"""UCUM units whose official form is not what people write."""

LONGEST_FRACTION = -6
CUT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of everything one pathway speaks of."""

    pathway: Pathway

    def of(self, name: str) -> str:
        """Return the title of an action, item, drug, condition, vaccine or composite, or the name itself.

        The members stand for a group of drugs or a composite of items, joined by "or".
        """
        vocabulary = self.pathway.vocabulary
        if name in self.pathway.actions:
            return self.pathway.actions[name].definition.title
        for known in (vocabulary.items, vocabulary.drugs, vocabulary.conditions, vocabulary.vaccines):
            if name in known:
                return known[name].title
        members = [self.of(m) for m in self.pathway.definition.groups.get(name) or self.components(name)]
        return " or ".join((*members[:1], *map(lower, members[1:]))) or name

    def short(self, name: str) -> str:
        """Return a title up to its first semicolon or bracket, for the middle of a sentence."""
        return _brief(self.of(name))

    def components(self, composite: str) -> tuple[str, ...]:
        """Return the items a composite looks at, in order; nothing for any other name."""
        tree = self.pathway.composites.get(composite)
        calls = () if tree is None else (n for n in walk(tree) if isinstance(n, Call))
        return tuple(dict.fromkeys(name for call in calls for name in call.names))

    def datum(self, name: str) -> str:
        """Return the title of something that may be missing: an item, a composite, what a fact asks for."""
        qualifier, _, item = name.partition(" of ")
        if qualifier in self.pathway.vocabulary.attributes:
            return f"{self.attribute(qualifier)} ({self.of(item)})"
        field = self.pathway.definition.enrolment.get(name)
        return upper(field.title if field is not None else self.of(name))

    def attribute(self, name: str) -> str:
        """Return the title of a qualifier, without its remarks."""
        return _brief(self.pathway.vocabulary.attributes[name].title)

    def attribute_unit(self, name: str) -> str:
        """Return the unit of a qualifier; nothing for a code."""
        return unit_text(self.pathway.vocabulary.attributes[name].unit)

    def fact(self, name: str) -> str:
        """Return the title of a fact, of a context variable, or of a name the engine provides."""
        definition = self.pathway.definition
        if name in definition.context:
            return _brief(definition.context[name].title)
        if name in self.pathway.catalogue:
            return self.pathway.catalogue[name].title
        return ENGINE_FACTS[name][2] if name in ENGINE_FACTS else name

    def criterion(self, name: str) -> str:
        """Return the title of a criterion."""
        return self.pathway.definition.criteria[name].title

    def state(self, name: str) -> str:
        """Return the title of a state; of a family, the titles of its members; of a status, the status."""
        return " or ".join(self.states(name)) or name

    def states(self, name: str) -> tuple[str, ...]:
        """Return the titles of the states a name covers; nothing for a status."""
        states = self.pathway.definition.states
        if name == "*":
            return ("any state",)
        return tuple(state.title for key, state in states.items() if belongs(key, name))

    def amount(self, node: Node, unit: str = "") -> str:
        """Return a literal or a parameter's value, with its own unit or the one given."""
        if isinstance(node, ParameterRef):
            own = unit_text(self.pathway.definition.parameters[node.name].unit)
            return quantity(shown(node.setting), own or unit)
        literal = node.literal if isinstance(node, Constant) and node.kind != "number" else node.text
        return quantity(shown(literal), unit)

    def unit_of(self, item: str) -> str:
        """Return the unit of an item; nothing for codes and truths."""
        return unit_text(self.pathway.vocabulary.items[item].unit)

    def unit(self, node: Node) -> str:
        """Return the unit of an item, a qualifier or a parameter; nothing for anything else."""
        match node:
            case ItemRef():
                return self.unit_of(node.item)
            case Call() if node.function.name == "attr":
                return self.attribute_unit(node.names[1])
            case ParameterRef():
                return unit_text(self.pathway.definition.parameters[node.name].unit)
            case _:
                return ""


def set_by(node: Node) -> str:
    """Return the parameter that sets a limit, in brackets; nothing for a fixed one."""
    return f" ({node.name})" if isinstance(node, ParameterRef) else ""


def _brief(title: str) -> str:
    return re.split(r";| \(", title)[0]


def unit_text(unit: str | None) -> str:
    """Return a UCUM unit as people write it; nothing for a number that has none."""
    return "" if unit is None else UNITS.get(unit, unit)


def quantity(value: str, unit: str) -> str:
    """Return a value with its unit, if it has one."""
    return f"{value} {unit}" if unit else value


def shown(value: object) -> str:
    """Return a value as people write it; elapsed time as the date it is counted from."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return _cut(value)
        case Elapsed():
            return f"since {value.since}"
        case _:
            return str(value).replace("_", " ")


def _cut(number: Decimal) -> str:
    """Return a number's text; one worked out by division is cut, not rounded, so it never reaches a limit."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= LONGEST_FRACTION:
        return plain(number)
    return f"{plain(number.quantize(CUT, ROUND_DOWN))}…"


def upper(text: str) -> str:
    """Return the text with a capital at the start."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Return the text for the middle of a sentence: small at the start, unless it begins with an acronym."""
    word = re.split(r"[ -]", text[1:])[0]
    return text[:1].lower() + text[1:] if word == word.lower() and not word[:1].isdigit() else text
