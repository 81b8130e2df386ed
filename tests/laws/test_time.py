"""Questions about time flip exactly on the noted days: found again by asking on every day."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.asof import COMPARE, Age, AsOf, Elapsed
from tests.laws.world import ONE_DAY

pytestmark = pytest.mark.prove

Question = Callable[[AsOf], bool]

days = st.dates(date(2023, 12, 1), date(2024, 12, 31))
signs = st.sampled_from(sorted(COMPARE))
whole = st.integers(-40, 400).map(Decimal)
broken = st.decimals(-40, 400, places=1).filter(lambda n: n != n.to_integral_value())


def check(question: Question, today: date, reach: int) -> None:
    """The span noted is the longest stretch of days around today with one answer, as far as `reach` shows."""
    at = AsOf(today)
    answer = question(at)
    first = last = today
    while first > today - timedelta(days=reach) and question(AsOf(first - ONE_DAY)) is answer:
        first -= ONE_DAY
    while last < today + timedelta(days=reach) and question(AsOf(last + ONE_DAY)) is answer:
        last += ONE_DAY
    noted_first = max(at.steady_from, today - timedelta(days=reach))
    noted_last = min(at.steady_until - ONE_DAY, today + timedelta(days=reach))
    assert (noted_first, noted_last) == (first, last)


@given(days, days, whole, signs)
def test_elapsed_days_flip_on_the_noted_days(since: date, today: date, number: Decimal, sign: str) -> None:
    def question(at: AsOf) -> bool:
        answer = Elapsed(since).compare(sign, number, at)
        assert answer is COMPARE[sign]((at.day - since).days, number)
        return answer

    check(question, today, 900)


@given(days, days, broken, st.sampled_from(["<", "<=", ">", ">="]))
def test_a_broken_number_of_days_is_reached_with_the_next_whole_day(
    since: date, today: date, number: Decimal, sign: str
) -> None:
    def question(at: AsOf) -> bool:
        answer = Elapsed(since).compare(sign, number, at)
        assert answer is COMPARE[sign]((at.day - since).days, number)
        return answer

    check(question, today, 900)


@given(days, days, broken)
def test_no_number_of_days_is_ever_equal_to_a_broken_one(since: date, today: date, number: Decimal) -> None:
    assert not Elapsed(since).compare("==", number, AsOf(today))
    assert Elapsed(since).compare("!=", number, AsOf(today))


births = st.one_of(
    st.sampled_from(
        [date(1960, 2, 29), date(1964, 2, 29), date(1960, 2, 28), date(1960, 3, 1), date(1959, 12, 31)]
    ),
    st.dates(date(1959, 1, 1), date(1966, 1, 1)),
)


def years(born: date, today: date) -> int:
    """Completed years: the birthdays that have come; 29 February is 1 March in common years."""
    leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    first_of_march = (born.month, born.day) == (2, 29) and not leap
    birthday = date(today.year, 3, 1) if first_of_march else date(today.year, born.month, born.day)
    return today.year - born.year if birthday <= today else today.year - born.year - 1


@given(births, st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(57, 68), signs)
def test_ages_flip_on_birthdays(born: date, today: date, number: int, sign: str) -> None:
    def question(at: AsOf) -> bool:
        answer = Age(born).compare(sign, Decimal(number), at)
        assert answer is COMPARE[sign](years(born, at.day), number)
        return answer

    check(question, today, 500)


@given(births, st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.sampled_from(["<", "<=", ">", ">="]))
def test_a_broken_age_is_reached_with_the_next_birthday(born: date, today: date, sign: str) -> None:
    def question(at: AsOf) -> bool:
        answer = Age(born).compare(sign, Decimal("64.5"), at)
        assert answer is COMPARE[sign](years(born, at.day), Decimal("64.5"))
        return answer

    check(question, today, 500)


@given(births, st.integers(0, 100))
def test_the_birthday_on_which_an_age_is_reached_is_its_first_day(born: date, number: int) -> None:
    birthday = Age(born).reaches(Decimal(number))

    assert Age(born).value(AsOf(birthday)) == number
    assert number == 0 or Age(born).value(AsOf(birthday - ONE_DAY)) == number - 1


@given(days, days, st.integers(0, 400))
def test_within_and_reached_and_passed_flip_on_the_noted_days(day: date, today: date, number: int) -> None:
    def within(at: AsOf) -> bool:
        answer = at.within(day, number)
        assert answer is ((at.day - day).days <= number)
        return answer

    def passed(at: AsOf) -> bool:
        answer = at.passed(day)
        assert answer is (at.day > day)
        return answer

    def reached(at: AsOf) -> bool:
        answer = at.reached(day)
        assert answer is (at.day >= day)
        return answer

    for question in (within, passed, reached):
        check(question, today, 900)


@given(days, st.lists(st.tuples(days, st.integers(0, 60)), max_size=6))
def test_several_questions_have_the_span_on_which_all_answers_stay(
    today: date, asked: list[tuple[date, int]]
) -> None:
    at = AsOf(today)
    for day, number in asked:
        at.within(day, number)
    spans = []
    for day, number in asked:
        alone = AsOf(today)
        alone.within(day, number)
        spans.append((alone.steady_from, alone.steady_until))

    assert at.steady_from == max((f for f, _ in spans), default=date.min)
    assert at.steady_until == min((u for _, u in spans), default=date.max)
