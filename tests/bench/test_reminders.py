"""The bench of the sweep measures what it says: as many due of few as of many, each put on its way."""

from pathlib import Path

from bench.reminders import DUE, ward


def test_each_round_has_as_much_due(tmp_path: Path) -> None:
    with ward(f"sqlite:///{tmp_path / 'ward.db'}", "few", 20, due=5) as few:
        for review in DUE:
            assert few.find() == 0
            few.become_due(review)
            assert few.find() == 5
            assert few.sweep() == 5
        with few.clinic.store.reading() as uow:
            assert uow.dispatches.queue().waiting == 5 * len(DUE)
