"""The vocabulary's own rules: what an item must say about itself, and conversion."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.vocabulary import Item, Range, Vocabulary
from tests.unit.builders import vocabulary

NUMBER: dict[str, Any] = {
    "title": "Weight",
    "supplied_by": "clinic",
    "kind": "number",
    "unit": "kg",
    "accepts": {"g": {"over": 1000}, "t": {"times": 1000}},
    "reject": {"low": 20, "high": 350},
    "warn": {"low": 30, "high": 250},
}


def test_a_number_knows_its_units_and_converts_them() -> None:
    item = Item.model_validate(NUMBER)
    assert item.units == ("kg", "g", "t")
    assert [item.convert(Decimal(70), unit) for unit in item.units] == [70, Decimal("0.07"), 70000]
    with pytest.raises(KeyError):
        item.convert(Decimal(70), "lb")


def test_a_code_has_no_unit() -> None:
    assert Item(title="Smoker", supplied_by="clinic", kind="code", codes=("yes", "no")).units == ()


@pytest.mark.parametrize("missing", ["unit", "reject", "warn"])
def test_a_number_needs_a_unit_and_its_ranges(missing: str) -> None:
    with pytest.raises(ValidationError, match="a number needs a unit and its reject and warn ranges"):
        Item.model_validate({k: v for k, v in NUMBER.items() if k != missing})


def test_a_coded_item_needs_its_codes() -> None:
    with pytest.raises(ValidationError, match="a coded item needs its list of codes"):
        Item(title="Smoker", supplied_by="clinic", kind="code")


def test_a_range_holds_its_bounds_and_numbers_only() -> None:
    found = Range(low=Decimal("0.5"), high=Decimal("6.50"))
    assert Decimal("0.5") in found
    assert Decimal("6.5") in found
    assert Decimal("6.51") not in found
    assert "1" not in found
    assert str(found) == "0.5 to 6.5"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"attributes": ("colour",)}, "item fvc_l uses the unknown attribute colour"),
        ({"takes_along": ("fvc",)}, "item fvc_l takes along the unknown item fvc"),
    ],
)
def test_an_item_refers_only_to_what_there_is(change: dict[str, Any], sentence: str) -> None:
    whole = vocabulary()
    fields: dict[str, Any] = {name: getattr(whole, name) for name in Vocabulary.model_fields}
    item = whole.items["fvc_l"].model_copy(update=change)
    with pytest.raises(ValidationError, match=sentence):
        Vocabulary(**{**fields, "items": {**whole.items, "fvc_l": item}})


def test_an_item_knows_who_takes_it_along() -> None:
    assert vocabulary().leaders == {"fvc_pp": ("fvc_l",)}
