"""People, what they may do at which site, and when somebody stands in for them."""

from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from engine.core.people import Absence, Membership, Person
from engine.errors import NotFound
from engine.store.among import among
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import AbsenceRow, MembershipRow, PersonRow
from engine.store.statements import add_new
from engine.store.tables import table

PERSON, MEMBERSHIP, ABSENCE = table(PersonRow), table(MembershipRow), table(AbsenceRow)

EVERYBODY = select(PERSON).order_by(PERSON.c.id)
SOMEBODY = (
    select(PERSON.c.id)
    .where(
        PERSON.c.disabled.is_(None), or_(PERSON.c.password_hash.is_not(None), PERSON.c.subject.is_not(None))
    )
    .limit(1)
)
HELD = select(PERSON).where(PERSON.c.id == bindparam("person")).with_for_update()
HERE = select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.site == bindparam("site"))
AT_SITE = EVERYBODY.where(PERSON.c.id.in_(HERE), PERSON.c.id > bindparam("after"))
ROLES = (
    select(MEMBERSHIP)
    .where(among(MEMBERSHIP.c.person_id, "people"))
    .order_by(MEMBERSHIP.c.person_id, MEMBERSHIP.c.site, MEMBERSHIP.c.role)
)
ROLES_AT = (
    select(MEMBERSHIP)
    .where(MEMBERSHIP.c.site == bindparam("site"))
    .order_by(MEMBERSHIP.c.person_id, MEMBERSHIP.c.role)
)
WITHDRAW = delete(MEMBERSHIP).where(
    *(MEMBERSHIP.c[name] == bindparam(name) for name in ("person_id", "site", "role"))
)
OF_PERSON = (
    select(ABSENCE).where(ABSENCE.c.person_id == bindparam("person")).order_by(ABSENCE.c.first, ABSENCE.c.id)
)
ON_DAY = (
    select(ABSENCE)
    .where(
        ABSENCE.c.person_id.in_(HERE),
        ABSENCE.c.first <= bindparam("day"),
        ABSENCE.c.last >= bindparam("day"),
        ABSENCE.c.cancelled.is_(None),
    )
    .order_by(ABSENCE.c.id)
)
CANCELLED = ABSENCE.c.cancelled
CANCEL = (
    update(ABSENCE)
    .where(ABSENCE.c.id == bindparam("absence"))
    .values(cancelled=func.coalesce(CANCELLED, bindparam("instant", type_=CANCELLED.type)))
)


class SqlPeople:
    """People and their roles."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, person: Person) -> bool:
        return add_new(self.connection, PERSON, plain_row(person))

    def get(self, person: str) -> Person | None:
        return self._one(id=person)

    def hold(self, person: str) -> Person | None:
        row = self.connection.execute(HELD, {"person": person}).one_or_none()
        return None if row is None else plain_value(Person, row)

    def by_login(self, login: str) -> Person | None:
        return self._one(login=login)

    def by_subject(self, issuer: str, subject: str) -> Person | None:
        return self._one(issuer=issuer, subject=subject)

    def save(self, person: Person) -> None:
        changed = update(PERSON).where(PERSON.c.id == person.id).values(plain_row(person))
        if self.connection.execute(changed).rowcount == 0:
            raise NotFound("person", person.id)

    def all(self) -> tuple[Person, ...]:
        return tuple(plain_value(Person, row) for row in self.connection.execute(EVERYBODY))

    def at(self, site: str, *, after: str = "", limit: int | None = None) -> tuple[Person, ...]:
        rows = self.connection.execute(AT_SITE.limit(limit), {"site": site, "after": after})
        return tuple(plain_value(Person, row) for row in rows)

    def can_sign_in(self) -> bool:
        return self.connection.execute(SOMEBODY).first() is not None

    def memberships(self, *people: str) -> tuple[Membership, ...]:
        rows = self.connection.execute(ROLES, {"people": people})
        return tuple(plain_value(Membership, row) for row in rows)

    def memberships_at(self, site: str) -> tuple[Membership, ...]:
        rows = self.connection.execute(ROLES_AT, {"site": site})
        return tuple(plain_value(Membership, row) for row in rows)

    def grant(self, membership: Membership) -> bool:
        return add_new(self.connection, MEMBERSHIP, plain_row(membership))

    def withdraw(self, membership: Membership) -> bool:
        return self.connection.execute(WITHDRAW, plain_row(membership)).rowcount == 1

    def _one(self, **named: str) -> Person | None:
        wanted = select(PERSON).where(*(PERSON.c[name] == value for name, value in named.items()))
        row = self.connection.execute(wanted).one_or_none()
        return None if row is None else plain_value(Person, row)


class SqlAbsences:
    """Absences, cancelled ones included."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, absence: Absence) -> None:
        self.connection.execute(insert(ABSENCE), plain_row(absence))

    def of(self, person: str) -> tuple[Absence, ...]:
        rows = self.connection.execute(OF_PERSON, {"person": person})
        return tuple(plain_value(Absence, row) for row in rows)

    def on(self, site: str, day: date) -> tuple[Absence, ...]:
        rows = self.connection.execute(ON_DAY, {"site": site, "day": day})
        return tuple(plain_value(Absence, row) for row in rows)

    def cancel(self, absence: str, instant: datetime) -> None:
        done = self.connection.execute(CANCEL, {"absence": absence, "instant": instant})
        if done.rowcount == 0:
            raise NotFound("absence", absence)
