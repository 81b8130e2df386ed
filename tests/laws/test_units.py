"""Every unit the vocabulary accepts, converted by hand and through the door."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.events import Observations, Record
from engine.errors import MessageRefused
from tests.laws.world import Message, receive_one, vocabulary

CONVERTED: dict[tuple[str, str], tuple[str, str]] = {
    ("fvc_l", "mL"): ("2810", "2.81"),
    ("ferritin", "ug/L"): ("412", "412"),
    ("mip", "kPa"): ("6", "61.182"),
    ("snip", "kPa"): ("4.5", "45.8865"),
    ("anc", "10*3/uL"): ("4.5", "4.5"),
    ("anc", "/uL"): ("1490", "1.49"),
    ("alc", "10*3/uL"): ("0.5", "0.5"),
    ("alc", "/uL"): ("499", "0.499"),
    ("hb", "g/dL"): ("8.9", "89"),
    ("plt", "10*3/uL"): ("250", "250"),
    ("creatinine", "mg/dL"): ("1.2", "106.104"),
    ("glucose", "mg/dL"): ("450.4", "25"),
    ("lipids", "mg/dL"): ("116.01", "3"),
    ("igg", "mg/dL"): ("399", "3.99"),
    ("tac_trough", "ug/L"): ("15.1", "15.1"),
    ("csa_trough", "ug/L"): ("300", "300"),
    ("weight", "[lb_av]"): ("180", "81.6462"),
}
"""What is sent in each accepted unit, and the same by hand in the canonical one (spec §2.1)."""

ODD = st.sampled_from(["FL", "%%", "l", "ml", "", "mg/dl", "G/L", "mmol", "cmH2O", "lb", "10^9/L", "L "])


def sent(item: str, value: object, unit: str | None) -> Message:
    one: dict[str, Any] = {"item": item, "value": value}
    if unit is not None:
        one["unit"] = unit
    day = date(2024, 1, 8)
    return {"id": "o", "type": "obs", "source": "lab", "effective": day, "recorded": day, "obs": [one]}


def stored(record: Record) -> tuple[object, str | None]:
    (event,) = record
    assert isinstance(event.body, Observations)
    return event.body.obs[0].value, event.body.obs[0].unit


def numeric() -> list[str]:
    return [name for name, item in vocabulary().items.items() if item.kind == "number"]


def test_the_table_names_every_accepted_unit() -> None:
    assert CONVERTED.keys() == {
        (name, unit) for name in numeric() for unit in vocabulary().items[name].accepts
    }


@pytest.mark.parametrize(("item", "unit"), CONVERTED)
def test_an_accepted_unit_becomes_the_canonical_one_exactly(item: str, unit: str) -> None:
    value, canonical = CONVERTED[item, unit]

    got, in_unit = stored(receive_one([], sent(item, Decimal(value), unit), "integrator"))

    assert got == Decimal(canonical)
    assert in_unit == vocabulary().items[item].unit


def test_the_canonical_unit_is_kept_as_sent() -> None:
    for item in numeric():
        rule = vocabulary().items[item]
        assert rule.warn is not None
        for value in (rule.warn.low, rule.warn.high):
            assert stored(receive_one([], sent(item, value, rule.unit), "integrator")) == (value, rule.unit)


def test_the_last_possible_value_is_taken_and_the_next_is_not_in_every_unit() -> None:
    step = Decimal("1E-9")
    for item in numeric():
        rule = vocabulary().items[item]
        assert rule.reject is not None
        for unit in rule.units:
            factor = rule.convert(Decimal(1), unit)
            for bound, outward in ((rule.reject.low, -1), (rule.reject.high, 1)):
                inside, outside = (bound - outward * step) / factor, (bound + outward * step) / factor
                assert receive_one([], sent(item, inside, unit), "integrator")
                with pytest.raises(MessageRefused, match="outside"):
                    receive_one([], sent(item, outside, unit), "integrator")


@pytest.mark.prove
@given(ODD)
def test_a_unit_is_never_guessed(unit: str) -> None:
    for item in numeric():
        if unit in vocabulary().items[item].units:
            continue
        for given_unit, code in ((unit, "unknown-unit"), (None, "missing-unit")):
            with pytest.raises(MessageRefused) as refused:
                receive_one([], sent(item, Decimal(60), given_unit), "integrator")
            assert code in {p.code for p in refused.value.problems}
