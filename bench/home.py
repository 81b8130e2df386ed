"""Time the page of today, of 100,000 patients and of 100: it must ask as many questions and take no longer.

The clinics are those of `bench.worklists`. A page is asked for over HTTP in this process, with a credential,
and comes with its counts and the first rows of its lists. Both take turns, round by round; reported are
medians, queries and the ratio.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fastapi.testclient import TestClient
from sqlalchemy import event

from api.application import Application
from api.http import create_app
from api.http.rates import Rates
from api.wiring import Shelf
from bench.clinic import Clinic
from bench.databases import databases
from bench.worklists import timed, ward
from engine.core.people import Role
from engine.services.access import MAIN, OPERATOR, issue

ROUNDS = 25
TO_FEW = 2.0
"""What is allowed of the small clinic's time."""


class Home:
    """The page of today of one clinic."""

    def __init__(self, clinic: Clinic, client: TestClient, secret: str) -> None:
        self.clinic, self.client = clinic, client
        self.headers = {"Authorization": f"Bearer {secret}"}

    def served(self) -> None:
        """Get the page."""
        answer = self.client.get("/", headers=self.headers)
        assert answer.status_code == 200, answer.text

    def queries(self) -> int:
        """Return how many questions the page asks of the database."""
        asked = list[str]()

        def noted(_: object, __: object, statement: str, *___: object) -> None:
            asked.append(statement)

        reader = self.clinic.store.database.reader
        event.listen(reader, "before_cursor_execute", noted)
        self.served()
        event.remove(reader, "before_cursor_execute", noted)
        return sum(statement.startswith("SELECT") for statement in asked)


@contextmanager
def home(url: str, patients: int) -> Iterator[Home]:
    """Open the page of a clinic full of patients."""
    with ward(url, patients) as clinic:
        application = Application(clinic.store, clinic.writer, Shelf(), clinic.clock, clinic.chance)
        made = clinic.writer.run(
            lambda uow: issue(
                uow, Role.COORDINATOR, MAIN, "", by=OPERATOR, now=clinic.clock.now(), randomness=clinic.chance
            )
        )
        with TestClient(create_app(application, rates=Rates(10**9, 10**9))) as client:
            yield Home(clinic, client, made[0])


def compared(database: str, many: Home, few: Home) -> bool:
    """Time both pages and print the figures; return whether they are as allowed."""
    queries = {"many": many.queries(), "few": few.queries()}
    times: dict[str, list[float]] = {"many": [], "few": []}
    for _ in range(ROUNDS):
        times["many"].append(timed(many.served))
        times["few"].append(timed(few.served))
    median = {name: statistics.median(each) for name, each in times.items()}
    for name, each in median.items():
        print(f"{database:10} {name:5} {queries[name]:3} queries  p50 {each:7.2f} ms  of {ROUNDS}")
    ratio = median["many"] / median["few"]
    print(f"{database:10} {ratio:.2f} of the time (≤ {TO_FEW})")
    return ratio <= TO_FEW and queries["many"] <= queries["few"]


def main() -> None:
    """Run the benchmark and print its figures; end with 1 when more is asked or taken than allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=100_000, help="patients of the large clinic")
    parser.add_argument("--few", type=int, default=100, help="patients of the small one")
    options = parser.parse_args()
    good = True
    with databases() as servers:
        for database, url in servers.items():
            with ExitStack() as opened:
                many = opened.enter_context(home(url("many"), options.many))
                few = opened.enter_context(home(url("few"), options.few))
                good = compared(database, many, few) and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
