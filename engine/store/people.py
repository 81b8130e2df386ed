"""People and what they may do where."""

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from engine.core.people import Membership, Person
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import MembershipRow, PersonRow
from engine.store.statements import add_new, save
from engine.store.tables import table

PERSON, MEMBERSHIP = table(PersonRow), table(MembershipRow)

BY_ID = select(PERSON).where(PERSON.c.id == bindparam("person"))
BY_LOGIN = select(PERSON).where(PERSON.c.login == bindparam("login"))
SOMEBODY = (
    select(PERSON.c.id)
    .where(
        PERSON.c.disabled.is_(None), or_(PERSON.c.password_hash.is_not(None), PERSON.c.subject.is_not(None))
    )
    .limit(1)
)
MEMBERSHIPS = (
    select(MEMBERSHIP)
    .where(MEMBERSHIP.c.person_id == bindparam("person"))
    .order_by(MEMBERSHIP.c.site, MEMBERSHIP.c.role)
)


class SqlPeople:
    """People and what they may do where."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, person: Person) -> None:
        self.connection.execute(insert(PERSON), plain_row(person))

    def get(self, person: str) -> Person | None:
        row = self.connection.execute(BY_ID, {"person": person}).one_or_none()
        return None if row is None else plain_value(Person, row)

    def by_login(self, login: str) -> Person | None:
        row = self.connection.execute(BY_LOGIN, {"login": login}).one_or_none()
        return None if row is None else plain_value(Person, row)

    def save(self, person: Person) -> None:
        save(self.connection, PERSON, [plain_row(person)])

    def can_sign_in(self) -> bool:
        return self.connection.execute(SOMEBODY).first() is not None

    def memberships(self, person: str) -> tuple[Membership, ...]:
        rows = self.connection.execute(MEMBERSHIPS, {"person": person})
        return tuple(plain_value(Membership, row) for row in rows)

    def withdraw(self, membership: Membership) -> bool:
        row = plain_row(membership)
        one = [MEMBERSHIP.c[name] == value for name, value in row.items()]
        return self.connection.execute(delete(MEMBERSHIP).where(*one)).rowcount == 1

    def grant(self, membership: Membership) -> bool:
        return add_new(self.connection, MEMBERSHIP, plain_row(membership))
