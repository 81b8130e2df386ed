"""Time an import of a register and its visits beside the raw insert of the same rows into the same tables.

The import reads the files, registers, admits, evaluates and writes, patient by patient. The raw insert takes
whatever rows that left in the database and puts them into an empty one, table by table in one transaction: no
way of storing them is faster. On SQLite and, where one can be started, on a PostgreSQL server.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, insert, select

from api.application import Application, application_on
from api.imports.files import read
from api.imports.importing import run
from api.settings import read_settings
from bench.databases import Place, databases
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.importing import Imported
from engine.services.patients import Sender
from engine.store.database import open_database
from engine.store.migrate import upgrade
from engine.store.tables import METADATA
from engine.store.unit_of_work import SqlStore

VISITS_EACH = 19


def written(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write a register and visits of so many rows together; return where they are."""
    register, visits = folder / "register.csv", folder / "visits.csv"
    patients = max(rows // (VISITS_EACH + 1), 1)
    people = [f"h,p{number},2024-01-01,PM,yes,male,1970-01-02" for number in range(patients)]
    looks = [
        f"h,p{number % patients},2024-{2 + number // patients % 11:02}-{1 + number // patients:02},"
        f"2.{number % 90 + 10}"
        for number in range(patients * VISITS_EACH)
    ]
    register.write_text("\n".join(["system,identifier,date,iim_dx,ild_confirmed,sex,birth_date", *people]))
    visits.write_text("\n".join(["system,identifier,date,fvc_l [L]", *looks]))
    return register, visits


def imported(application: Application, files: tuple[Path, Path]) -> tuple[int, float]:
    """Import the files; return how many rows that were, and the seconds it took."""
    told = list[Imported]()
    begun = time.perf_counter()
    for file in files:
        with file.open("rb") as source:
            rows = read(source, file.stem, application.shelf.vocabulary, "bench")
            for _ in run(application, Sender("integrator", MAIN), rows, told.append, trial=False):
                pass
    taken = time.perf_counter() - begun
    assert all(one.result == "accepted" for one in told), "every row is a good one"
    return len(told), taken


def inserted(application: Application, url: str) -> tuple[int, float]:
    """Put all rows of a database into a new one; return how many those were, and the seconds it took."""
    assert isinstance(application.store, SqlStore)
    with application.store.database.reader.connect() as connection:
        tables = {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
        }
    database = open_database(url)
    upgrade(database)
    with database.writer.begin() as connection:
        for table in (table for table in METADATA.sorted_tables if connection.execute(select(table)).first()):
            connection.execute(delete(table))
        begun = time.perf_counter()
        for table, rows in tables.items():
            if rows:
                connection.execute(insert(table), rows)
    taken = time.perf_counter() - begun
    database.close()
    return sum(map(len, tables.values())), taken


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="rows of both files together")
    options = parser.parse_args()
    with databases() as places, TemporaryDirectory() as folder:
        files = written(Path(folder), options.rows)
        for name, place in places.items():
            measured(name, place, files)


def measured(name: str, place: Place, files: tuple[Path, Path]) -> None:
    """Measure on one sort of database, and print it."""

    def begin(uow: UnitOfWork) -> None:
        main_site(uow, "UTC")

    url = place("ours")
    upgraded = open_database(url)
    upgrade(upgraded)
    upgraded.close()
    with application_on(read_settings(url)) as application:
        application.writer.run(begin)
        rows, ours = imported(application, files)
        kept, raw = inserted(application, place("raw"))
    print(
        f"{name:11} {rows} rows imported in {ours:.1f} s, {rows / ours:.0f} a second; the {kept} rows this "
        f"left in tables inserted raw in {raw:.2f} s, {rows / raw:.0f} a second; "
        f"import / raw: {ours / raw:.0f}"
    )


if __name__ == "__main__":
    main()
