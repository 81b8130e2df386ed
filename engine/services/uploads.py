"""Files sent to be imported: kept part by part, taken by one process at a time, and gone when they are done.

A process that takes an upload notes after each few patients how far it is, and so keeps it. One that is told
to end puts it back there. When one dies somebody else goes on from there; what was recorded since is known by
its events' ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry
from engine.core.uploads import ABANDONED, LEASE, UNFINISHED, RowProblem, Status, Upload
from engine.errors import NotFound, UploadFinished
from engine.ports import Randomness, UnitOfWork
from engine.services.importing import Imported
from engine.services.patients import Sender
from engine.services.sites import CHAIN


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with a file."""

    kind: str
    origin: str
    mark: str | None
    trial: bool


def begin(uow: UnitOfWork, wish: Wish, sender: Sender, now: datetime, randomness: Randomness) -> Upload:
    """Return a new upload, which is arriving: nothing is done with it before it is complete."""
    made = Upload(
        uuid7(now, randomness.draw(RANDOM_BYTES)),
        sender.site,
        wish.kind,
        wish.origin,
        wish.mark,
        wish.trial,
        sender.role,
        sender.credential,
        sender.person,
        now,
    )
    uow.uploads.forget(now - ABANDONED)
    uow.uploads.add(made)
    return made


def complete(uow: UnitOfWork, upload: str, sender: Sender, now: datetime) -> Upload:
    """Return an upload all parts of which are there, now waiting to be imported."""
    found = uow.uploads.hold(upload)
    assert found is not None, "it is arriving"
    waiting = replace(found, status="waiting", next_at=now)
    uow.uploads.save(waiting)
    _note(uow, "import", waiting, sender, now)
    return waiting


def upload_of(uow: UnitOfWork, upload: str, site: str, *, hold: bool = False) -> Upload:
    """Return an upload that arrived at a site; with `hold`, nobody else changes it meanwhile.

    Raises:
        NotFound: there is none; also when it is another site's.
    """
    found = uow.uploads.hold(upload) if hold else uow.uploads.get(upload)
    if found is None or found.site != site or found.status == "arriving":
        raise NotFound("import", upload)
    return found


def cancel(uow: UnitOfWork, upload: Upload, sender: Sender, now: datetime) -> Upload:
    """Return an upload of which nothing more is recorded; what was recorded stays.

    Raises:
        UploadFinished: it is over already.
    """
    if upload.status not in UNFINISHED:
        raise UploadFinished(upload.status)
    changed = replace(upload, status="cancelled", next_at=None, finished=now)
    uow.uploads.save(changed)
    uow.uploads.drop_parts(upload.id)
    _note(uow, "cancel import", changed, sender, now)
    return changed


def advanced(uow: UnitOfWork, upload: Upload, told: Sequence[Imported], now: datetime) -> Upload | None:
    """Keep how far an upload is, and what is wrong with rows; the lease begins again.

    Args:
        uow: the transaction.
        upload: as it is now, by whoever took it.
        told: rows whose problems were not kept yet.
        now: the present.

    Returns:
        The upload as it is kept; None when it is no longer theirs: it was cancelled, or somebody else took it
        and has another lease.
    """
    found = uow.uploads.hold(upload.id)
    if found is None or found.status != "running" or found.next_at != upload.next_at:
        return None
    uow.uploads.tell(upload.id, list(_problems(told)))
    attempts = 0 if upload.patients > found.patients else found.attempts
    kept = replace(upload, next_at=now + LEASE, attempts=attempts)
    uow.uploads.save(kept)
    return kept


def leave(uow: UnitOfWork, upload: Upload, now: datetime) -> None:
    """Put back an upload that somebody has to themselves, for anybody to go on with at once.

    That a process was told to end is no failure of the upload, so this time it was taken does not count.
    """
    kept = advanced(uow, upload, (), now)
    if kept is not None:
        attempts = max(kept.attempts - 1, 0)
        uow.uploads.save(replace(kept, status="waiting", next_at=now, attempts=attempts))


def finish(uow: UnitOfWork, upload: Upload, now: datetime, why: str | None = None) -> None:
    """End the import of a file that somebody has to themselves; `why` if it cannot be used at all."""
    kept = advanced(uow, upload, (), now)
    if kept is None:
        return
    status: Status = "done" if why is None else "refused"
    uow.uploads.save(replace(kept, status=status, next_at=None, finished=now, why=why))
    uow.uploads.drop_parts(upload.id)


def _problems(told: Iterable[Imported]) -> Iterable[RowProblem]:
    for row in told:
        for place, each in enumerate(row.problems, start=1):
            yield RowProblem(row.number, place, each.pointer, each.code, each.text)


def _note(uow: UnitOfWork, act: str, upload: Upload, sender: Sender, now: datetime) -> None:
    body = {"site": upload.site, "import": upload.id, "kind": upload.kind, "trial": upload.trial}
    uow.audit.append(CHAIN, AuditEntry(now, sender.author, act, body))
