"""Exact numbers, strict dates, and numbers as people write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.values import Frozen, exact, iso_date, plain


class Dose(Frozen):
    mg: int


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("2.50", "2.50"),
        (7, "7"),
        (Decimal("1e-3"), "0.001"),
        ("-4", "-4"),
        ("9" * 40, "9" * 40),
        ("1e40", "1e40"),
    ],
)
def test_a_number_is_taken_from_its_text(given: Any, number: str) -> None:
    assert exact(given) == Decimal(number)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (0.5, "0.5 is not a number written as text, an integer or a decimal"),
        (True, "True is not a number written as text, an integer or a decimal"),
        (None, "None is not a number written as text, an integer or a decimal"),
        ("a few", "'a few' is not a number"),
        ("", "'' is not a number"),
        ("nan", "'nan' is not a finite number"),
        (Decimal("-Infinity"), "Decimal('-Infinity') is not a finite number"),
        ("9" * 41, "a number may have 40 digits at most"),
        ("1e41", "a number may have 40 digits at most"),
        ("1e-41", "a number may have 40 digits at most"),
    ],
)
def test_what_is_no_exact_number_is_refused(given: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole sentence is compared
        exact(given)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("given", ["2024-02-29", date(2024, 2, 29)])
def test_a_date_is_a_calendar_day(given: Any) -> None:
    assert iso_date(given) == date(2024, 2, 29)


@pytest.mark.parametrize("given", ["2023-02-29", "20240229", "2024-W09-4", "29.02.2024", 20240301, None])
def test_what_is_no_date_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="is not a date written as YYYY-MM-DD"):
        iso_date(given)


def test_an_instant_is_no_date() -> None:
    with pytest.raises(ValueError, match="a date without a time is needed"):
        iso_date(datetime(2024, 2, 29, tzinfo=UTC))


@pytest.mark.parametrize(
    ("number", "text"), [("2.50", "2.5"), ("100", "100"), ("1E+2", "100"), ("0.00", "0"), ("-1.10", "-1.1")]
)
def test_a_number_is_written_without_exponent_or_idle_zeros(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_a_frozen_record_takes_no_unknown_field_no_conversion_and_no_change() -> None:
    dose = Dose(mg=5)
    with pytest.raises(ValidationError):
        Dose.model_validate({"mg": "5"})
    with pytest.raises(ValidationError):
        Dose.model_validate({"mg": 5, "route": "oral"})
    with pytest.raises(ValidationError):
        dose.mg = 6  # type: ignore[misc]
