"""Time one durable event: ours on the canonical pathway and on PM-ILD, beside the same work as raw SQL.

Every figure is the time from handing an event over to its answer after COMMIT, on SQLite with WAL and
synchronous=FULL, one client. The subjects take turns event by event, so that noise of the machine meets all
alike. Reported are medians and ratios: 1,200 events of a patient against 12, and distance from the raw limit.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from api.wiring import load_pathway
from bench import patient as pm_ild
from bench.canonical import workload
from bench.clinic import Clinic, clinic
from bench.raw import RawSqlite
from engine.core.pathway import Pathway
from engine.services.residents import Residents

SHORT, LONG = 12, 1200


def pm_ild_messages(size: int) -> list[dict[str, Any]]:
    """Return a PM-ILD life of so many events, weekly visits."""
    found = []
    for number, message in enumerate(pm_ild.messages(visits=size // 3 + 8, every=7)):
        if number == size:
            break
        rest = {k: v for k, v in message.items() if k != "recorded"}
        found.append({"id": f"p{number}", **rest, "effective": date.fromisoformat(message["effective"])})
    found.sort(key=lambda m: m["effective"])
    return found


def canonical_messages(number: int, size: int) -> list[dict[str, Any]]:
    """Return a canonical life of so many events after the enrolment."""
    happenings = list(workload.life(number, size))
    return [
        workload.enrolment(happenings[0].day),
        *(workload.message(n, h) for n, h in enumerate(happenings)),
    ]


def ours(at: Clinic, lives: list[list[dict[str, Any]]], history: int) -> Iterator[Callable[[], object]]:
    """Fill each life up to a history; yield the recording of its next events, one life after the other."""
    patients = []
    for life in lives:
        patient = at.patient().id
        at.fill(patient, life[:history])
        patients.append((patient, life[history:]))
    for patient, rest in patients:
        for message in rest:
            yield partial(at.record, patient, message)


def raw(at: RawSqlite, numbers: range, size: int, rest: int) -> Iterator[Callable[[], object]]:
    """The same for raw SQL."""
    lives = {number: list(workload.life(number, size + rest)) for number in numbers}
    for number, life in lives.items():
        at.enrol(number)
        for happening in life[:size]:
            at.record(number, happening)
    for number, life in lives.items():
        for happening in life[size:]:
            yield partial(at.record, number, happening)


def timed(subjects: dict[str, Iterator[Callable[[], object]]]) -> dict[str, list[float]]:
    """Run the subjects in turns until none has any more; return milliseconds by subject."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    running = dict(subjects)
    while running:
        for name in tuple(running):
            run = next(running[name], None)
            if run is None:
                del running[name]
                continue
            before = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - before) * 1000)
    return times


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=120, help="events to time for each subject")
    options = parser.parse_args()
    canonical, clinical = workload.load(), load_pathway("pm-ild")
    long, few = 6, max(options.events // 6, 1)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:

        def opened(name: str, pathway: Pathway, residents: Residents | None = None) -> Clinic:
            url = f"sqlite:///{folder}/{name}.db"
            return stack.enter_context(clinic(url, pathway, residents=residents))

        def lives_of(kind: str, history: int, count: int, rest: int) -> list[list[dict[str, Any]]]:
            if kind == "canonical":
                return [canonical_messages(n, history + rest)[: history + rest] for n in range(count)]
            return [pm_ild_messages(history + rest) for _ in range(count)]

        subjects: dict[str, Iterator[Callable[[], object]]] = {}
        for history, count, rest in ((SHORT, options.events, 1), (LONG, long, few)):
            subjects[f"raw {history}"] = raw(
                RawSqlite(Path(folder) / f"raw{history}.db"), range(1, count + 1), history, rest
            )
            for kind, pathway in (("canonical", canonical), ("pm-ild", clinical)):
                name = f"{kind} {history}"
                lives = lives_of(kind, history, count, rest)
                subjects[name] = ours(opened(name.replace(" ", "-"), pathway), lives, history)
        for kind, pathway in (("canonical", canonical), ("pm-ild", clinical)):
            lives = lives_of(kind, LONG, 1, few)
            away = opened(f"{kind}-cold", pathway, Residents(events=0))
            subjects[f"{kind} {LONG}, not at hand"] = ours(away, lives, LONG)
        times = timed(subjects)
    medians = {name: statistics.median(found) for name, found in times.items()}
    limit = medians[f"raw {SHORT}"]
    for name, median in medians.items():
        print(f"{name:28} p50 {median:7.2f} ms  of {len(times[name])}")
    for kind in ("raw", "canonical", "pm-ild"):
        few, many = medians[f"{kind} {SHORT}"], medians[f"{kind} {LONG}"]
        print(f"{kind:12} p50 at {LONG} events / at {SHORT}: {many / few:.2f}; raw / this: {limit / few:.2f}")


if __name__ == "__main__":
    main()
