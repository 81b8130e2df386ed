"""Metrics in the text format of Prometheus: counts of the caller's site, no patients."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.calls import By
from api.meters import Counters
from engine.core.dispatches import Queue, Totals
from engine.core.reminders import Tally
from engine.ports import Clock, UnitOfWork
from engine.services.ownership import Workload, workloads
from engine.services.patients import Sender
from engine.services.tallying import tally
from engine.services.ticks import ticks

router = APIRouter(tags=["running"])

LABELS = ("site", "pathway")

FIGURES = {
    "reviews": ("careway_reminders_open", "Open reviews."),
    "live": ("careway_reminders_live", "Open reviews with a next step."),
    "urgent": ("careway_reminders_urgent", "Open actions with a next step."),
    "orphaned": ("careway_reminders_orphaned", "Open reviews and reminders that nobody would hear of."),
    "doubled": ("careway_reminders_doubled", "Steps told more than once."),
    "late": ("careway_reminders_late", "Steps due and not told."),
    "unsent": ("careway_reminders_unsent", "Messages that could have been sent minutes ago."),
    "undeliverable": ("careway_reminders_undeliverable", "Messages given up, and steps told to nobody."),
}
"""Name and meaning of the metric of each figure of a tally."""


COUNTERS = {
    "events": ("Messages recorded.", ("type", "result")),
    "transitions": ("Steps added to histories.", ("pathway", "transition")),
    "rule_errors": ("Evaluations that could not be finished.", ("pathway", "code")),
}
"""Meaning and labels of what this process counts since it began."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the metrics of a site are made of."""

    site: str
    now: datetime
    loads: Sequence[Workload]
    tally: Tally
    queue: Queue
    totals: Totals
    ticks: Mapping[str, datetime]
    counters: Counters
    doubts: int
    """Readings that wait for verification."""


class Metrics(Collector):
    """What was found, as metrics."""

    def __init__(self, found: Found) -> None:
        """Tell what was found."""
        self.found = found

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield from self._actions()
        for name, (metric, meaning) in FIGURES.items():
            yield self._of_site(GaugeMetricFamily, metric, meaning, getattr(self.found.tally, name))
        yield from self._dispatches()
        yield from self._counters()
        yield self._of_site(
            GaugeMetricFamily,
            "careway_readings_quarantined",
            "Readings that wait for verification.",
            self.found.doubts,
        )
        age = GaugeMetricFamily(
            "careway_tick_age_seconds", "How long ago each job last came on, in any process.", labels=("job",)
        )
        for job, at in sorted(self.found.ticks.items()):
            age.add_metric([job], (self.found.now - at).total_seconds())
        yield age

    def _actions(self) -> Iterator[Metric]:
        """Yield how much is open, and how much of it is nobody's."""
        open_ = GaugeMetricFamily("careway_actions_open", "Open actions.", labels=LABELS)
        unowned = GaugeMetricFamily(
            "careway_actions_unowned", "Open actions whose owner is nobody active.", labels=LABELS
        )
        for load in self.found.loads:
            open_.add_metric([load.site, load.pathway], load.open)
            unowned.add_metric([load.site, load.pathway], load.unowned)
        yield from (open_, unowned)

    def _counters(self) -> Iterator[Metric]:
        """Yield what this process did since it began."""
        for name, (meaning, labels) in COUNTERS.items():
            family = CounterMetricFamily(f"careway_{name}", meaning, labels=("site", *labels))
            for found, count in self.found.counters.of(name, self.found.site):
                family.add_metric([self.found.site, *found], count)
            yield family

    def _dispatches(self) -> Iterator[Metric]:
        """Yield how much is on its way, how long it has waited, and what came of everything so far."""
        queue, totals = self.found.queue, self.found.totals
        waited = timedelta() if queue.oldest is None else max(self.found.now - queue.oldest, timedelta())
        yield self._of_site(
            GaugeMetricFamily, "careway_dispatches_waiting", "Messages on their way.", queue.waiting
        )
        yield self._of_site(
            GaugeMetricFamily,
            "careway_dispatches_oldest_seconds",
            "How long the oldest message has waited beyond its time.",
            waited.total_seconds(),
        )
        sent, failed = "careway_dispatches_sent", "careway_dispatches_failed"
        yield self._of_site(CounterMetricFamily, sent, "Messages sent.", totals.sent)
        yield self._of_site(CounterMetricFamily, failed, "Attempts to send that failed.", totals.failed)

    def _of_site(
        self, kind: type[GaugeMetricFamily | CounterMetricFamily], name: str, meaning: str, value: float
    ) -> Metric:
        family = kind(name, meaning, labels=("site",))
        family.add_metric([self.found.site], value)
        return family


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"application/openmetrics-text": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, by: By) -> Response:
    """Open actions, reminders and what is on its way, of the caller's site; and the age of the jobs' ticks.

    Counted anew for each call, but for open actions: all of them are read for that, so once a minute.
    """
    app = by.application
    clock: Clock = app.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Found:
        site = sender.site
        return Found(
            site,
            clock.now(),
            app.loads.of(site, lambda: workloads(uow, site, app.asker.today(uow, site))),
            tally(uow, site, clock),
            uow.dispatches.queue(site),
            uow.dispatches.totals(site),
            ticks(uow),
            app.meter,
            uow.doubts.waiting(site),
        )

    registry = CollectorRegistry()
    registry.register(Metrics(await by.read(ask)))
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=media_type)
