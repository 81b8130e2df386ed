"""Opaque ids: version 7 of RFC 9562, in order of time."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.identity import RANDOM_BYTES, uuid7

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
CHANCE = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def test_the_example_of_the_standard() -> None:
    instant = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    chance = (0xCC3 << 68 | 0x18C4DC0C0C07398F & (1 << 62) - 1).to_bytes(RANDOM_BYTES)

    assert uuid7(instant, chance) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(INSTANTS, CHANCE)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_millisecond(instant: datetime, chance: bytes) -> None:
    made = UUID(uuid7(instant, chance))

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == (instant - EPOCH) // timedelta(milliseconds=1)


@given(INSTANTS, CHANCE, CHANCE)
def test_a_later_millisecond_gives_a_greater_id(instant: datetime, first: bytes, second: bytes) -> None:
    assert uuid7(instant, first) < uuid7(instant + timedelta(milliseconds=1), second)


@pytest.mark.parametrize("size", [0, 9, 11, 16])
def test_the_wrong_amount_of_chance_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="random bytes"):
        uuid7(EPOCH, bytes(size))
