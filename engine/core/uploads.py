"""Uploads: a file that was sent to be imported, how far that is, and what its rows came to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LEASE = timedelta(minutes=5)
"""How long a process that took an upload has it to itself, from each time it notes how far it is."""

ABANDONED = timedelta(hours=1)
"""After which an upload that is still arriving is not going to arrive."""

MOST_ATTEMPTS = 5
"""How often an upload is taken without coming any further before it is given up."""

Status = Literal["arriving", "waiting", "running", "done", "refused", "cancelled"]
UNFINISHED: tuple[Status, ...] = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to import; the fields after `created` say how far that is."""

    id: str
    site: str
    kind: str
    origin: str
    """What the ids of events begin with whose row has none."""
    mark: str | None
    """The decimal mark of its numbers; None if nobody said."""
    trial: bool
    """Do everything and keep nothing."""
    role: str
    credential: str | None
    person: str | None
    created: datetime
    status: Status = "arriving"
    next_at: datetime | None = None
    """When it may be taken by a process: at once while it waits, at the end of the lease while it runs."""
    attempts: int = 0
    """How often a process took it since it came any further."""
    rows: int | None = None
    """How many the file has; None until it was read."""
    patients: int = 0
    """Whose rows are done, in the order in which the file first names them."""
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refused: int = 0
    finished: datetime | None = None
    why: str | None = None
    """Why the file as a whole was refused, in words."""

    @property
    def done(self) -> int:
        """How many rows are done."""
        return self.accepted + self.duplicate + self.quarantined + self.refused


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with a row of an upload."""

    row: int
    place: int
    """Which of the row's problems it is, from 1."""
    pointer: str
    """The column."""
    code: str
    says: str
