"""What services need of the store for files that were sent to be imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.core.uploads import RowProblem, Upload


class UploadStore(Protocol):
    """Uploads with their parts, which go when the upload is finished, and the problems of their rows."""

    def add(self, upload: Upload) -> None:
        """Keep a new upload."""

    def get(self, upload: str) -> Upload | None:
        """Return an upload, or None."""

    def hold(self, upload: str) -> Upload | None:
        """Return an upload that nobody else changes before this transaction ends, or None."""

    def save(self, upload: Upload) -> None:
        """Replace what is kept of an upload, which is held."""

    def claim(self, now: datetime) -> Upload | None:
        """Return the upload that waits longest, now running, with a lease begun; None when none waits.

        One whose lease ended waits as well; those somebody else is just taking are passed over.
        """

    def of(
        self, site: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Upload, ...]:
        """Return at most `limit` that arrived at a site, newest first, before another's creation and id."""

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        """Keep a part of the file, numbered from 0."""

    def part(self, upload: str, number: int) -> bytes | None:
        """Return a part of the file; None after the last."""

    def drop_parts(self, upload: str) -> None:
        """Remove the file."""

    def forget(self, until: datetime, upload: str | None = None) -> None:
        """Remove what is still arriving and was begun up to an instant: all of it, or one upload."""

    def tell(self, upload: str, problems: Sequence[RowProblem]) -> None:
        """Keep problems of rows; what was told of the same place before is replaced."""

    def problems(
        self, upload: str, *, after: tuple[int, int] = (0, 0), limit: int = 50
    ) -> tuple[RowProblem, ...]:
        """Return at most `limit` problems in the order of rows, after the row and place of another."""
