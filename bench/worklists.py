"""Time pages of worklists: the first and the hundredth, of 1,000,000 patients and of 10,000, beside raw SQL.

A page is read in the order of an index, so neither how long the list is nor how far one has gone on may
matter. Patients are made with bulk SQL in databases of their own, on SQLite and, where one can be started,
on a PostgreSQL server: one urgent action, one that waits for data, two reviews of which one is overdue, and a
recent step each. Raw SQL is every statement of the same page, handed to the driver, its rows fetched and left
as they are. All take turns, round by round; reported are medians and ratios.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    event,
    func,
    insert,
    literal,
    select,
    text,
)

from api.wiring import load_pathway
from bench.clinic import Clinic, Served, clinic
from bench.databases import databases
from engine.core.people import Role
from engine.core.worklists import Filters, ListName, Spot
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR
from engine.services.patients import Sender
from engine.services.people import add_person
from engine.services.worklists import Listing, Worklists
from engine.store.people_tables import TeamPostRow
from engine.store.tables import (
    ActionRow,
    EnrolmentRow,
    PatientRow,
    ReviewRow,
    TableBase,
    TransitionRow,
    table,
)

DAY, NOW = date(2026, 1, 12), datetime(2026, 1, 12, 12, tzinfo=UTC)
PATHWAY = load_pathway("pm-ild")
LISTED: tuple[ListName, ...] = ("overdue", "urgent", "needs-data", "moved")
LIMIT, DEEP = 50, 100
ROUNDS = 15
TO_RAW, TO_FIRST, TO_FEW = 2.0, 1.5, 1.5
"""What is allowed: of raw SQL, of the first page, of the small clinic."""


@dataclass
class Page:
    """One page of a worklist, by the service and by its statements alone."""

    clinic: Clinic
    name: ListName
    after: Spot | None
    statements: list[tuple[str, Any]] = field(default_factory=list)

    def served(self) -> Listing:
        """Return the page."""
        with self.clinic.store.reading() as uow:
            lists = Worklists(uow, Served(PATHWAY), self.clinic.clock, Sender("coordinator", MAIN))
            return lists.page(self.name, Filters(), after=self.after, limit=LIMIT)

    def learn(self) -> None:
        """Note which statements the page takes."""

        def noted(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
            self.statements.append((statement, parameters))

        reader = self.clinic.store.database.reader
        event.listen(reader, "before_cursor_execute", noted)
        self.served()
        event.remove(reader, "before_cursor_execute", noted)
        self.statements = [each for each in self.statements if each[0].startswith("SELECT")]

    def raw(self) -> None:
        """Do the same with the driver alone, in a transaction of its own."""
        connection = self.clinic.store.database.reader.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            for statement, parameters in self.statements:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            cursor.execute("ROLLBACK")
        finally:
            connection.close()


@contextmanager
def ward(url: str, patients: int) -> Iterator[Clinic]:
    """Open a clinic on an empty database, full of patients with a coordinator."""

    def staffed(uow: UnitOfWork) -> str:
        return add_person(
            uow, "cora", "Cora", {Role.COORDINATOR}, MAIN, by=OPERATOR, now=NOW, randomness=made.chance
        ).id

    with clinic(url, PATHWAY) as made:
        made.clock.to(DAY)
        coordinator = made.writer.run(staffed)
        with made.store.database.writer.begin() as connection:
            fill(connection, patients, coordinator)
        with made.store.database.writer.begin() as connection:
            connection.execute(text("ANALYZE"))  # which a server does by itself, some time later
        yield made


def fill(connection: Connection, patients: int, coordinator: str) -> None:
    """Put in patients with their work, spread over 300 days, and steps spread over a week."""
    numbers = Table("number", MetaData(), Column("i", Integer), prefixes=["TEMPORARY"])
    numbers.create(connection)
    begun = select(literal(0).label("i")).cte("counted", recursive=True)
    counted = begun.union_all(select(begun.c.i + 1).where(begun.c.i < patients - 1))
    connection.execute(insert(numbers).from_select(["i"], select(counted.c.i)))
    number = numbers.c.i
    digits = literal("0000000").concat(cast(number, Text))
    patient = literal("p").concat(func.substr(digits, func.length(digits) - 7))
    server = connection.dialect.name == "postgresql"

    def ago(days: ColumnElement[int]) -> ColumnElement[date]:
        if server:
            return literal(DAY, Date) - days
        return func.date(str(DAY), literal("-").concat(cast(days, Text)).concat(" days"))

    def hours_ago(hours: ColumnElement[int]) -> ColumnElement[Any]:
        if server:
            return literal(NOW) - hours * text("interval '1 hour'")
        told = literal("-").concat(cast(hours, Text)).concat(" hours")
        return func.strftime("%Y-%m-%d %H:%M:%S.000000", f"{NOW:%Y-%m-%d %H:%M:%S}", told)

    def put(row: type[TableBase], **values: Any) -> None:
        into = table(row)
        told = {
            name: value if isinstance(value, ColumnElement) else literal(value, into.c[name].type)
            for name, value in values.items()
        }
        columns = {"id" if row is PatientRow else "patient_id": patient, **told}
        chosen = select(*(value.label(name) for name, value in columns.items())).select_from(numbers)
        connection.execute(insert(into).from_select(list(columns), chosen))

    pathway = PATHWAY.definition.id
    overdue, fortnight = ago(number % 300 + 1), ago(number % 14)
    put(PatientRow, site=MAIN, revision=0, last_sequence=0, created=NOW)
    put(
        EnrolmentRow,
        pathway=pathway,
        version=PATHWAY.definition.version,
        digest=PATHWAY.digest,
        status="active",
        state="monitor",
        since=DAY - timedelta(days=90),
        tier="standard",
        context="{}",
        evaluated_on=DAY,
        evaluated_through=0,
    )
    put(TeamPostRow, number=1, post="coordinator", person_id=coordinator, since=NOW)
    action = {"pathway": pathway, "caution": False, "site": MAIN}
    put(
        ActionRow,
        action="rf.spo2",
        opened_on=overdue,
        by_day=overdue,
        due=overdue,
        disposition="offer",
        priority=0,
        began=NOW,
        missing="[]",
        **action,
    )
    put(
        ActionRow,
        action="tx.cni",
        opened_on=fortnight,
        by_day=date.max,
        disposition="needs_data",
        priority=2,
        missing='[{"item":"egfr","last":null,"within":90}]',
        **action,
    )
    review = {"pathway": pathway, "base": DAY - timedelta(days=400), "site": MAIN}
    put(ReviewRow, review="pft", due=overdue, status="overdue", step="critical", **review)
    put(ReviewRow, review="clinical", due=DAY + timedelta(days=40), status="ok", **review)
    put(
        TransitionRow,
        pathway=pathway,
        number=1,
        effective=fortnight,
        transition="T01",
        source="assess",
        target="monitor",
        version="1",
        digest=PATHWAY.digest,
        recorded=hours_ago(number % 160),
        recorded_after=0,
        site=MAIN,
    )


def pages(of: Clinic, name: ListName, deep: int = DEEP) -> dict[int, Page]:
    """Return the first page of a list and a deep one, with the statements each takes."""
    after: Spot | None = None
    found = {}
    for number in range(1, deep + 1):
        page = Page(of, name, after)
        listing = page.served()
        assert len(listing.items) == LIMIT, f"{name} ends with page {number}"
        if number in (1, deep):
            page.learn()
            found[number] = page
        after = listing.following
    return found


def timed(what: Callable[[], object]) -> float:
    """Do something once and return how many milliseconds that took."""
    before = time.perf_counter()
    what()
    return (time.perf_counter() - before) * 1000


def measured(wards: dict[str, Clinic], name: ListName) -> dict[tuple[str, int, str], float]:
    """Return medians by clinic, page, and whether the service or SQL alone was timed; all take turns."""
    read = {(size, number): page for size, of in wards.items() for number, page in pages(of, name).items()}
    times: dict[tuple[str, int, str], list[float]] = {}
    for _ in range(ROUNDS):
        for (size, number), page in read.items():
            times.setdefault((size, number, "page"), []).append(timed(page.served))
            times.setdefault((size, number, "raw"), []).append(timed(page.raw))
    return {key: statistics.median(each) for key, each in times.items()}


def compared(database: str, wards: dict[str, Clinic], name: ListName) -> bool:
    """Time one list and print the figures; return whether every ratio is allowed."""
    many, few = wards
    median = measured(wards, name)
    for (size, number, what), each in sorted(median.items()):
        print(f"{database:10} {name:10} {size:>9} page {number:3} {what:4} p50 {each:8.2f} ms  of {ROUNDS}")
    ratios = {
        "raw": (max(median[many, n, "page"] / median[many, n, "raw"] for n in (1, DEEP)), TO_RAW),
        "first": (median[many, DEEP, "page"] / median[many, 1, "page"], TO_FIRST),
        "few": (max(median[many, n, "page"] / median[few, n, "page"] for n in (1, DEEP)), TO_FEW),
    }
    told = ", ".join(f"{what} {ratio:.2f} (≤ {most})" for what, (ratio, most) in ratios.items())
    print(f"{database:10} {name:10} {told}")
    return all(ratio <= most for ratio, most in ratios.values())


def main() -> None:
    """Run the benchmark and print its figures; end with 1 when a ratio is more than allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000, help="patients of the large clinic")
    parser.add_argument("--few", type=int, default=10_000, help="patients of the small one")
    options = parser.parse_args()
    good = True
    with databases() as servers:
        for database, url in servers.items():
            with ExitStack() as opened:
                wards = dict[str, Clinic]()
                for name, size in (("many", options.many), ("few", options.few)):
                    begun = time.monotonic()
                    wards[f"{size:,}"] = opened.enter_context(ward(url(name), size))
                    print(f"{database:10} {size:,} patients put in within {time.monotonic() - begun:.0f} s")
                for each in LISTED:
                    good = compared(database, wards, each) and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
