"""The bench of worklists measures what it says: full pages, whose statements alone find as much."""

from pathlib import Path

from bench.worklists import LIMIT, LISTED, pages, ward


def test_every_list_is_long_enough_and_its_statements_are_known(tmp_path: Path) -> None:
    with ward(f"sqlite:///{tmp_path / 'ward.db'}", 300) as few:
        for name in LISTED:
            found = pages(few, name, deep=3)
            assert [len(page.served().items) for page in found.values()] == [LIMIT, LIMIT]
            for page in found.values():
                assert any("JOIN enrolment" in statement for statement, _ in page.statements)
                page.raw()
