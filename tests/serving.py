"""A real server for a test: started as anybody would start it, and never left running."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx2

CAREWAY = Path(sys.executable).with_name("careway")
PATIENCE = 60
"""Seconds a server may take to stop, on a machine that does much else."""


@dataclass
class Served:
    """A running server."""

    process: "subprocess.Popen[str]"
    address: str
    log: Path
    """What it writes to standard error."""
    said: list[str] = field(default_factory=list)
    """What it wrote until it said where it serves."""

    def client(self, secret: str) -> httpx2.Client:
        """Return a client with a credential; the caller closes it."""
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=30, trust_env=False)


@contextmanager
def serving(url: str, *options: str, **environment: str) -> Iterator[Served]:
    """Start a server on a free port and wait until it can be reached; kill it at the end if it still runs."""
    command = [str(CAREWAY), "serve", "--port", "0", "--database", url, *options]
    told = {**os.environ, "COLUMNS": "100", **environment}
    with NamedTemporaryFile(suffix=".log", delete=False) as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=told)
    try:
        assert process.stdout is not None
        served = Served(process, "", Path(log.name))
        for line in process.stdout:
            served.said.append(line.rstrip("\n"))
            if found := re.match(r"Careway serves (https?://\S+)", line):
                served.address = found[1]
                break
        said = Path(log.name).read_text(encoding="utf-8")
        assert served.address, f"the server ended with {process.wait()}: {served.said} {said}"
        yield served
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)
        Path(log.name).unlink()
