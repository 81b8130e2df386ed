"""Every code HTTP can answer with is documented, with its status."""

import re
from pathlib import Path

import pytest

from api.http.problems import STATUSES, HttpProblem, status_of
from engine.errors import CarewayError, NotFound
from tests.architecture.test_errors import family

OWN = [error for error in family(HttpProblem) if issubclass(error, HttpProblem)]


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")


def test_what_only_http_can_answer_is_documented_with_its_status(page: str) -> None:
    table = page.partition("## Over HTTP")[2]
    told = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (.+?) \|$", table, re.MULTILINE))
    expected = {e.code: str(int(e.status)) for e in OWN if e is not HttpProblem}
    assert told == {**expected, "method-not-allowed": "405", "request-refused": "as told"}


def test_every_other_error_has_a_documented_status(page: str) -> None:
    table = re.sub(r"\s+", " ", page.partition("The others:")[2].partition("## Defects")[0])
    for error, status in STATUSES.items():
        if error.code not in ("bad-input", "document-refused", "pathway-flawed"):  # of the command line
            assert f"`{error.code}`" in table, error.code
            assert str(int(status)) in table


def test_an_error_without_a_status_of_its_own_takes_that_of_its_base() -> None:
    class Special(NotFound):
        """A kind nobody listed."""

    assert status_of(Special("thing", "x")) == 404
    assert status_of(CarewayError()) == 500
