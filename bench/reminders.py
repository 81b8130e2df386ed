"""Time the sweep that writes reminders: 1,000 due among 1,000,000 open reviews, and the same among 10,000.

What is due is found by an index, so how much lies beside it must not matter. The rows are made with bulk
SQL in databases of their own, on SQLite and, where one can be started, on a PostgreSQL server. Few and many
take turns, each round with another review due, of as many patients. Reported are medians and ratios: of the
whole sweep (`remind_due`), by which it is judged, and of finding what is due alone.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Text, cast, func, insert, literal, select, text, update

from api.wiring import load_pathway
from bench.clinic import Clinic, clinic
from bench.databases import databases
from engine.core.channels import EMAIL, Channel
from engine.core.people import Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR
from engine.services.people import add_person
from engine.services.reminding import remind_due
from engine.services.sweeping import AT_ONCE
from engine.store.people_tables import TeamPostRow
from engine.store.tables import EnrolmentRow, PatientRow, ReviewRow, TableBase, table

DAY, NOW = date(2026, 1, 12), datetime(2026, 1, 12, 12, tzinfo=UTC)
INTERVAL, FAR = timedelta(days=90), timedelta(days=40)
PATHWAY = load_pathway("pm-ild")
REVIEWS = (
    *("pft", "clinical", "exertion"),
    *("tox.mmf", "tox.cni", "tox.tac_level", "tox.tmp_smx", "gc.metabolic", "gc.bone", "gc.eye"),
)
"""Open reviews of each patient."""
DUE = REVIEWS[:3]
"""Those that become due, one a round."""
AT_MOST = 1.5


@dataclass(frozen=True)
class Ward:
    """A clinic with so many patients; something of every so-manieth is due."""

    name: str
    clinic: Clinic
    patients: int
    every: int

    def become_due(self, review: str) -> None:
        """Have a review of the chosen patients be due today."""
        rows, changed = table(ReviewRow), {"due": DAY, "base": DAY - INTERVAL, "next_step": "due"}
        chosen = [f"p{number:08}" for number in range(0, self.patients, self.every)]
        with self.clinic.store.database.writer.begin() as connection:
            for start in range(0, len(chosen), 500):
                mine = rows.c.patient_id.in_(chosen[start : start + 500]) & (rows.c.review == review)
                connection.execute(update(rows).where(mine).values(changed | {"next_step_on": DAY}))

    def find(self) -> int:
        """Find what is due, page after page; return how much that is."""
        found, after = 0, None
        while True:
            with self.clinic.store.reading() as uow:
                page = uow.reminders.reviews_due(DAY, after=after, limit=AT_ONCE)
            found += len(page)
            if len(page) < AT_ONCE:
                return found
            after = page[-1]

    def sweep(self) -> int:
        """Write what is due; return how many deliveries that made."""
        return remind_due(self.clinic.store, self.clinic.writer, self.clinic.recorder).done


@contextmanager
def ward(url: str, name: str, patients: int, due: int) -> Iterator[Ward]:
    """Open a clinic on an empty database, full of patients whose coordinator gets e-mail."""

    def staffed(uow: UnitOfWork) -> str:
        person = add_person(
            uow, "cora", "Cora", {Role.COORDINATOR}, MAIN, by=OPERATOR, now=NOW, randomness=made.chance
        )
        uow.channels.add(Channel("mail", MAIN, EMAIL, "cora@example.org", "", NOW, person=person.id))
        return person.id

    with clinic(url, PATHWAY) as made:
        made.clock.to(DAY)
        coordinator = made.writer.run(staffed)
        with made.store.database.writer.begin() as connection:
            fill(connection, patients, coordinator)
        if made.store.database.name == "postgresql":
            with made.store.database.writer.begin() as connection:
                connection.execute(text("ANALYZE"))  # which the server does by itself, some time later
        yield Ward(name, made, patients, patients // due)


def fill(connection: Connection, patients: int, coordinator: str) -> None:
    """Put in patients, each enrolled, with a coordinator, and with reviews that are due far off."""
    begun = select(literal(0).label("i")).cte("number", recursive=True)
    number = begun.union_all(select(begun.c.i + 1).where(begun.c.i < patients - 1))
    digits = literal("0000000").concat(cast(number.c.i, Text))
    patient = literal("p").concat(func.substr(digits, func.length(digits) - 7))

    def put(row: type[TableBase], **values: Any) -> None:
        into = table(row)
        told = {name: literal(value, into.c[name].type) for name, value in values.items() if value != patient}
        key = "id" if row is PatientRow else "patient_id"
        columns = {key: patient, **told}
        chosen = select(*(value.label(name) for name, value in columns.items())).select_from(number)
        connection.execute(insert(into).from_select(list(columns), chosen))

    put(PatientRow, site=MAIN, revision=0, last_sequence=0, created=NOW)
    put(
        EnrolmentRow,
        pathway=PATHWAY.definition.id,
        version=PATHWAY.definition.version,
        digest=PATHWAY.digest,
        status="active",
        state="monitor",
        since=DAY - INTERVAL,
        context="{}",
        evaluated_on=DAY,
        evaluated_through=0,
    )
    put(TeamPostRow, number=1, post="coordinator", person_id=coordinator, since=NOW)
    for place, review in enumerate(REVIEWS):
        day = DAY + FAR + timedelta(days=place)
        put(
            ReviewRow,
            pathway=PATHWAY.definition.id,
            review=review,
            due=day,
            base=day - INTERVAL,
            status="ok",
            next_step="upcoming",
            next_step_on=day - timedelta(days=14),
        )


def timed(what: Callable[[], int], expected: int) -> float:
    """Do something once and return how many milliseconds that took."""
    before = time.perf_counter()
    found = what()
    took = (time.perf_counter() - before) * 1000
    assert found == expected, f"{found} instead of {expected}"
    return took


def compared(database: str, many: Ward, few: Ward, due: int) -> float:
    """Time both wards in turns and print the figures; return the ratio of their sweeps."""
    found: dict[tuple[str, str], list[float]] = {}
    for review in DUE:
        for each in (few, many):
            each.become_due(review)
            found.setdefault(("find", each.name), []).append(timed(each.find, due))
            found.setdefault(("sweep", each.name), []).append(timed(each.sweep, due))
    medians = {key: statistics.median(times) for key, times in found.items()}
    for (what, name), median in sorted(medians.items()):
        print(f"{database:10} {what:5} {due:,} due of {name:>9}  p50 {median:9.1f} ms  of {len(DUE)}")
    ratios = {what: medians[what, many.name] / medians[what, few.name] for what in ("find", "sweep")}
    told = ", ".join(f"{what} {ratio:.2f}" for what, ratio in ratios.items())
    print(f"{database:10} {many.name} against {few.name}: {told} (sweep: at most {AT_MOST})")
    return ratios["sweep"]


def main() -> None:
    """Run the benchmark and print its figures; end with 1 when a sweep depends on what is not due."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000, help="open reviews of the large clinic")
    parser.add_argument("--few", type=int, default=10_000, help="open reviews of the small one")
    parser.add_argument("--due", type=int, default=1_000, help="due of either, each of another patient")
    options = parser.parse_args()
    ratios = list[float]()
    with databases() as servers:
        for database, url in servers.items():
            with ExitStack() as wards:
                many, few = (
                    wards.enter_context(ward(url(name), f"{size:,}", size // len(REVIEWS), options.due))
                    for name, size in (("many", options.many), ("few", options.few))
                )
                ratios.append(compared(database, many, few, options.due))
    sys.exit(any(ratio > AT_MOST for ratio in ratios))


if __name__ == "__main__":
    main()
