"""Channels, what is on its way on them, and calendar feeds in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select, update

from engine.core.channels import WEBHOOK, Calendar, Channel
from engine.core.dispatches import LEASE, Attempt, Dispatch, Queue, Totals
from engine.core.reminders import Delivery
from engine.errors import NotFound
from engine.store.among import among
from engine.store.mapping import channel_row, channel_value, plain_row, plain_value
from engine.store.sending_tables import AttemptRow, CalendarRow, ChannelRow, DispatchNoticeRow, DispatchRow
from engine.store.statements import add_new
from engine.store.tables import DeliveryRow, table

CHANNEL, DISPATCH, CARRIED = table(ChannelRow), table(DispatchRow), table(DispatchNoticeRow)
ATTEMPT, CALENDAR, DELIVERY = table(AttemptRow), table(CalendarRow), table(DeliveryRow)

OLDEST_FIRST = select(CHANNEL).order_by(CHANNEL.c.created, CHANNEL.c.id)
HELD = select(CHANNEL).where(CHANNEL.c.id == bindparam("channel")).with_for_update()
OPEN = OLDEST_FIRST.where(CHANNEL.c.disabled.is_(None))
DUE = (
    select(DISPATCH.c.id)
    .where(DISPATCH.c.next_at <= bindparam("now"))
    .order_by(DISPATCH.c.next_at, DISPATCH.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
TAKE = (
    update(DISPATCH)
    .where(DISPATCH.c.id == bindparam("taken"))
    .values(next_at=bindparam("lease"), attempts=DISPATCH.c.attempts + 1)
)
TAKEN = select(DISPATCH).where(among(DISPATCH.c.id, "ids"))
SETTLE = update(DISPATCH).where(
    DISPATCH.c.id == bindparam("dispatch"),
    DISPATCH.c.attempts == bindparam("number"),
    DISPATCH.c.next_at.is_not(None),
)
CANCEL = update(DISPATCH).where(
    DISPATCH.c.channel_id == bindparam("channel"), DISPATCH.c.next_at.is_not(None)
)
CARRIED_BY = (
    select(DELIVERY)
    .join(CARRIED, CARRIED.c.notice == DELIVERY.c.notice)
    .where(CARRIED.c.dispatch_id == bindparam("dispatch"))
    .order_by(*DELIVERY.primary_key)
)
ATTEMPTS = select(ATTEMPT).where(ATTEMPT.c.dispatch_id == bindparam("dispatch")).order_by(ATTEMPT.c.number)
AT_SITE = CHANNEL.c.site == bindparam("site")
COUNTED = select(func.count()).join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id).where(AT_SITE)
SENT = COUNTED.select_from(DISPATCH).where(DISPATCH.c.sent.is_not(None))
ALL_ATTEMPTS = COUNTED.select_from(ATTEMPT.join(DISPATCH, DISPATCH.c.id == ATTEMPT.c.dispatch_id))
FAILED = DISPATCH.c.gave_up.is_not(None) & CHANNEL.c.disabled.is_(None)
"""Given up by itself; what was waiting on a channel that somebody shut is no failure."""


class SqlChannels:
    """How people, patients and other systems are reached."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, channel: Channel) -> None:
        self.connection.execute(insert(CHANNEL), channel_row(channel))

    def get(self, channel: str) -> Channel | None:
        return next(iter(self._found(OLDEST_FIRST.where(CHANNEL.c.id == channel))), None)

    def hold(self, channel: str) -> Channel | None:
        row = self.connection.execute(HELD, {"channel": channel}).one_or_none()
        return None if row is None else channel_value(row)

    def save(self, channel: Channel) -> None:
        changed = update(CHANNEL).where(CHANNEL.c.id == channel.id).values(channel_row(channel))
        if self.connection.execute(changed).rowcount == 0:
            raise NotFound("channel", channel.id)

    def open_of_person(self, person: str) -> tuple[Channel, ...]:
        return self._found(OPEN.where(CHANNEL.c.person_id == person))

    def open_of_patient(self, patient: str) -> tuple[Channel, ...]:
        return self._found(OPEN.where(CHANNEL.c.patient_id == patient))

    def open_webhooks(self, site: str) -> tuple[Channel, ...]:
        return self._found(OPEN.where(CHANNEL.c.site == site, CHANNEL.c.kind == WEBHOOK))

    def of_person(self, person: str) -> tuple[Channel, ...]:
        return self._found(OLDEST_FIRST.where(CHANNEL.c.person_id == person))

    def of_patient(self, patient: str) -> tuple[Channel, ...]:
        return self._found(OLDEST_FIRST.where(CHANNEL.c.patient_id == patient))

    def webhooks(self, site: str) -> tuple[Channel, ...]:
        return self._found(OLDEST_FIRST.where(CHANNEL.c.site == site, CHANNEL.c.kind == WEBHOOK))

    def _found(self, query: Select[tuple[object, ...]]) -> tuple[Channel, ...]:
        return tuple(channel_value(row) for row in self.connection.execute(query))


