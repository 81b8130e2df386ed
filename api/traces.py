"""Traces of calls for OpenTelemetry, by setting: which call took how long, how it ended, nothing of whom.

What a span may hold is listed. FastAPI puts path, query, address and stack traces into spans; a path names
a patient, and a stack trace may hold values.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.errors import BadInput

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

TRACES = "CAREWAY_TRACES"
"""The environment variable that names the collector."""

KEPT = frozenset(
    {
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.version",
        "url.scheme",
    }
)
"""What a span may tell of a call; the route stands for the path."""


def collector_in(told: Mapping[str, str]) -> str | None:
    """Return the address to which traces are sent over OTLP; None for nowhere. Raises `BadInput`."""
    url = told.get(TRACES) or None
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise BadInput(
            f"{TRACES}: this is no address of a collector, such as http://127.0.0.1:4318/v1/traces."
        )
    return url


@contextmanager
def tracing(collector: str | None) -> "Iterator[TracerProvider | None]":
    """Yield what makes traces, and send the last of them at the end; None when nobody collects any.

    Args:
        collector: where to, as OTLP over HTTP.
    """
    if collector is None:
        yield None
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

    class Plain(OTLPSpanExporter):
        """Sends spans with nothing in them but what may be told."""

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return super().export([plain(span) for span in spans])

    provider = TracerProvider(resource=Resource({SERVICE_NAME: "careway"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Plain(endpoint=collector)))
    try:
        yield provider
    finally:
        provider.shutdown()


def plain(span: "ReadableSpan") -> "ReadableSpan":
    """Return a span with what may be told: no path, query, address, message or stack trace."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in KEPT},
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )
