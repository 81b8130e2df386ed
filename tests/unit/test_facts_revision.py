"""What the facts give over the acceptance stories: a change of meaning must raise their revision.

An enrolment is pinned to the digest of its pathway, and the revision of the facts is part of that digest.
A fact that gives another result under the same revision would change patients without anyone's consent.

Regenerate with `python -m tests.unit.test_facts_revision`.
"""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.core.asof import Elapsed
from engine.core.stories import Stories, tell
from engine.core.values import plain
from pathways import facts
from pathways.reader import read_yaml, validated
from tests.unit.builders import LIBRARY, pathway

GOLDEN = Path(__file__).with_name("facts_golden.json")
ACCEPTANCE = "pm_ild/vignettes/vignettes.yaml"
"""The stories that came with the specification and are never edited; others may be added at any time."""


def as_text(value: object) -> str:
    match value:
        case bool() | None:
            return str(value)
        case Decimal():
            return plain(value)
        case Elapsed():
            return f"{value.unit} since {value.since}"
        case date() | str():
            return str(value)
    raise TypeError(f"{value!r} is no fact's value")


def results() -> dict[str, str]:
    """Return, per fact, a digest of its values at every entry of the acceptance stories."""
    ((name, text),) = [each for each in LIBRARY.vignettes("pm-ild") if each[0] == ACCEPTANCE]
    given: dict[str, list[str]] = {fact: [] for fact in facts.CATALOGUE.definitions}
    for story in validated(read_yaml(text, name), Stories, name).vignettes:
        for number, outcome in enumerate(tell(story, pathway("1", **story.params))):
            moment = outcome.evaluation.moment
            for fact, values in given.items():
                if moment is not None:
                    values.append(f"{story.id} {number} {as_text(moment.fact(fact).value)}")
    return {
        fact: hashlib.sha256("\n".join(values).encode()).hexdigest()[:16] for fact, values in given.items()
    }


def test_a_fact_that_gives_another_result_has_another_revision() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    now = results()
    changed = sorted(f for f in now.keys() | golden["facts"].keys() if now.get(f) != golden["facts"].get(f))
    regenerate = "regenerate with `python -m tests.unit.test_facts_revision`"
    if golden["revision"] == facts.REVISION:
        assert not changed, (
            f"These facts give other results than revision {facts.REVISION} did: {', '.join(changed)}. Raise "
            f"REVISION in pathways/facts (unless only the pathway's document changed), then {regenerate}."
        )
    assert golden["revision"] == facts.REVISION, f"REVISION is now {facts.REVISION}: {regenerate}."


def test_the_results_of_every_fact_are_on_file() -> None:
    assert json.loads(GOLDEN.read_text("utf-8"))["facts"].keys() == facts.CATALOGUE.definitions.keys()


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({"revision": facts.REVISION, "facts": results()}, indent=2) + "\n", "utf-8")
