"""Rows and core values say the same, exactly: a body comes back equal, from one and the same text."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.canonical import dump, load
from engine.core.documents import body_text, body_value
from engine.core.events import (
    BODIES,
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
from tests.stores.kit import events

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda n: len(n.as_tuple().digits) <= 40 and abs(int(n.as_tuple().exponent)) <= 40
) | st.integers(-(10**30), 10**30).map(Decimal)
TEXT = st.text(max_size=20) | st.sampled_from(
    ["80", "2.50", "true", "2026-01-12", "$number", "\x00", "\ud800"]
)
NAMES = st.from_regex(r"[a-z][a-z_0-9]{0,8}", fullmatch=True)
REASONS = st.none() | TEXT
VALUES = st.none() | st.booleans() | NUMBERS | TEXT
FIELDS = st.dictionaries(
    NAMES.filter(lambda n: n not in {"item", "value", "unit", "absent", "obs", "grade"}),
    st.booleans() | NUMBERS | TEXT | st.integers(0, 99),
    max_size=3,
)
OBSERVED = st.builds(
    lambda rest, fields: Observed.model_validate({**rest, **fields}),
    st.fixed_dictionaries({"item": TEXT, "value": VALUES, "unit": REASONS, "absent": REASONS}),
    FIELDS,
)
STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "enrol": st.dictionaries(NAMES, TEXT | st.booleans() | st.dates() | NUMBERS, max_size=5).map(
        Enrol.model_validate
    ),
    "obs": st.builds(Observations, obs=st.lists(OBSERVED, min_size=1, max_size=3).map(tuple), grade=REASONS),
    "med": st.builds(Medication, drug=TEXT, op=st.sampled_from(["start", "stop"]), dose=st.none() | NUMBERS),
    "cond": st.builds(Condition, code=TEXT, status=st.sampled_from(["active", "resolved"])),
    "vax": st.builds(Vaccination, vaccine=TEXT),
    "decision": st.builds(Decision, action=TEXT, decision=st.just("accept"), reason=REASONS),
    "override": st.builds(Override, to=TEXT, reason=REASONS),
    "admin": st.builds(Admin, op=st.sampled_from(["pause", "close"]), reason=REASONS),
    "retract": st.builds(Retract, target=TEXT, reason=REASONS),
    "verify": st.builds(Verify, target=TEXT, reason=REASONS),
}
PLAIN = st.sampled_from(list(STRATEGIES)).flatmap(lambda kind: st.tuples(st.just(kind), STRATEGIES[kind]))
CORRECTED = st.builds(
    lambda target, body, reason: ("correct", Correct(target=target, body=body[1], reason=reason)),
    TEXT,
    PLAIN,
    REASONS,
)


def exactly(value: Any) -> Any:
    """A value with everything that equality overlooks: kinds, and the digits of numbers."""
    if isinstance(value, dict):
        return {key: exactly(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [exactly(each) for each in value]
    return (type(value).__name__, str(value))


def test_every_event_type_is_tried() -> None:
    assert set(STRATEGIES) == set(BODIES)
    assert {event.type for event in events()} == {*BODIES, "correct"}


@given(PLAIN | CORRECTED)
def test_a_body_comes_back_exactly_and_from_one_text(told: tuple[str, Body]) -> None:
    kind, body = told
    text = body_text(body)
    back = body_value(kind, text)

    assert back == body
    assert type(back) is type(body)
    assert exactly(back.model_dump()) == exactly(body.model_dump())
    assert body_text(back) == text
    assert text.isascii()


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXT | st.dates(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(DOCUMENTS)
def test_a_document_comes_back_exactly(document: Any) -> None:
    text = dump(document)

    assert exactly(load(text)) == exactly(document)
    assert dump(load(text)) == text


def test_canonical_text_is_sorted_without_spaces_and_keeps_the_digits() -> None:
    text = dump({"b": Decimal("2.50"), "a": [True, None, 3], "c": date(2026, 1, 2)})

    assert text == '{"a":[true,null,3],"b":{"$number":"2.50"},"c":{"$date":"2026-01-02"}}'


@pytest.mark.parametrize("value", [0.5, datetime(2026, 1, 1, tzinfo=UTC), object(), {1, 2}, b"x"])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dump({"value": value})


@pytest.mark.parametrize("key", ["$number", "$", 1])
def test_a_key_cannot_pass_for_a_mark(key: object) -> None:
    with pytest.raises(ValueError, match="cannot be a key"):
        dump({key: "1"})


@pytest.mark.parametrize("text", ["0.5", "[1e3]", "NaN", "[Infinity]"])
def test_a_binary_number_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="not written exactly"):
        load(text)


def test_text_is_never_read_as_a_number() -> None:
    for value in ("80", Decimal("80")):
        body = Observations(obs=(Observed(item="x", value=value),))
        back = body_value("obs", body_text(body))
        assert isinstance(back, Observations)
        assert type(back.obs[0].value) is type(value)
