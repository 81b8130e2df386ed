"""Which steps are sent on which day: each once, whenever somebody looks, and none before its day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from engine.core import ladder
from engine.core.asof import AsOf
from engine.core.climbs import Climb, climbs
from engine.core.kept import LiveReview
from engine.core.reminders import climbed
from tests.laws.world import pathway

RULES = pathway().definition.ladder
DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))
LOOKS = st.lists(st.integers(0, 90), min_size=1, max_size=12).map(sorted)


@lru_cache(maxsize=64)
def all_climbs(reviews: tuple[tuple[str, date, date], ...]) -> Mapping[str, Climb]:
    return climbs(RULES, reviews)


def climb_of(review: str, due: date, interval: int) -> Climb:
    return climbs(RULES, [(review, due, due - timedelta(days=interval))])[review]


def begun(review: str, due: date, interval: int, day: date) -> LiveReview:
    """A review as it is kept when it is first wanted on a day."""
    climb = climb_of(review, due, interval)
    reached = ladder.reached(climb.own, AsOf(day))
    first = climb.begun(reached.step if reached else None)
    assert first is not None
    return LiveReview(
        review, due, due - timedelta(days=interval), "ok", None, first, climb.next_on(first, day)
    )


@given(due=DAYS, interval=st.integers(0, 400), start=st.integers(-40, 40), looks=LOOKS)
def test_every_step_from_the_newest_passed_on_is_sent_once(
    due: date, interval: int, start: int, looks: list[int]
) -> None:
    began = due + timedelta(days=start)
    climb = climb_of("pft", due, interval)
    passed = [step.step for step in climb.own if step.day <= began]
    last = began + timedelta(days=looks[-1])
    wanted = passed[-1:] + [step.step for step in climb.own if began < step.day <= last]

    review, sent = begun("pft", due, interval, began), list[str]()
    for days in looks:
        now, review = climbed(climb, review, began + timedelta(days=days))
        assert all(step.day <= began + timedelta(days=days) for step in now)
        sent += [step.step for step in now]

    assert sent == wanted
    left = [step for step in climb.own if step.day > last]
    if wanted or left:
        assert (review.next_step, review.next_step_on) == (
            (left[0].step, left[0].day) if left else (None, None)
        )


@given(due=DAYS, interval=st.integers(0, 400), until=st.integers(-30, 40), looks=LOOKS)
def test_what_is_put_off_is_silent_until_the_day_and_then_tells_the_newest_missed(
    due: date, interval: int, until: int, looks: list[int]
) -> None:
    began, day = due - timedelta(days=40), due + timedelta(days=until)
    climb = climb_of("pft", due, interval)
    review, sent = begun("pft", due, interval, began), list[tuple[date, ladder.DatedStep]]()
    for days in looks:
        now = began + timedelta(days=days)
        steps, review = climbed(climb, review, now, day)
        sent += [(now, step) for step in steps]

    assert all(now >= day for now, _ in sent)
    last = began + timedelta(days=looks[-1])
    missed = [step for step in climb.own if step.day < day]
    later = [step for step in climb.own if day <= step.day <= last]
    assert [step for _, step in sent] == (missed[-1:] + later if last >= day else [])


@dataclass
class Patient:
    """Open reviews of one patient as they are kept, day by day, and what was told."""

    dues: dict[str, tuple[date, date]]
    """Due date and base date."""
    kept: dict[str, LiveReview] = field(default_factory=dict)
    told: list[tuple[date, str, ladder.DatedStep]] = field(default_factory=list)

    @property
    def climbs(self) -> Mapping[str, Climb]:
        return all_climbs(tuple((name, *dates) for name, dates in self.dues.items()))

    def evaluate(self, day: date) -> None:
        """Keep what an evaluation on a day wants."""
        found, wanted = self.climbs, dict[str, LiveReview]()
        for name, (due, base) in self.dues.items():
            climb, before = found[name], self.kept.get(name)
            reached = ladder.reached(climb.own, AsOf(day))
            step, waiting = climb.begun(reached.step if reached else None), None
            if before is not None and (before.due, before.base) == (due, base):
                step, waiting = before.next_step, before.next_step_on
            on = None if step is None else climb.next_on(step, day, waiting)
            wanted[name] = LiveReview(name, due, base, "ok", None, step, on)
        self.kept = wanted

    def look(self, day: date) -> None:
        """Evaluate, as on every day on which a review has a step, and tell what is to be told."""
        self.evaluate(day)
        for name, review in self.kept.items():
            steps, self.kept[name] = climbed(self.climbs[name], review, day)
            self.told += [(day, name, step) for step in steps]
        before = dict(self.kept)
        self.evaluate(day)
        assert self.kept == before, "evaluating again changes nothing"


LABORATORY = ("tox.mmf", "tox.aza", "tox.cni", "gc.metabolic")
DUES = st.dictionaries(
    st.sampled_from([*LABORATORY, "pft"]), st.tuples(st.integers(0, 60), st.integers(0, 120)), min_size=1
)


@given(start=DAYS, dues=DUES, away=st.sets(st.integers(0, 110), max_size=60))
def test_what_is_due_about_then_is_told_on_the_first_of_the_days(
    start: date, dues: dict[str, tuple[int, int]], away: set[int]
) -> None:
    """All reviews are there from the start; on some days nobody looks."""
    patient = Patient(
        {
            name: (start + timedelta(days=due), start + timedelta(days=due - interval))
            for name, (due, interval) in dues.items()
        }
    )
    patient.evaluate(start)
    for number in range(111):
        if number not in away:
            patient.look(start + timedelta(days=number))
    end = max(start + timedelta(days=number) for number in {110, *range(111)} - away)

    names = sorted((due, name) for name, (due, _) in patient.dues.items() if name in LABORATORY)
    parties = list[list[str]]()
    for due, name in names:
        if parties and due - patient.dues[parties[-1][0]][0] <= timedelta(days=14):
            parties[-1].append(name)
        else:
            parties.append([name])
    parties += [[name] for name in dues if name not in LABORATORY]
    for party in parties:
        for name in party:
            told = {step.step: step.day for _, who, step in patient.told if who == name}
            own = {step.step: step.day for step in patient.climbs[name].own}
            passed = [step for step, day in own.items() if day <= start]
            steps = [step for step in own if own[step] > start or step == passed[-1]]
            for place, step in enumerate(steps):
                days = [s.day for who in party for s in patient.climbs[who].own if s.step == step]
                wanted = {later: own[later] for later in steps[place:]}
                for later in wanted:
                    shared = min(s.day for who in party for s in patient.climbs[who].own if s.step == later)
                    wanted[later] = shared if shared >= start else max(own[later], start)
                day = min(wanted.values())
                assert min(days) <= day <= max(own[step], start)
                assert (told[step] == day) if day <= end else step not in told
            assert len(told) == sum(who == name for _, who, _ in patient.told), "each step once"


@given(start=DAYS, dues=DUES, changes=st.lists(st.tuples(st.integers(0, 90), DUES), max_size=4))
def test_a_party_that_changes_tells_no_step_twice_and_leaves_none_out(
    start: date, dues: dict[str, tuple[int, int]], changes: list[tuple[int, dict[str, tuple[int, int]]]]
) -> None:
    """Some reviews are dated anew on some days; those that are not go on."""
    patient, since = Patient({}), dict[str, date]()
    plan = {0: dues, **dict(changes)}
    for number in range(230):
        day = start + timedelta(days=number)
        for name, (due, interval) in plan.get(number, {}).items():
            dates = (day + timedelta(days=due), day + timedelta(days=due - interval))
            if patient.dues.get(name) != dates:
                patient.dues[name], since[name] = dates, day
        patient.look(day)

    assert all(day == step.day for day, _, step in patient.told), "nothing is told late"
    for name, (due_on, base) in patient.dues.items():
        began = since[name]
        climb = climb_of(name, due_on, (due_on - base).days)
        told = [step.step for day, who, step in patient.told if who == name and day >= began]
        passed = [step.step for step in climb.own if step.day <= began]
        assert told == passed[-1:] + [step.step for step in climb.own if step.day > began]
        for day, who, step in patient.told:
            if who == name and day > began:
                assert day <= next(s.day for s in climb.own if s.step == step.step)
