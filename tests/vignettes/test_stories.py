"""Every story the pathways ship, entry by entry: what it expects, and what its reasons rest on."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from api.checking import StoryRun, run_stories
from api.stories import StoryFile, read_stories
from api.wiring import Shelf
from engine.core.answer import result_of
from engine.core.explain import why_step
from engine.core.narrate import Line
from engine.core.pathway import Pathway
from engine.core.result import Result
from engine.core.stories import Outcome, Story, tell


@cache
def shelf() -> Shelf:
    return Shelf()


@cache
def files() -> dict[tuple[str, str], StoryFile]:
    library = shelf().library
    return {
        (pathway, name): read_stories(text, name)
        for pathway, _ in library.available()
        for name, text in library.vignettes(pathway)
    }


STORIES = {
    f"{file.name}:{s.id}": (pathway, file, s) for (pathway, _), file in files().items() for s in file.stories
}


@cache
def told(name: str) -> tuple[Pathway, tuple[Outcome, ...]]:
    pathway, file, story = STORIES[name]
    used = shelf().adjusted(shelf().pathway(pathway, file.version), story.params)
    return used, tuple(tell(story, used))


def result(name: str, outcome: Outcome) -> Result:
    return result_of(outcome.evaluation, shelf().sources(STORIES[name][0]))


@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_out_as_expected(name: str) -> None:
    differences = [
        f"entry {number}, {outcome.entry.message.get('id', 'check')} received {outcome.entry.received}: "
        f"{m.what}: expected {m.expected}, got {m.got}"
        for number, outcome in enumerate(told(name)[1], start=1)
        for m in outcome.mismatches
    ]

    assert not differences, "\n".join(differences)


def test_the_stories_are_as_many_as_were_delivered() -> None:
    assert len(STORIES) == 12
    assert sum(len(story.events) for _, _, story in STORIES.values()) == 342


def test_every_entry_expects_something() -> None:
    bare = [
        (name, number)
        for name, (_, _, story) in STORIES.items()
        for number, entry in enumerate(story.events, start=1)
        if not entry.expect.model_fields_set
    ]

    assert not bare


@pytest.mark.parametrize("name", STORIES)
def test_every_reason_rests_on_events_of_the_record_and_on_a_source(name: str) -> None:
    """At each entry that brought a step, and at the last: whatever is shown says why, and where from."""
    seen = 0
    outcomes = told(name)[1]
    for outcome in outcomes:
        steps = len(outcome.evaluation.history)
        if steps == seen and outcome is not outcomes[-1]:
            continue
        seen = steps
        shown = result(name, outcome)
        known = {event.id for event in outcome.record}
        for move in shown.history:
            assert move.reasons
            assert move.evidence
            assert move.citations
        for action in shown.open_actions:
            assert action.reasons
            assert action.citations
            assert bool(action.block_reasons) is (action.disposition == "blocked")
            assert bool(action.defer_reasons) is (action.disposition == "deferred")
            assert bool(action.caution_reasons) is action.caution
            assert bool(action.missing) >= (action.disposition == "needs_data")
        for review in shown.reviews:
            assert review.reasons
            assert review.citations
        assert set(events(shown)) <= known


def events(shown: Result) -> Iterator[str]:
    for move in shown.history:
        yield from move.evidence
    for action in shown.open_actions:
        yield from action.evidence
    for review in shown.reviews:
        yield from review.evidence
    for line in every_line(shown):
        yield from line.events


def every_line(shown: Result) -> Iterator[Line]:
    waiting = [*shown.tier_reasons]
    for move in shown.history:
        waiting += move.reasons
    for action in shown.open_actions:
        waiting += [*action.reasons, *action.block_reasons, *action.caution_reasons, *action.defer_reasons]
    for review in shown.reviews:
        waiting += review.reasons
    for edge in shown.edges:
        waiting += edge.reasons
    while waiting:
        line = waiting.pop()
        yield line
        waiting += line.below


@pytest.mark.parametrize("name", STORIES)
def test_a_step_is_explained_as_it_was_decided_then(name: str) -> None:
    """Judged again where it was taken, every rule that fired holds."""
    pathway, outcomes = told(name)
    for step in outcomes[-1].evaluation.history:
        rule = pathway.transitions.get(step.transition)
        if step.event_id is None:
            assert rule is not None
            assert why_step(outcomes[-1].evaluation, step).evidence
        else:
            assert why_step(outcomes[-1].evaluation, step).evidence == (step.event_id,)


@pytest.mark.parametrize("name", STORIES)
def test_no_explanation_shows_code_of_ours(name: str) -> None:
    """Reasons are for clinicians: no expression, no Python, no identifier of an item or a criterion."""
    pathway, outcomes = told(name)
    shown = result(name, outcomes[-1])
    names = {n for n in (*pathway.vocabulary.items, *pathway.definition.criteria) if "_" in n}
    for line in every_line(shown):
        assert not re.search(r"[=<>]=|\('|Decimal|\b(True|False|None)\b(?! of)", line.says), line.says
        assert names.isdisjoint(line.says.replace(",", " ").split()), line.says


EXPECTED: dict[str, Any] = {
    "now": ({"state": "monitor"}, "state: expected monitor, got assess"),
    "history": (("T01 2024-01-08 monitor",), "history: expected T01 2024-01-08 monitor, got "),
    "actions": ({}, "action ord.pft: expected none, got offer P2"),
    "reviews": ({"pft": "2024-01-23"}, "review pft: expected 2024-01-23, got 2024-01-22"),
    "ingest": ("duplicate", "ingest: expected duplicate, got accepted"),
    "ladder": ({"pft": "due"}, "ladder pft: expected due, got none"),
}


def altered(story: Story, **expect: object) -> Story:
    """Return a story whose first entry expects something else."""
    first = story.events[0]
    expectation = first.expect.model_copy(update=expect)
    return story.model_copy(
        update={"events": (first.model_copy(update={"expect": expectation}), *story.events[1:])}
    )


@pytest.mark.parametrize("part", EXPECTED)
def test_an_altered_expectation_is_noticed(part: str) -> None:
    _, file, story = STORIES["pm_ild/vignettes/vignettes.yaml:V01"]
    value, says = EXPECTED[part]
    spoilt = altered(story, **{part: value})

    run = ran(file, spoilt)

    assert run.different == 1
    assert {d.entry for d in run.differences} == {1}
    assert says in [
        f"{d.mismatch.what}: expected {d.mismatch.expected}, got {d.mismatch.got}" for d in run.differences
    ]


def test_one_altered_review_is_exactly_one_difference() -> None:
    _, file, story = STORIES["pm_ild/vignettes/vignettes.yaml:V01"]
    reviews = story.events[0].expect.reviews
    assert reviews is not None

    run = ran(file, altered(story, reviews={**reviews, "pft": "2024-01-23"}))

    assert [(d.entry, d.event, str(d.received), d.mismatch.what) for d in run.differences] == [
        (1, "e1", "2024-01-08", "review pft")
    ]
    assert (run.entries, run.different) == (32, 1)
    assert not ran(file, story).differences


def ran(file: StoryFile, story: Story) -> StoryRun:
    alone = StoryFile(file.name, file.pathway, file.version, (story,), file.document, file.single)
    (run,) = run_stories(shelf(), alone, "pm-ild", None)
    return run
