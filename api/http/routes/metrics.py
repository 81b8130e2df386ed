"""Metrics in the text format of Prometheus: counts of the caller's site, no patients."""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.calls import By
from engine.ports import UnitOfWork
from engine.services.ownership import Workload, workloads
from engine.services.patients import Sender

router = APIRouter(tags=["running"])

LABELS = ("site", "pathway")


class OpenActions(Collector):
    """How much is open, and how much of it is nobody's."""

    def __init__(self, found: Sequence[Workload]) -> None:
        """Tell what was found."""
        self.found = found

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        open_ = GaugeMetricFamily("careway_actions_open", "Open actions.", labels=LABELS)
        unowned = GaugeMetricFamily(
            "careway_actions_unowned", "Open actions whose owner is nobody active.", labels=LABELS
        )
        for load in self.found:
            open_.add_metric([load.site, load.pathway], load.open)
            unowned.add_metric([load.site, load.pathway], load.unowned)
        yield from (open_, unowned)


@router.get("/metrics")
async def metrics(request: Request, by: By) -> Response:
    """Open actions and unowned ones, by pathway, of the caller's site. Read anew for each call."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Workload, ...]:
        return workloads(uow, sender.site, by.application.asker.today(uow, sender.site))

    registry = CollectorRegistry()
    registry.register(OpenActions(await by.read(ask)))
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=media_type)
