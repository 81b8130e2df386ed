"""What seldom changes: sites and their ladders, credentials, parameter sets, settings."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.core.kept import ParameterSet, Site
from engine.core.people import Credential
from engine.core.site_ladders import SiteLadder
from engine.errors import NotFound
from engine.store.mapping import (
    parameter_set_row,
    parameter_set_value,
    plain_row,
    plain_value,
    site_ladder_row,
    site_ladder_value,
)
from engine.store.people_tables import CredentialRow
from engine.store.statements import add_new, save
from engine.store.tables import ParameterSetRow, SettingRow, SiteLadderRow, SiteRow, table

SITE, CREDENTIAL = table(SiteRow), table(CredentialRow)
PARAMETERS, SETTING = table(ParameterSetRow), table(SettingRow)
SITE_LADDER = table(SiteLadderRow)

EVERY_SITE = select(SITE).order_by(SITE.c.id)
SITE_BY_ID = select(SITE).where(SITE.c.id == bindparam("site"))
SITE_LADDERS = (
    select(SITE_LADDER)
    .where(SITE_LADDER.c.site == bindparam("site"), SITE_LADDER.c.pathway == bindparam("pathway"))
    .order_by(SITE_LADDER.c.number)
)
REVOKED = CREDENTIAL.c.revoked
BY_SECRET = select(CREDENTIAL).where(CREDENTIAL.c.secret_hash == bindparam("hashed"))
REVOKE = (
    update(CREDENTIAL)
    .where(CREDENTIAL.c.id == bindparam("credential"))
    .values(revoked=func.coalesce(REVOKED, bindparam("instant", type_=REVOKED.type)))
)


class SqlSites:
    """The sites."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, site: Site) -> None:
        self.connection.execute(insert(SITE), plain_row(site))

    def get(self, site: str) -> Site | None:
        row = self.connection.execute(SITE_BY_ID, {"site": site}).one_or_none()
        return None if row is None else plain_value(Site, row)

    def all(self) -> tuple[Site, ...]:
        return tuple(plain_value(Site, row) for row in self.connection.execute(EVERY_SITE))


class SqlCredentials:
    """Credentials."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, credential: Credential) -> None:
        self.connection.execute(insert(CREDENTIAL), plain_row(credential))

    def by_secret(self, secret_hash: str) -> Credential | None:
        row = self.connection.execute(BY_SECRET, {"hashed": secret_hash}).one_or_none()
        return None if row is None else plain_value(Credential, row)

    def all(self) -> tuple[Credential, ...]:
        rows = self.connection.execute(select(CREDENTIAL).order_by(CREDENTIAL.c.created, CREDENTIAL.c.id))
        return tuple(plain_value(Credential, row) for row in rows)

    def get(self, credential: str) -> Credential | None:
        row = self.connection.execute(select(CREDENTIAL).where(CREDENTIAL.c.id == credential)).one_or_none()
        return None if row is None else plain_value(Credential, row)

    def expire(self, credential: str, instant: datetime) -> None:
        one = CREDENTIAL.c.id == credential
        self.connection.execute(update(CREDENTIAL).where(one).values(expires=instant))

    def use(self, secret_hash: str, instant: datetime) -> None:
        one = CREDENTIAL.c.secret_hash == secret_hash
        self.connection.execute(update(CREDENTIAL).where(one).values(used=instant))

    def revoke(self, credential: str, instant: datetime) -> None:
        done = self.connection.execute(REVOKE, {"credential": credential, "instant": instant})
        if done.rowcount == 0:
            raise NotFound("credential", credential)


class SqlParameterSets:
    """Sites' parameters."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, parameters: ParameterSet) -> None:
        self.connection.execute(insert(PARAMETERS), parameter_set_row(parameters))

    def get(self, parameters: str) -> ParameterSet | None:
        row = self.connection.execute(select(PARAMETERS).where(PARAMETERS.c.id == parameters)).one_or_none()
        return None if row is None else parameter_set_value(row)


class SqlSiteLadders:
    """What sites changed of ladders."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, row: SiteLadder) -> None:
        self.connection.execute(insert(SITE_LADDER), site_ladder_row(row))

    def of(self, site: str, pathway: str) -> tuple[SiteLadder, ...]:
        rows = self.connection.execute(SITE_LADDERS, {"site": site, "pathway": pathway})
        return tuple(site_ladder_value(row) for row in rows)


class SqlSettings:
    """Settings kept with the data."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, key: str) -> str | None:
        value: str | None = self.connection.scalar(select(SETTING.c.value).where(SETTING.c.key == key))
        return value

    def beginning(self, prefix: str) -> dict[str, str]:
        wanted = select(SETTING).where(SETTING.c.key.startswith(prefix, autoescape=True))
        return {row.key: row.value for row in self.connection.execute(wanted.order_by(SETTING.c.key))}

    def put(self, key: str, value: str) -> None:
        save(self.connection, SETTING, [{"key": key, "value": value}])

    def swap(self, key: str, seen: str | None, value: str | None) -> bool:
        if seen is None:
            return value is not None and add_new(self.connection, SETTING, {"key": key, "value": value})
        same = (SETTING.c.key == key) & (SETTING.c.value == seen)
        gone, changed = delete(SETTING).where(same), update(SETTING).where(same)
        done = self.connection.execute(gone if value is None else changed.values(value=value))
        return done.rowcount == 1
