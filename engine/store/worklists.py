"""Worklists in the database: rows are read page by page, and several ordered streams become one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from heapq import merge
from typing import Any

from sqlalchemy import (
    Connection,
)

from engine.core.cohorts import Figures
from engine.core.worklists import NO_PRIORITY, RECORDED, SUPERSEDED, ListName, Row, Spot, Standing
from engine.store import worklist_statements as statements
from engine.store.cohorts import figures
from engine.store.mapping import lacks_of
from engine.store.worklist_statements import bound


def _standing(row: Any) -> Standing:
    return Standing(row.rules, row.state, row.since, row.tier, row.revision)


def _action(row: Any) -> Row:
    return Row(
        "action",
        Spot(str(row.by_day), row.priority, row.patient_id, row.pathway, row.action, str(row.opened_on)),
        row.action,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.opened_on,
        row.due,
        row.priority,
        row.began,
        lacks_of(row.missing),
        {"disposition": row.disposition},
    )


def _review(row: Any) -> Row:
    return Row(
        "review",
        Spot(str(row.due), NO_PRIORITY, row.patient_id, row.pathway, row.review, str(row.due)),
        row.review,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.base,
        row.due,
    )


def _step(row: Any, at: datetime, rank: int) -> Row:
    return Row(
        "step",
        Spot(at.isoformat(timespec="microseconds"), rank, row.patient_id, row.pathway, str(row.number)),
        row.transition,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        at=at,
        named={
            "happened": "superseded" if rank == SUPERSEDED else "recorded",
            "number": str(row.number),
            "from": row.source,
            "to": row.target,
        },
    )


def _recorded(row: Any) -> Row:
    return _step(row, row.recorded, RECORDED)


def _ended(row: Any) -> Row:
    return _step(row, row.superseded, SUPERSEDED)


def _doubt(row: Any) -> Row:
    return Row(
        "reading",
        Spot(str(row.effective), 0, row.patient_id, row.pathway, row.event_id, row.item),
        row.item,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        named={"event_id": row.event_id},
    )


def _override(row: Any) -> Row:
    return Row(
        "override",
        Spot(str(row.effective), 0, row.patient_id, row.pathway),
        row.event_id,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        named={"reason": row.reason},
    )


class SqlWorklists:
    """Rows of worklists."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def urgent(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return tuple(self._of_actions("urgent", after, {"site": site, "limit": limit}))

    def open(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return tuple(self._of_actions("open", after, {"site": site, "limit": limit}))

    def needs_data(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return tuple(self._of_actions("needs_data", after, {"site": site, "limit": limit}))

    def overdue(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "limit": limit, "day": day}
        actions = self._of_actions("overdue", after, asked)
        at: statements.At = "begin"
        if after is not None and after.rank < NO_PRIORITY:  # of its day all reviews are still to come
            at, asked = "from", asked | bound((date.fromisoformat(after.day),))
        elif after is not None:
            there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject)
            at, asked = "beyond", asked | bound(there)
        reviews = map(_review, self.connection.execute(statements.reviews(at), asked))
        return _first(limit, actions, reviews)

    def moved(self, site: str, since: datetime, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked: dict[str, Any] = {"site": site, "begun": since, "limit": limit}

        def rows(rank: int) -> Iterable[Any]:
            if after is None:
                return self.connection.execute(statements.steps(rank, "begin"), asked)
            then = datetime.fromisoformat(after.day)
            if rank == after.rank:
                there = bound((then, after.patient, after.pathway, int(after.subject)))
                return self.connection.execute(statements.steps(rank, "beyond"), asked | there)
            at: statements.At = "from" if rank < after.rank else "before"
            return self.connection.execute(statements.steps(rank, at), asked | bound((then,)))

        recorded, ended = map(_recorded, rows(RECORDED)), map(_ended, rows(SUPERSEDED))
        return _first(limit, recorded, ended, newest_first=True)

    def doubted(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "day": day, "limit": limit}
        if after is None:
            return tuple(map(_doubt, self.connection.execute(statements.doubts("begin"), asked)))
        there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject, after.on)
        return tuple(map(_doubt, self.connection.execute(statements.doubts("beyond"), asked | bound(there))))

    def overridden(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "limit": limit}
        if after is None:
            return tuple(map(_override, self.connection.execute(statements.overrides("begin"), asked)))
        there = (date.fromisoformat(after.day), after.patient, after.pathway)
        return tuple(
            map(
                _override,
                self.connection.execute(statements.overrides("beyond"), asked | bound(there)),
            )
        )

    def undeliverable(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        at: statements.At = "begin"
        asked: dict[str, Any] = {"site": site, "limit": limit}
        if after is not None:
            at, asked = "beyond", asked | bound((datetime.fromisoformat(after.day), after.subject))
        found = list(self.connection.execute(statements.letters(at), asked))
        about: dict[str, list[str]] = {}
        for letter, patient in self.connection.execute(statements.TOLD, {"ids": [row.id for row in found]}):
            about.setdefault(letter, []).append(patient)
        return tuple(_letter(row, tuple(about.get(row.id, ()))) for row in found)

    def _of_actions(self, which: str, after: Spot | None, asked: dict[str, Any]) -> Iterable[Row]:
        if after is None:
            return map(_action, self.connection.execute(statements.actions(which, "begin"), asked))
        day, rank, patient, pathway, action, on = after
        there = (date.fromisoformat(day), rank, patient, pathway, action, date.fromisoformat(on))
        return map(
            _action, self.connection.execute(statements.actions(which, "beyond"), asked | bound(there))
        )

    def lengths(self, site: str, day: date, since: datetime, most: int) -> Mapping[ListName, int]:
        asked = {"site": site, "day": day, "begun": since, "limit": most}
        found = self.connection.execute(statements.lengths(), asked).one()
        return {name: min(most, rows) for name, rows in found._mapping.items()}

    def figures(self, site: str, pathway: str, day: date, since: date) -> Figures:
        return figures(self.connection, site, pathway, day, since)


def _letter(row: Any, about: tuple[str, ...]) -> Row:
    """Return a message that was given up; whose it is who has the channel."""
    named = {"outcome": row.outcome or "", "channel": row.channel_id, "channel_kind": row.kind}
    if row.person_id is not None:
        named["person"] = row.person_id
    return Row(
        "message",
        Spot(row.gave_up.isoformat(timespec="microseconds"), subject=row.id),
        row.id,
        about[0] if len(about) == 1 else row.patient_id,
        at=row.gave_up,
        named=named,
        about=about,
    )


def _first(limit: int, *streams: Iterable[Row], newest_first: bool = False) -> tuple[Row, ...]:
    """Return the first rows of several ordered streams; no two share day and rank, so ties need no more."""
    together = merge(*streams, key=lambda row: row.spot[:2], reverse=newest_first)
    return tuple(row for row, _ in zip(together, range(limit), strict=False))
