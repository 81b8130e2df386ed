"""The bench of the page of today measures what it says: a page that asks as much for many as for few."""

from contextlib import ExitStack
from pathlib import Path

from bench.home import home


def test_the_page_asks_as_many_questions_for_many_patients_as_for_few(tmp_path: Path) -> None:
    with ExitStack() as opened:
        few, many = (
            opened.enter_context(home(f"sqlite:///{tmp_path / str(size)}.db", size)) for size in (100, 2000)
        )
        assert many.queries() == few.queries() > 0
