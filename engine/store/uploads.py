"""Files that were sent to be imported, in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from engine.core.uploads import LEASE, RowProblem, Upload
from engine.store.mapping import plain_row, plain_value
from engine.store.statements import save
from engine.store.tables import table
from engine.store.upload_tables import UploadPartRow, UploadProblemRow, UploadRow

UPLOAD, PART, PROBLEM = table(UploadRow), table(UploadPartRow), table(UploadProblemRow)

BY_ID = select(UPLOAD).where(UPLOAD.c.id == bindparam("upload"))
DUE = (
    select(UPLOAD.c.id)
    .where(UPLOAD.c.next_at <= bindparam("now"))
    .order_by(UPLOAD.c.next_at, UPLOAD.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
TAKE = (
    update(UPLOAD)
    .where(UPLOAD.c.id == bindparam("taken"))
    .values(next_at=bindparam("lease"), status="running", attempts=UPLOAD.c.attempts + 1)
)
ONE_PART = select(PART.c.content).where(
    PART.c.upload_id == bindparam("upload"), PART.c.number == bindparam("part")
)
PROBLEMS = (
    select(PROBLEM)
    .where(
        PROBLEM.c.upload_id == bindparam("upload"),
        or_(
            PROBLEM.c.row > bindparam("line"),
            (PROBLEM.c.row == bindparam("line")) & (PROBLEM.c.place > bindparam("at")),
        ),
    )
    .order_by(PROBLEM.c.row, PROBLEM.c.place)
    .limit(bindparam("most"))
)


class SqlUploads:
    """Uploads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, upload: Upload) -> None:
        self.connection.execute(insert(UPLOAD), plain_row(upload))

    def get(self, upload: str) -> Upload | None:
        row = self.connection.execute(BY_ID, {"upload": upload}).one_or_none()
        return None if row is None else plain_value(Upload, row)

    def hold(self, upload: str) -> Upload | None:
        row = self.connection.execute(BY_ID.with_for_update(), {"upload": upload}).one_or_none()
        return None if row is None else plain_value(Upload, row)

    def save(self, upload: Upload) -> None:
        self.connection.execute(update(UPLOAD).where(UPLOAD.c.id == upload.id).values(plain_row(upload)))

    def claim(self, now: datetime) -> Upload | None:
        found: str | None = self.connection.execute(DUE, {"now": now}).scalar_one_or_none()
        if found is None:
            return None
        self.connection.execute(TAKE, {"taken": found, "lease": now + LEASE})
        return self.get(found)

    def of(
        self, site: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Upload, ...]:
        wanted = select(UPLOAD).where(UPLOAD.c.site == site, UPLOAD.c.status != "arriving")
        if before is not None:
            instant, last = before
            wanted = wanted.where(
                or_(UPLOAD.c.created < instant, (UPLOAD.c.created == instant) & (UPLOAD.c.id < last))
            )
        newest = wanted.order_by(UPLOAD.c.created.desc(), UPLOAD.c.id.desc()).limit(limit)
        return tuple(plain_value(Upload, row) for row in self.connection.execute(newest))

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        row = {"upload_id": upload, "number": number, "content": content}
        self.connection.execute(insert(PART), row)

    def part(self, upload: str, number: int) -> bytes | None:
        found = self.connection.execute(ONE_PART, {"upload": upload, "part": number}).scalar_one_or_none()
        return None if found is None else bytes(found)

    def drop_parts(self, upload: str) -> None:
        self.connection.execute(delete(PART).where(PART.c.upload_id == upload))

    def forget(self, until: datetime, upload: str | None = None) -> None:
        mine = () if upload is None else (UPLOAD.c.id == upload,)
        gone = (UPLOAD.c.status == "arriving", UPLOAD.c.created <= until, *mine)
        ids = select(UPLOAD.c.id).where(*gone)
        self.connection.execute(delete(PART).where(PART.c.upload_id.in_(ids)))
        self.connection.execute(delete(UPLOAD).where(*gone))

    def tell(self, upload: str, problems: Sequence[RowProblem]) -> None:
        save(self.connection, PROBLEM, [plain_row(each, upload_id=upload) for each in problems])

    def problems(
        self, upload: str, *, after: tuple[int, int] = (0, 0), limit: int = 50
    ) -> tuple[RowProblem, ...]:
        line, at = after
        asked = {"upload": upload, "line": line, "at": at, "most": limit}
        return tuple(plain_value(RowProblem, row) for row in self.connection.execute(PROBLEMS, asked))
