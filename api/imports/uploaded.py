"""Importing what was sent over HTTP: whichever process is free takes a file, and notes how far it is."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from tempfile import TemporaryFile
from typing import BinaryIO

from api.application import Application
from api.errors import BadInput
from api.imports.files import Read, read
from api.imports.importing import AT_ONCE, run
from engine.core.uploads import MOST_ATTEMPTS, Upload
from engine.services.importing import Imported
from engine.services.patients import Sender
from engine.services.ticks import Beat, unheard
from engine.services.uploads import advanced, finish, leave

NOTED = 1000
"""Rows read between two notes of how far it is, and refused ones held at most."""


GIVEN_UP = (
    f"The import was begun {MOST_ATTEMPTS} times and came no further, which is no fault of the file. "
    "What was recorded stays. Please report it with the id of this import; the log tells where it stopped."
)


class Taken(Exception):
    """The upload is no longer ours: it was cancelled, or somebody else goes on with it."""


class Ending(Exception):
    """This process is to end before the import has."""


def import_waiting(application: Application, beat: Beat = unheard) -> int:
    """Import the files that wait, the longest waiting first, until none is left; return how many.

    When the process is to end, the file under way is put back with what was done of it.
    """
    done = 0
    while not beat():
        upload = application.writer.run(lambda uow: uow.uploads.claim(application.clock.now()))
        if upload is None:
            break
        with suppress(Taken, Ending):
            if upload.attempts > MOST_ATTEMPTS:
                _give_up(application, upload)
            else:
                _import(application, upload, beat)
        done += 1
    return done


def _give_up(application: Application, upload: Upload) -> None:
    """End the import of a file by which one process after the other was stopped."""
    application.writer.run(lambda uow: finish(uow, upload, application.clock.now(), GIVEN_UP))


def _import(application: Application, upload: Upload, beat: Beat) -> None:
    """Import a file that was taken, from where it was left."""
    work = Work(application, upload, beat)
    sender = Sender(upload.role, upload.site, upload.credential, upload.person)
    why = None
    with _file(application, upload) as file:
        rows = read(file, upload.kind, application.shelf.vocabulary, upload.origin, upload.mark)
        pieces = run(
            application, sender, work.watched(rows), work.tell, trial=upload.trial, begin=upload.patients
        )
        try:
            work.begin(next(pieces).rows)
            for number, piece in enumerate(pieces):
                work.come_to(piece.names)
                if number and number % AT_ONCE == 0:
                    work.note()
        except BadInput as error:
            why = str(error)
        except Ending:
            application.writer.run(lambda uow: leave(uow, work.kept, application.clock.now()))
            raise
    work.keep()
    application.writer.run(lambda uow: finish(uow, work.upload, application.clock.now(), why))


class Work:
    """How far the import of one upload is."""

    def __init__(self, application: Application, upload: Upload, beat: Beat) -> None:
        """Go on with an upload; what is wrong with rows that cannot be read is told again from the start."""
        self.application, self.upload, self.beat = application, upload, beat
        self.kept = upload
        """As it is in the database."""
        self.again = upload.rows is not None
        """Whether the file was read before, and what its unreadable rows came to is counted."""
        self.told: list[Imported] = []

    def watched(self, rows: Iterable[Read]) -> Iterator[Read]:
        """Yield rows as they are read, noting now and then that we are at it."""
        for number, row in enumerate(rows, start=1):
            yield row
            if number % NOTED == 0:
                self.note()

    def tell(self, imported: Imported) -> None:
        """Count what became of a row."""
        if self.again:
            return
        counted = getattr(self.upload, imported.result) + 1
        self.upload = replace(self.upload, **{imported.result: counted})
        if imported.problems:
            self.told.append(imported)

    def begin(self, rows: int) -> None:
        """Keep that the file was read."""
        self.again = False
        self.upload = replace(self.upload, rows=rows)
        self.note()

    def come_to(self, names: int) -> None:
        """Count the patients whose rows are done."""
        self.upload = replace(self.upload, patients=names)

    def note(self) -> None:
        """Keep how far it is; raises `Taken`, and `Ending` when it is to be left there."""
        self.keep()
        if self.beat():
            raise Ending

    def keep(self) -> None:
        """Keep how far it is; raises `Taken`."""
        upload, told, self.told = self.upload, self.told, []
        if upload.rows is None:  # a file that was read half is read from the start, and counted again
            upload = replace(upload, refused=0)
        now = self.application.clock.now()
        kept = self.application.writer.run(lambda uow: advanced(uow, upload, told, now))
        if kept is None:
            raise Taken
        self.kept = kept
        self.upload = replace(self.upload, next_at=kept.next_at, attempts=kept.attempts)


@contextmanager
def _file(application: Application, upload: Upload) -> Iterator[BinaryIO]:
    """Put a file together from its parts, without a name: nothing of it stays when this process is killed."""
    with TemporaryFile("w+b") as file:
        for number in count():
            with application.store.reading() as uow:
                part = uow.uploads.part(upload.id, number)
            if part is None:
                break
            file.write(part)
        yield file
