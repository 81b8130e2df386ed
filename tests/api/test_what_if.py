"""`careway what-if`: what events would make of the patient of a story."""

import json
from pathlib import Path

from tests.api.running import ENROLLED, run, written

EXAMPLE = "docs/examples/falling-fvc.yaml"
EVENTS = """\
events:
  - {id: n1, type: med, effective: 2025-07-28, drug: tac, op: start}
  - {id: n2, type: obs, effective: 2025-08-04, source: lab,
     obs: [{item: spo2_rest, value: 58, unit: "%", o2_flow: 0}]}
  - {id: e6, effective: 2025-01-20, type: med, drug: mmf, op: start}
"""


def test_what_would_be_is_told_with_what_would_become_of_each_event(root: Path, tmp_path: Path) -> None:
    events = written(tmp_path, EVENTS, "events.yaml")
    ran = run("what-if", root / EXAMPLE, "--with", events, "--as-of", "2025-08-05")

    assert ran.code == 0, ran.err
    assert "Supposed to be received on 2025-08-05; nothing of it is recorded" in ran.words
    assert (
        "As of 2025-08-05: escalation after progression; with these 3 events: monitoring on treatment."
    ) in ran.words
    assert "2025-07-28 Tacrolimus started [n1] 2025-08-04 " in ran.words
    assert "[n2], would wait for verification" in ran.words
    assert "[e6], recorded already" in ran.words
    assert "+ 2025-07-28 Escalation after progression → Monitoring on treatment T11" in ran.words


def test_as_json_it_is_what_http_answers(root: Path, tmp_path: Path) -> None:
    events = written(tmp_path, EVENTS, "events.yaml")
    ran = run("what-if", root / EXAMPLE, "--with", events, "--as-of", "2025-08-05", "--json")

    found = json.loads(ran.out)
    assert list(found) == ["sentence", "events", "difference"]
    assert [e["result"] for e in found["events"]] == ["accepted", "quarantined", "duplicate"]
    assert found["difference"]["after"]["state"] == "monitor"


def test_events_from_standard_input_that_change_nothing(tmp_path: Path) -> None:
    story = written(tmp_path, ENROLLED)
    weight = (
        "events: [{id: w, type: obs, effective: 2024-01-08, obs: [{item: weight, value: 70, unit: kg}]}]\n"
    )
    ran = run("what-if", story, "--with", "-", given=weight)

    assert (ran.code, "Nothing would differ." in ran.words) == (0, True)


def test_every_problem_of_every_event_is_told_with_its_line(root: Path, tmp_path: Path) -> None:
    bad = """\
    events:
      - {id: n1, type: obs, effective: 2025-07-28, source: lab,
         obs: [{item: fvc_l, value: 2.85}, {item: fvc, value: 1, unit: L}]}
      - {id: e6, type: med, effective: 2025-08-05, drug: tac, op: start}
      - {id: n3, recorded: 2025-07-28, type: retract, effective: 2025-07-28, target: nothing}
    """
    events = written(tmp_path, bad, "events.yaml")
    ran = run("what-if", root / EXAMPLE, "--with", events)

    assert (ran.code, ran.out) == (2, "")
    told = [line.rpartition("events.yaml:")[2].split(": ")[:2] for line in ran.err.splitlines()]
    assert told == [
        ["3", "events.0.obs.0.unit"],
        ["3", "events.0.obs.1.item"],
        ["4", "events.1.effective"],
        ["5", "events.2.recorded"],
    ]


def test_what_cannot_be_used_is_refused_before_anything_is_asked(root: Path, tmp_path: Path) -> None:
    empty = written(tmp_path, "events: []\n", "empty.yaml")
    for arguments, words in (
        ((root / EXAMPLE, "--with", empty), "events"),
        ((root / EXAMPLE, "--with", tmp_path / "none.yaml"), "There is no file"),
        ((root / EXAMPLE, "--with", empty, "--as-of", "soon"), "--as-of"),
        (("-", "--with", "-"), "Only one of"),
    ):
        ran = run("what-if", *arguments, given="")
        assert ran.code == 2
        assert words in ran.err
