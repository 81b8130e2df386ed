"""Our pathway for the canonical workload decides as the shared baseline does."""

import importlib.util
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench.canonical.workload import Happening, enrolment, life, load, message
from engine.core.changes import Replay
from engine.core.evaluate import evaluated
from engine.core.events import Record, Stamp
from engine.core.ingest import Door
from engine.core.pathway import Pathway
from engine.core.stories import receive
from tests.laws.world import vocabulary
from tests.stores.kit import NOW


@pytest.fixture(scope="module")
def pathway() -> Pathway:
    return load()


@pytest.fixture(scope="module")
def baseline(root: Path) -> ModuleType:
    file = root.parent / "shared" / "bench" / "common.py"
    if not file.exists():
        pytest.skip("the shared baseline is not here; the comparison runs where it is")
    spec = importlib.util.spec_from_file_location("baseline", file)
    assert spec is not None
    assert spec.loader is not None
    found = sys.modules["baseline"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def states(pathway: Pathway, happenings: list[Happening]) -> list[str]:
    """The state after each happening, each received on its day."""
    door, replay, record = (
        Door(pathway.vocabulary, {"canonical": pathway.definition}),
        Replay(pathway),
        Record(),
    )
    found = []
    messages = [enrolment(happenings[0].day), *(message(n, h) for n, h in enumerate(happenings))]
    for number, sent in enumerate(messages, start=1):
        stamp = Stamp(NOW, number, sent["effective"])
        record = door.admit(record, sent, stamp, "clinician").record
        replay.take(record.events[-1])
        position = evaluated(replay, sent["effective"]).position
        found.append(position.state if position else "none")
    return found[1:]


def happening(event: Any) -> Happening:
    percent = None if event.fvc_pct is None else Decimal(str(event.fvc_pct))
    return Happening(date.fromordinal(event.day), event.kind, percent)


@pytest.mark.parametrize(("size", "patients"), [(12, 60), (120, 4)])
def test_the_states_are_those_of_the_shared_baseline(
    pathway: Pathway, baseline: ModuleType, size: int, patients: int
) -> None:
    for number in range(1, patients + 1):
        events = baseline.patient_events(number, size)
        facts, state, expected = baseline.Facts(), "assess", []
        for e in events:
            facts.add(e.kind, e.day, e.fvc_pct)
            state = baseline.decide(state, facts, e.kind, e.day) or state
            expected.append(state)
        ours = states(pathway, [happening(e) for e in events])
        assert ours == expected, f"patient {number}"


def test_a_life_is_the_same_every_time_and_reaches_every_state(pathway: Pathway) -> None:
    reached: set[str] = set()
    for number in range(12):
        happenings = list(life(number, 60))
        assert happenings == list(life(number, 60))
        assert len(happenings) == 60
        reached |= set(states(pathway, happenings))
    assert reached == set(pathway.definition.states)


def test_messages_are_let_in(pathway: Pathway) -> None:
    door, record = Door(vocabulary(), {"canonical": pathway.definition}), Record()
    for number, happening in enumerate(life(1, 200)):
        sent: dict[str, Any] = {**message(number, happening), "recorded": happening.day}
        record, result, problems = receive(door, record, sent, number + 1)
        assert (result, problems) == ("accepted", ())
