"""What lets people in: sessions of browsers, invitations, and patients of other sites opened for a while."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.core.people import GlassBroken, Invitation, Session
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import GlassBrokenRow, InvitationRow, SessionRow
from engine.store.tables import PatientRow, table

SESSION, INVITATION, GLASS = table(SessionRow), table(InvitationRow), table(GlassBrokenRow)
PATIENT = table(PatientRow)

SESSION_BY_SECRET = select(SESSION).where(SESSION.c.secret_hash == bindparam("hashed"))
INVITATION_BY_SECRET = select(INVITATION).where(INVITATION.c.secret_hash == bindparam("hashed"))
OPENED = select(GLASS.c.patient_id).where(
    GLASS.c.person_id == bindparam("person"), GLASS.c.until > bindparam("now", type_=GLASS.c.until.type)
)
OF_SITE = (
    select(GLASS)
    .join(PATIENT, PATIENT.c.id == GLASS.c.patient_id)
    .where(PATIENT.c.site == bindparam("site"))
    .order_by(GLASS.c.id.desc())
    .limit(bindparam("limit"))
)


class SqlSessions:
    """Sessions of browsers."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, session: Session) -> None:
        self.connection.execute(insert(SESSION), plain_row(session))

    def by_secret(self, secret_hash: str) -> Session | None:
        row = self.connection.execute(SESSION_BY_SECRET, {"hashed": secret_hash}).one_or_none()
        return None if row is None else plain_value(Session, row)

    def saw(self, secret_hash: str, instant: datetime) -> None:
        one = SESSION.c.secret_hash == secret_hash
        self.connection.execute(update(SESSION).where(one).values(seen=instant))

    def move(self, secret_hash: str, site: str) -> None:
        one = SESSION.c.secret_hash == secret_hash
        self.connection.execute(update(SESSION).where(one).values(site=site))

    def end(self, instant: datetime, *, secret_hash: str | None = None, person: str | None = None) -> None:
        which = SESSION.c.person_id == person if secret_hash is None else SESSION.c.secret_hash == secret_hash
        self.connection.execute(update(SESSION).where(which, SESSION.c.ended.is_(None)).values(ended=instant))


class SqlInvitations:
    """Links by which people choose a password."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, invitation: Invitation) -> None:
        self.connection.execute(insert(INVITATION), plain_row(invitation))

    def by_secret(self, secret_hash: str) -> Invitation | None:
        row = self.connection.execute(INVITATION_BY_SECRET, {"hashed": secret_hash}).one_or_none()
        return None if row is None else plain_value(Invitation, row)

    def use(self, person: str, instant: datetime) -> None:
        open_ones = (INVITATION.c.person_id == person, INVITATION.c.used.is_(None))
        self.connection.execute(update(INVITATION).where(*open_ones).values(used=instant))


class SqlGlass:
    """Patients of other sites that people let themselves in to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, broken: GlassBroken) -> None:
        self.connection.execute(insert(GLASS), plain_row(broken))

    def opened(self, person: str, now: datetime) -> frozenset[str]:
        return frozenset(self.connection.scalars(OPENED, {"person": person, "now": now}))

    def of_site(self, site: str, limit: int) -> tuple[GlassBroken, ...]:
        rows = self.connection.execute(OF_SITE, {"site": site, "limit": limit})
        return tuple(plain_value(GlassBroken, row) for row in rows)