class SqlDispatches:
    """What is on its way."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, dispatch: Dispatch, notices: Sequence[str] = ()) -> None:
        add_new(self.connection, DISPATCH, plain_row(dispatch))
        for notice in notices:
            add_new(self.connection, CARRIED, {"dispatch_id": dispatch.id, "notice": notice})

    def get(self, dispatch: str) -> Dispatch | None:
        row = self.connection.execute(select(DISPATCH).where(DISPATCH.c.id == dispatch)).one_or_none()
        return None if row is None else plain_value(Dispatch, row)

    def claim(self, now: datetime, limit: int) -> tuple[Dispatch, ...]:
        ids = list(self.connection.execute(DUE, {"now": now, "limit": limit}).scalars())
        if not ids:
            return ()
        self.connection.execute(TAKE, [{"taken": each, "lease": now + LEASE} for each in ids])
        found = {row.id: plain_value(Dispatch, row) for row in self.connection.execute(TAKEN, {"ids": ids})}
        return tuple(found[each] for each in ids)

    def settle(self, dispatch: Dispatch, attempt: Attempt) -> bool:
        changed = SETTLE.values(
            next_at=dispatch.next_at, sent=dispatch.sent, gave_up=dispatch.gave_up, outcome=attempt.outcome
        )
        mine = {"dispatch": dispatch.id, "number": attempt.number}
        if self.connection.execute(changed, mine).rowcount == 0:
            return False
        self.connection.execute(insert(ATTEMPT), plain_row(attempt))
        return True

    def cancel(self, channel: str, instant: datetime, outcome: str) -> int:
        changed = CANCEL.values(next_at=None, gave_up=instant, outcome=outcome)
        return self.connection.execute(changed, {"channel": channel}).rowcount

    def resend(self, dispatch: str, instant: datetime) -> bool:
        again = update(DISPATCH).where(DISPATCH.c.id == dispatch, DISPATCH.c.next_at.is_(None))
        done = self.connection.execute(again.values(next_at=instant, sent=None, gave_up=None))
        return done.rowcount == 1

    def deliveries(self, dispatch: str) -> tuple[Delivery, ...]:
        rows = self.connection.execute(CARRIED_BY, {"dispatch": dispatch})
        return tuple(plain_value(Delivery, row) for row in rows)

    def attempts(self, dispatch: str) -> tuple[Attempt, ...]:
        return tuple(
            plain_value(Attempt, row) for row in self.connection.execute(ATTEMPTS, {"dispatch": dispatch})
        )

    def on(
        self, channel: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Dispatch, ...]:
        wanted = select(DISPATCH).where(DISPATCH.c.channel_id == channel)
        if before is not None:
            instant, last = before
            wanted = wanted.where(
                or_(DISPATCH.c.created < instant, (DISPATCH.c.created == instant) & (DISPATCH.c.id < last))
            )
        rows = self.connection.execute(
            wanted.order_by(DISPATCH.c.created.desc(), DISPATCH.c.id.desc()).limit(limit)
        )
        return tuple(plain_value(Dispatch, row) for row in rows)

    def undeliverable(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Dispatch, ...]:
        wanted = (
            select(DISPATCH)
            .join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id)
            .where(CHANNEL.c.site == site, FAILED, DISPATCH.c.id > after)
            .order_by(DISPATCH.c.id)
            .limit(limit)
        )
        return tuple(plain_value(Dispatch, row) for row in self.connection.execute(wanted))

    def failing(self, channel: str) -> bool:
        joined = DISPATCH.join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id)
        found = select(DISPATCH.c.id).select_from(joined).where(CHANNEL.c.id == channel, FAILED).limit(1)
        return self.connection.execute(found).first() is not None

    def queue(self, site: str | None = None) -> Queue:
        here = () if site is None else (CHANNEL.c.site == site,)
        joined = select(func.count(), func.min(DISPATCH.c.next_at)).join(
            CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id
        )
        waiting, oldest = self.connection.execute(joined.where(DISPATCH.c.next_at.is_not(None), *here)).one()
        failed = self.connection.execute(joined.with_only_columns(func.count()).where(FAILED, *here))
        return Queue(waiting, oldest, failed.scalar_one())

    def totals(self, site: str) -> Totals:
        sent, attempts = (
            self.connection.execute(query, {"site": site}).scalar_one() for query in (SENT, ALL_ATTEMPTS)
        )
        return Totals(sent, attempts - sent)


class SqlCalendars:
    """Calendar feeds, revoked ones included."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, calendar: Calendar) -> None:
        self.connection.execute(insert(CALENDAR), plain_row(calendar))

    def by_secret(self, secret_hash: str) -> Calendar | None:
        row = self.connection.execute(
            select(CALENDAR).where(CALENDAR.c.secret_hash == secret_hash)
        ).one_or_none()
        return None if row is None else plain_value(Calendar, row)

    def of(self, person: str) -> tuple[Calendar, ...]:
        mine = select(CALENDAR).where(CALENDAR.c.person_id == person)
        rows = self.connection.execute(mine.order_by(CALENDAR.c.created, CALENDAR.c.id))
        return tuple(plain_value(Calendar, row) for row in rows)

    def revoke(self, calendar: str, instant: datetime) -> bool:
        open_ = update(CALENDAR).where(CALENDAR.c.id == calendar, CALENDAR.c.revoked.is_(None))
        return self.connection.execute(open_.values(revoked=instant)).rowcount == 1
