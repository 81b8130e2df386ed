"""Values every part of the core shares: exact numbers, strict dates, frozen models, Kleene truth."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

LONGEST_NUMBER = 40
"""Digits a number may have, before and after the point together; more is no measurement but a strain."""

Truth = bool | None
"""Strong Kleene truth: True, False, or None for *unknown*. None never fires and is never read as False."""


class Frozen(BaseModel):
    """An immutable record that refuses unknown fields and silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def exact(value: Any) -> Decimal:
    """Return the number as a Decimal taken from its text.

    Accepts Decimal, int, or the text of a decimal number. Raises ValueError for a float (its text is
    already lost), a bool, a non-finite number, one of more than 40 digits, or anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise ValueError(f"{value!r} is not a number written as text, an integer or a decimal")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    digits, exponent = number.as_tuple()[1:]
    if len(digits) > LONGEST_NUMBER or abs(int(exponent)) > LONGEST_NUMBER:
        raise ValueError(f"a number may have {LONGEST_NUMBER} digits at most")
    return number


def iso_date(value: Any) -> date:
    """Return a calendar date from `YYYY-MM-DD` text or a date; raises ValueError for anything else."""
    if isinstance(value, datetime):
        raise ValueError("a date without a time is needed, as YYYY-MM-DD")
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if day.isoformat() == value:  # the library also reads week dates and dates without hyphens
                return day
    raise ValueError(f"{value!r} is not a date written as YYYY-MM-DD")


def iso_moment(text: str) -> date | datetime:
    """Return a date, or an instant with its offset, from its text; raises ValueError for anything else."""
    try:
        return iso_date(text)
    except ValueError:
        pass
    try:
        return iso_instant(text)
    except ValueError:
        raise ValueError(
            "a date as YYYY-MM-DD or an instant with its offset is needed, such as 2024-01-15T09:30:00Z; "
            f"got {text!r}"
        ) from None


def iso_instant(text: str) -> datetime:
    """Return an instant from its text with its offset; raises ValueError for anything else.

    In the first and the last hours there are some have no place in UTC, where they are kept.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    try:
        instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant lies outside the years 1 to 9999") from None
    return instant


def clock_time(value: Any) -> time:
    """Return a time of the day from `HH:MM` text or a time; raises ValueError for anything else."""
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        try:
            found = time.fromisoformat(value)
        except ValueError:
            pass
        else:
            if f"{found:%H:%M}" == value:  # the library also reads seconds, offsets and hours alone
                return found
    raise ValueError(f"{value!r} is not a time of the day written as HH:MM")


Number = Annotated[Decimal, BeforeValidator(exact)]
Day = Annotated[date, BeforeValidator(iso_date)]
ClockTime = Annotated[time, BeforeValidator(clock_time)]


def plain(number: Decimal) -> str:
    """Return the shortest decimal text of a number, without exponent: 2.50 → '2.5', 1E+2 → '100'."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def received(value: object) -> str:
    """Return a value as it was sent, for a message about it: text in quotes, numbers as written.

    A number of very many digits keeps its exponent: written out it could fill the memory.
    """
    if not isinstance(value, Decimal):
        return repr(value)
    return plain(value) if value.is_finite() and abs(value.adjusted()) <= LONGEST_NUMBER else str(value)
