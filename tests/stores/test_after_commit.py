"""What is called once everything is durable: of what was done, and of nothing that was taken back."""

from contextlib import suppress
from functools import partial

from engine.ports import Store, UnitOfWork
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.stores.kit import writing


def test_what_was_taken_back_is_told_to_nobody(store: Store) -> None:
    called = list[str]()
    with writing(store) as uow:
        uow.after_commit(lambda: called.append("before"))
        with suppress(ZeroDivisionError), uow.savepoint():
            uow.memo["somebody"] = "as they would have been"
            uow.after_commit(lambda: called.append("taken back"))
            raise ZeroDivisionError
        assert "somebody" not in uow.memo
        with uow.savepoint():
            uow.after_commit(lambda: called.append("inside"))
    assert called == ["before", "inside"]


def test_a_command_that_fails_among_others_is_told_to_nobody(store: SqlStore) -> None:
    called, writer = list[int](), writer_for(store)

    def command(uow: UnitOfWork, number: int) -> None:
        uow.after_commit(lambda: called.append(number))
        if number % 2:
            raise ZeroDivisionError

    ends = [writer.submit(partial(command, number=number)) for number in range(6)]
    assert [type(end.exception()) for end in ends] == [type(None), ZeroDivisionError] * 3
    writer.close()
    assert sorted(called) == [0, 2, 4]
