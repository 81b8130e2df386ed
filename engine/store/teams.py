"""Care teams, and what was done about actions and reviews. Nothing here is ever changed, only added to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, exists, func, insert, select

from engine.core.people import TeamPost, WorkNote
from engine.store.among import among
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import TeamPostRow, WorkNoteRow
from engine.store.tables import PatientRow, table

TEAM_POST, WORK_NOTE, PATIENT = table(TeamPostRow), table(WorkNoteRow), table(PatientRow)

SITE_PATIENTS = select(PATIENT.c.id).where(PATIENT.c.site == bindparam("site"))


def _of_patient(of: Table) -> Select[Any]:
    """Return the query for all rows of one patient, by number."""
    return select(of).where(of.c.patient_id == bindparam("patient")).order_by(of.c.number)


def _newest(of: Table, *about: str) -> Select[Any]:
    """Return the query for the newest row about each thing at a site."""
    keys = [of.c[name] for name in about]
    numbers = (
        select(of.c.patient_id, func.max(of.c.number).label("number"))
        .where(of.c.patient_id.in_(SITE_PATIENTS))
        .group_by(of.c.patient_id, *keys)
        .subquery()
    )
    same = (of.c.patient_id == numbers.c.patient_id) & (of.c.number == numbers.c.number)
    return select(of).join(numbers, same).order_by(of.c.patient_id, of.c.number)


TEAM = _of_patient(TEAM_POST)
TEAMS_AT = _newest(TEAM_POST, "post")
NOTES = _of_patient(WORK_NOTE)
NOTES_AT = _newest(WORK_NOTE, "pathway", "kind", "subject", "opened_on", "note").where(
    WORK_NOTE.c.note == bindparam("note")
)


TEAMS_OF = select(TEAM_POST).where(among(TEAM_POST.c.patient_id, "patients")).order_by(*TEAM_POST.primary_key)
NOTES_OF = (
    select(WORK_NOTE)
    .where(among(WORK_NOTE.c.patient_id, "patients"), WORK_NOTE.c.note == bindparam("note"))
    .order_by(*WORK_NOTE.primary_key)
)

NEWER = TEAM_POST.alias("newer")
HELD_BY = (
    select(TEAM_POST)
    .join(PATIENT, PATIENT.c.id == TEAM_POST.c.patient_id)
    .where(
        among(TEAM_POST.c.person_id, "people"),
        PATIENT.c.site == bindparam("site"),
        ~exists().where(
            NEWER.c.patient_id == TEAM_POST.c.patient_id,
            NEWER.c.post == TEAM_POST.c.post,
            NEWER.c.number > TEAM_POST.c.number,
        ),
    )
    .order_by(TEAM_POST.c.patient_id, TEAM_POST.c.number)
)


class SqlTeams:
    """Who was given which post."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, posts: Sequence[TeamPost]) -> None:
        if posts:
            self.connection.execute(insert(TEAM_POST), [plain_row(post) for post in posts])

    def of(self, patient: str) -> tuple[TeamPost, ...]:
        rows = self.connection.execute(TEAM, {"patient": patient})
        return tuple(plain_value(TeamPost, row) for row in rows)

    def held_by(self, site: str, people: Sequence[str]) -> tuple[TeamPost, ...]:
        rows = self.connection.execute(HELD_BY, {"site": site, "people": list(people)})
        return tuple(plain_value(TeamPost, row) for row in rows)

    def at(self, site: str) -> tuple[TeamPost, ...]:
        rows = self.connection.execute(TEAMS_AT, {"site": site})
        return tuple(plain_value(TeamPost, row) for row in rows)

    def of_each(self, patients: Sequence[str]) -> tuple[TeamPost, ...]:
        rows = self.connection.execute(TEAMS_OF, {"patients": list(patients)})
        return tuple(plain_value(TeamPost, row) for row in rows)


class SqlNotes:
    """What was done about actions and reviews."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, note: WorkNote) -> None:
        self.connection.execute(insert(WORK_NOTE), plain_row(note))

    def of(self, patient: str) -> tuple[WorkNote, ...]:
        rows = self.connection.execute(NOTES, {"patient": patient})
        return tuple(plain_value(WorkNote, row) for row in rows)

    def at(self, site: str, note: str) -> tuple[WorkNote, ...]:
        rows = self.connection.execute(NOTES_AT, {"site": site, "note": note})
        return tuple(plain_value(WorkNote, row) for row in rows)

    def of_each(self, patients: Sequence[str], note: str) -> tuple[WorkNote, ...]:
        rows = self.connection.execute(NOTES_OF, {"patients": list(patients), "note": note})
        return tuple(plain_value(WorkNote, row) for row in rows)
