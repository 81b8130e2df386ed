"""What integrators are told works: every call of their page as it stands, and a client a generator makes."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.api.running import run
from tests.serving import Served, serving

BETWEEN = "<<<next call>>>"
ANYTHING = "…"
FILES = {"GET /v1/patients/{patient}/export", "GET /v1/exports/site"}
"""What the generator has no type for."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A real server, and the secret of a token for an integrator."""
    url = f"sqlite:///{tmp_path_factory.mktemp('integrators') / 'careway.db'}"
    assert run("db", "upgrade", "--database", url).code == 0
    told = run(
        "token", "create", "--role", "integrator", "--label", "laboratory", "--json", "--database", url
    )
    with serving(url) as server:
        yield server, json.loads(told.out)["secret"]


def holds(shown: Any, answer: Any) -> bool:
    """Whether an answer holds what the page shows of it; a list may go on."""
    if shown == ANYTHING:
        return True
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            name in answer and holds(part, answer[name]) for name, part in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) >= len(shown) and all(map(holds, shown, answer))
    return bool(shown == answer)


def heard(
    command: list[str], environment: dict[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, and keep what it says."""
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)


def test_every_call_of_the_page_is_answered_as_it_shows(
    served: tuple[Served, str], root: Path, tmp_path: Path
) -> None:
    assert shutil.which("curl"), "the page calls curl"
    page = (root / "docs" / "integrators.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(sh|json)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in blocks] == ["sh", "json"] * (len(blocks) // 2)
    script = f"\necho; echo '{BETWEEN}'\n".join(text for kind, text in blocks if kind == "sh")
    environment = {**os.environ, "CAREWAY": served[0].address, "TOKEN": served[1], "no_proxy": "*"}

    done = heard(["bash", "-euo", "pipefail", "-c", script], environment, tmp_path)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split(BETWEEN)
    assert len(answers) == len(blocks) // 2
    for answer, ((_, call), (_, shown)) in zip(answers, list(pairwise(blocks))[::2], strict=True):
        assert holds(json.loads(shown), json.loads(answer)), f"{call}\n{answer[:999]}"


def test_a_client_made_from_the_document_works(
    served: tuple[Served, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, secret = served
    place = tmp_path / "careway_client"
    tools = Path(sys.executable).parent
    command = [str(tools / "openapi-python-client"), "generate", "--url", f"{server.address}/openapi.json"]
    options = ["--meta", "none", "--output-path", str(place)]
    path = {"PATH": f"{tools}:{os.environ['PATH']}"}
    done = heard([*command, *options], os.environ | path, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    warned = set(re.findall(r"WARNING parsing (\S+ \S+)", done.stdout + done.stderr))
    assert warned == FILES  # it could use every other part of the document

    monkeypatch.syspath_prepend(tmp_path)
    made = importlib.import_module("careway_client")
    client = made.AuthenticatedClient(server.address, secret, raise_on_unexpected_status=True)
    request = client.get_httpx_client()

    def call(name: str, **arguments: Any) -> Any:
        return importlib.import_module(f"careway_client.api.{name}").sync_detailed(client=client, **arguments)

    models = importlib.import_module("careway_client.models")
    patient = call("patients.register_patient", body=models.PatientBody()).parsed
    enrolled = {
        "id": "e1", "type": "enrol", "effective": "2025-01-13", "pathway": "pm-ild", "iim_dx": "PM",
        "ild_confirmed": True, "sex": "male", "birth_date": "1975-03-02",
    }  # fmt: skip
    body = models.EventBody.from_dict(enrolled)
    assert call("data_in.record", patient=patient.id, body=body).status_code == 201
    state = call("state.state", patient=patient.id, pathway="pm-ild", as_of="2025-01-14").parsed
    assert (state.state, state.since.isoformat()) == ("assess", "2025-01-13")
    refused = call("patients.show_patient", patient="nobody")
    assert (refused.status_code, refused.parsed.code) == (404, "not-found")
    request.close()
