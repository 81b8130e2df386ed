"""The application: everything a running Careway consists of, put together once and closed at the end."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from api.clock import SystemClock
from api.randomness import SystemRandomness
from api.settings import Settings
from api.storage import store_of, writer_on
from api.wiring import Shelf
from engine.ports import Clock, Randomness, Store, Writer
from engine.services.asking import Asker
from engine.services.recording import Recorder
from engine.services.residents import Residents


@dataclass(frozen=True)
class Application:
    """What every face of a running Careway works with."""

    store: Store
    writer: Writer
    shelf: Shelf
    clock: Clock
    randomness: Randomness
    recorder: Recorder = field(init=False)
    asker: Asker = field(init=False)

    def __post_init__(self) -> None:
        """Put the services together."""
        recorder = Recorder(self.shelf, self.clock, Residents())
        object.__setattr__(self, "recorder", recorder)
        object.__setattr__(self, "asker", Asker(self.shelf, self.clock))


@contextmanager
def application_on(
    settings: Settings, shelf: Shelf | None = None, clock: Clock | None = None
) -> Iterator[Application]:
    """Open the application on a database, closing it at the end.

    Raises:
        DatabaseUnusable: the database cannot be reached, or does not have the schema we need.
    """
    with store_of(settings) as store, closing(writer_on(store)) as writer:
        yield Application(store, writer, shelf or Shelf(), clock or SystemClock(), SystemRandomness())
