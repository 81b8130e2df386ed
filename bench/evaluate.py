"""Time one full evaluation of a 100-event story on the PM-ILD pathway.

A full evaluation replays the whole record, message by message as received, and gives state,
history, actions with their opening days, reviews, ladder and revisit date. Prints the median, the
smallest and the largest of many runs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

from api.wiring import load_pathway
from bench.patient import START, messages
from engine.core.evaluate import evaluate
from engine.core.events import Record
from engine.core.ingest import Door
from engine.core.stories import receive


def build(door: Door, size: int) -> tuple[Record, date]:
    """Return the record of the first `size` messages and the day of the last."""
    record = Record()
    last = START
    for number, message in enumerate(messages(), start=1):
        if number > size:
            break
        record, result, refusal = receive(door, record, {"id": f"b{number}", **message}, number)
        if result != "accepted":
            raise SystemExit(f"message {number} was not taken: {result} {refusal}")
        last = date.fromisoformat(message["recorded"])
    return record, last


def timed(run: Callable[[], object], rounds: int) -> list[int]:
    """Return the times of many runs, in microseconds, sorted."""
    times = []
    for _ in range(rounds):
        before = time.perf_counter_ns()
        run()
        times.append((time.perf_counter_ns() - before) // 1000)
    return sorted(times)


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    pathway = load_pathway("pm-ild")
    record, last = build(
        Door(pathway.vocabulary, {pathway.definition.id: pathway.definition}), options.events
    )
    evaluation = evaluate(pathway, record, last)
    dates = len(evaluation.fold.chart.dates.days)
    state = evaluation.position.state if evaluation.position else "none"
    found = f"{len(evaluation.history)} transitions, {len(evaluation.actions)} open actions"
    print(f"{len(record)} events on {dates} dates: {state}, {found}, {len(evaluation.reviews)} reviews")
    times = timed(lambda: evaluate(pathway, record, last), options.rounds)
    median, least, most = (t / 1000 for t in (statistics.median(times), times[0], times[-1]))
    print(f"evaluate: median {median:.2f} ms, least {least:.2f}, most {most:.2f}, of {len(times)} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
