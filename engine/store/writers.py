"""Writers: commands are handed over and answered after COMMIT, never before.

SQLite has one writer at a time, so one thread runs what is waiting in groups that share a commit. PostgreSQL
has many, so a pool of threads runs each command alone and tries again when another was faster.
"""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from engine.errors import ConcurrencyConflict, StoreFault, StoreUnavailable, WriterClosed
from engine.ports import Store, UnitOfWork, Writer
from engine.store.unit_of_work import SqlStore

T = TypeVar("T")

GROUP = 64
"""Commands that share a commit at most: a disk flush is dear, but the first of them should not wait long."""

WORKERS = 8
"""Threads on PostgreSQL, fewer than the connections a pool gives."""

PAUSES = (20, 80, 320)
"""Milliseconds a command that lost a race waits at most before each new try; then its caller hears."""


def writer_for(store: SqlStore) -> Writer:
    """Return the writer that fits a store's database; the caller closes it."""
    return GroupWriter(store) if store.database.name == "sqlite" else PooledWriter(store)


@dataclass(frozen=True, slots=True)
class _Task(Generic[T]):
    """A command and who waits for it."""

    command: Callable[[UnitOfWork], T]
    future: Future[T]

    def attempt(self, uow: UnitOfWork) -> Callable[[], None]:
        """Run the command in a part of its own; return what tells its outcome."""
        try:
            with uow.savepoint():
                result = self.command(uow)
        except BaseException as error:
            return partial(self.future.set_exception, error)
        return partial(self.future.set_result, result)

    def refuse(self, error: BaseException) -> None:
        """Tell that nothing was stored, unless an outcome was told already."""
        if not self.future.done():
            shared = isinstance(error, StoreFault | StoreUnavailable)  # no fault of this command
            self.future.set_exception(StoreUnavailable() if shared else error)


class GroupWriter:
    """One thread that runs commands in turn and commits what is waiting together; implements `ports.Writer`.

    Each command has a savepoint. When the commit fails nothing of the group is stored, and everyone in it
    hears so, those included whose command had failed: it may have seen what another one had written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: SimpleQueue[_Task[Any] | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="careway-writer", daemon=True)
        self._thread.start()

    def submit(self, command: Callable[[UnitOfWork], T]) -> Future[T]:
        """Hand over a command; return its outcome to come."""
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise WriterClosed
            self._waiting.put(_Task(command, future))
        return future

    def run(self, command: Callable[[UnitOfWork], T]) -> T:
        """Hand over a command and wait for it."""
        return self.submit(command).result()

    def close(self) -> None:
        """Take no more commands, and return when those handed over are done."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)  # nothing can come after it
        self._thread.join()

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            tasks = [task]
            while len(tasks) < GROUP and (following := self._next()) is not None:
                tasks.append(following)
            group = [each for each in tasks if each.future.set_running_or_notify_cancel()]
            try:
                if group:
                    self._write(group)
            except BaseException as error:  # whatever it was, nobody waits for ever
                for each in group:
                    each.refuse(error)

    def _next(self) -> _Task[Any] | None:
        """Return the next command if one is waiting."""
        try:
            task = self._waiting.get_nowait()
        except Empty:
            return None
        if task is None:
            self._waiting.put(None)  # the end is found again after this group
        return task

    def _write(self, group: list[_Task[Any]]) -> None:
        with self._store.writing() as uow:
            outcomes = [task.attempt(uow) for task in group]
            uow.commit()
        for tell in outcomes:
            tell()


class PooledWriter:
    """A pool of threads that runs each command in its own transaction; implements `ports.Writer`.

    A command that lost a race runs again from the start, reading anew, three times at most.
    """

    def __init__(self, store: Store, jitter: Callable[[int], int] = random.randrange) -> None:
        """Begin.

        Args:
            store: where to write.
            jitter: draws a pause below the one given: two that met must not meet again after equal ones.
        """
        self._store = store
        self._jitter = jitter
        self._gate = threading.Lock()
        self._closed = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="careway-writer")

    def submit(self, command: Callable[[UnitOfWork], T]) -> Future[T]:
        """Hand over a command; return its outcome to come."""
        with self._gate:
            if self._closed:
                raise WriterClosed
            return self._pool.submit(self._persist, command)

    def run(self, command: Callable[[UnitOfWork], T]) -> T:
        """Hand over a command and wait for it."""
        return self.submit(command).result()

    def close(self) -> None:
        """Take no more commands, and return when those handed over are done."""
        with self._gate:
            self._closed = True
        self._pool.shutdown()

    def _persist(self, command: Callable[[UnitOfWork], T]) -> T:
        for pause in PAUSES:
            try:
                return self._write(command)
            except ConcurrencyConflict:
                time.sleep(self._jitter(pause) / 1000)
        return self._write(command)

    def _write(self, command: Callable[[UnitOfWork], T]) -> T:
        with self._store.writing() as uow:
            result = command(uow)
            uow.commit()
            return result
