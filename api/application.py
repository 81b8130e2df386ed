"""The application: everything a running Careway consists of, put together once and closed at the end."""

from asyncio import to_thread, wrap_future
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from api.channels.secrets import derived, unsigned
from api.clock import SystemClock
from api.lately import Lately
from api.meters import Counters
from api.passwords import Argon2Passwords
from api.randomness import SystemRandomness
from api.reachable import Reachable
from api.settings import Settings
from api.storage import store_of, writer_on
from api.wiring import Shelf
from engine.ports import Addresses, Clock, Passwords, Randomness, Store, UnitOfWork, Writer
from engine.services.asking import Asker
from engine.services.ownership import Workload
from engine.services.recording import Recorder
from engine.services.residents import Residents

T = TypeVar("T")


@dataclass(frozen=True)
class Application:
    """What every face of a running Careway works with."""

    store: Store
    writer: Writer
    shelf: Shelf
    clock: Clock
    randomness: Randomness
    passwords: Passwords = field(default_factory=Argon2Passwords)
    addresses: Addresses = field(default_factory=Reachable)
    secret_of: Callable[[str, int], str] = unsigned
    """Returns a secret of a webhook, by its id and which of its secrets; raises `WebhooksUnavailable`."""
    meter: Counters = field(default_factory=Counters)
    recorder: Recorder = field(init=False)
    asker: Asker = field(init=False)
    loads: Lately[tuple[Workload, ...]] = field(init=False)
    """How much is open at each site, for which all that is open has to be read."""

    def __post_init__(self) -> None:
        """Put the services together."""
        recorder = Recorder(self.shelf, self.clock, Residents(), self.meter)
        object.__setattr__(self, "recorder", recorder)
        object.__setattr__(self, "asker", Asker(self.shelf, self.clock))
        object.__setattr__(self, "loads", Lately(self.clock))

    async def ask(self, question: Callable[[UnitOfWork], T]) -> T:
        """Return an answer that reads one consistent state."""

        def run() -> T:
            with self.store.reading() as uow:
                return question(uow)

        return await to_thread(run)

    async def run(self, command: Callable[[UnitOfWork], T]) -> T:
        """Return the outcome of a command, after COMMIT."""
        return await wrap_future(self.writer.submit(command))


@contextmanager
def application_on(
    settings: Settings, shelf: Shelf | None = None, clock: Clock | None = None
) -> Iterator[Application]:
    """Open the application on a database, closing it at the end.

    Raises:
        DatabaseUnusable: the database cannot be reached, or does not have the schema we need.
    """
    with store_of(settings) as store, closing(writer_on(store)) as writer:
        yield Application(
            store,
            writer,
            shelf or Shelf(),
            clock or SystemClock(),
            SystemRandomness(),
            addresses=Reachable(settings.outside),
            secret_of=partial(derived, settings),
        )
