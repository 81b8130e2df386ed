"""Every shipped story at its last day as a page, against the text that was read and agreed.

Where the wording is meant to change: `GOLDEN_ANEW=1 pytest tests/api/test_golden.py` writes the pages anew.
Read what it wrote before keeping it.
"""

import os
import re
from pathlib import Path

import pytest

from tests.api.running import answered, run

GOLDEN = Path(__file__).with_name("golden")
STORIES = [f"V{number:02}" for number in range(1, 13)]
MIDDLE = "V05-2024-06-03"
"""The middle of a story, with red flags and a drug that is blocked."""
ANEW = os.environ.get("GOLDEN_ANEW") == "1"


def asked(name: str) -> list[str]:
    story, _, day = name.partition("-")
    return ["--story", story, *(["--as-of", day] if day else [])]


def page(shipped: Path, name: str) -> str:
    ran = run("evaluate", shipped, *asked(name))
    return ran.out.partition("\nSOURCES\n")[0].rstrip() + "\n"


@pytest.mark.parametrize("name", [*STORIES, MIDDLE])
def test_a_story_reads_as_it_was_agreed(shipped: Path, name: str) -> None:
    path, text = GOLDEN / f"{name}.txt", page(shipped, name)
    if ANEW:
        path.write_text(text, encoding="utf-8")

    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_the_page_says_what_the_json_says(shipped: Path, name: str) -> None:
    """The sentence, the source, what is missing and what is disputed are one model's, in text and JSON."""
    brief = answered(shipped, "--story", name)["result"]["brief"]
    words = run("evaluate", shipped, "--story", name).words

    assert brief["says"] in words
    assert all(d["topic"] in words and d["newer"] in words for d in brief["disagreements"])
    assert all(m["title"] in words for m in brief["missing"])
    assert all(citation["key"] in words for citation in brief["citations"])
    assert brief["status"] == "draft"


@pytest.mark.parametrize("name", STORIES)
def test_the_sentence_gives_the_state_its_date_and_the_numbers_that_decided(shipped: Path, name: str) -> None:
    result = answered(shipped, "--story", name)["result"]
    says = result["brief"]["says"]

    assert says.startswith(f"{result['state_title']} since {result['since']}")
    assert says.endswith(".")
    if result["state"] in ("escalate", "recurrent"):
        assert result["brief"]["numbers"]
        assert all(number["date"] in says for number in result["brief"]["numbers"])


@pytest.mark.parametrize("name", STORIES)
def test_no_page_shows_an_id_where_there_is_a_title(name: str) -> None:
    """Ids stand beside titles and in brackets only: no bare rule, state, item or drug in the prose."""
    text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    prose = re.sub(r"\[[^]]*\]", "", " ".join(text.split()))
    assert not re.search(r"waited for by|escalate\.|first_line|recurrent\.|None|Decimal|\bis_active\b", prose)
