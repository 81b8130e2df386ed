"""Traces, as a collector receives them from a real server: of every call, and with nothing about anybody."""

import json
import signal
import threading
from collections.abc import Iterator
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.errors import BadInput
from api.settings import read_settings
from api.traces import KEPT
from tests.api.running import run
from tests.serving import PATIENCE, serving

PARENT = "4bf92f3577b34da6a3ce929d0e0e4736"
"""Id of a trace that begins elsewhere."""


@pytest.fixture
def collected() -> Iterator["Queue[ExportTraceServiceRequest]"]:
    """What arrives at a collector, whose address `CAREWAY_TRACES` names."""
    arrived: Queue[ExportTraceServiceRequest] = Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                content = decompress(content)
            arrived.put(ExportTraceServiceRequest.FromString(content))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAREWAY_TRACES", f"http://127.0.0.1:{server.server_port}/v1/traces")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield arrived
        server.shutdown()


def spans(arrived: "Queue[ExportTraceServiceRequest]") -> list[Span]:
    return [
        span
        for request in arrived.queue
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_every_call_is_traced_and_nothing_is_told_of_anybody(
    tmp_path: Path, collected: "Queue[ExportTraceServiceRequest]"
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert run("db", "upgrade", "--database", url).code == 0
    made = json.loads(run("token", "create", "--role", "clinician", "--json", "--database", url).out)
    with serving(url) as served, served.client(made["secret"]) as client:
        patient = client.post("/v1/patients").json()["id"]
        traceparent = {"traceparent": f"00-{PARENT}-00f067aa0ba902b7-01"}
        assert client.get(f"/v1/patients/{patient}", headers=traceparent).status_code == 200
        assert client.get(f"/v1/patients/{patient}?secret=Ann").status_code == 400
        assert client.get("/v1/patients/Ann-Arbor").status_code == 404
        assert client.get("/nowhere/Ann").status_code == 404
        served.process.send_signal(signal.SIGTERM)
        served.process.communicate(timeout=PATIENCE)

    found = {span.name: span for span in spans(collected) if span.kind == Span.SPAN_KIND_SERVER}
    assert "POST /v1/patients" in found
    shown = found["GET /v1/patients/{patient}"]
    assert {a.key: a.value.string_value for a in shown.attributes}["http.route"] == "/v1/patients/{patient}"
    assert PARENT in {span.trace_id.hex() for span in spans(collected)}
    assert {a.key for span in spans(collected) for a in span.attributes} <= KEPT
    assert not any(span.events for span in spans(collected))
    told = b"".join(request.SerializeToString() for request in collected.queue)
    for secret in (patient, "Ann", "secret", made["secret"], "127.0.0.1", "python-httpx"):
        assert secret.encode() not in told, secret


def test_without_the_setting_nobody_is_told() -> None:
    assert read_settings(None, {}).collector is None


@pytest.mark.parametrize("url", ["collector:4318", "file:///x", "http://", "http://[", "http://a/\n"])
def test_an_address_of_no_collector_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="CAREWAY_TRACES: this is no address of a collector"):
        read_settings(None, {"CAREWAY_TRACES": url})
