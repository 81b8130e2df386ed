"""A record finds an event by its id as a look at every event does, however records grew from one another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.core.events import Event, Record
from tests.laws.world import told

IDS = ("a", "b", "c", "d")


def an_event() -> Event:
    return next(iter(next(iter(told().values())).record))


def looked_at(record: Record, event_id: str) -> Event | None:
    return next((event for event in record.events if event.id == event_id), None)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(IDS), st.integers(1, 6)), max_size=20))
def test_records_that_grow_from_one_another_each_find_their_own(steps: list[tuple[int, str, int]]) -> None:
    first = an_event()
    records = [Record()]
    for number, (which, event_id, through) in enumerate(steps, start=1):
        grown = records[which % len(records)]
        if looked_at(grown, event_id) is None:
            stamp = replace(first.stamp, sequence=number)
            grown = grown.append(replace(first, id=event_id, stamp=stamp))
        records += [grown, grown.through(through)]

    for record in records:
        for event_id in IDS:
            assert record.find(event_id) == looked_at(record, event_id)
