"""Measure many clients at once: group commit in process, and requests a second over HTTP.

In process, 32 threads record canonical events through the writer; beside it one thread writes the same
events as raw SQL, one commit each, which is the limit without groups. Over HTTP a server of its own is asked
by 32 connections; client and server share the machine's cores.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2

from bench.canonical import workload
from bench.clinic import SENDER, clinic
from bench.raw import RawSqlite

CLIENTS, EVENTS = 32, 40


def raw_rate(folder: Path) -> float:
    """Return the events a second one writer of raw SQL makes durable, one commit each."""
    raw, lives = RawSqlite(folder / "raw.db"), {n: list(workload.life(n, EVENTS)) for n in range(CLIENTS)}
    for number in lives:
        raw.enrol(number)
    begun = time.perf_counter()
    for place in range(EVENTS):
        for number, life in lives.items():
            raw.record(number, life[place])
    return CLIENTS * EVENTS / (time.perf_counter() - begun)


def group_rate(folder: Path) -> float:
    """Return the events a second 32 threads make durable through our writer, each waiting for its answer."""
    with clinic(f"sqlite:///{folder}/ours.db", workload.load()) as at:
        lives = {n: list(workload.life(n, EVENTS)) for n in range(CLIENTS)}
        last = max(happening.day for life in lives.values() for happening in life)
        patients = {n: at.patient().id for n in lives}
        at.clock.to(last)
        record = at.recorder.record
        for number, patient in patients.items():
            enrol = (workload.enrolment(lives[number][0].day),)
            at.writer.run(partial(record, patient_id=patient, messages=enrol, sender=SENDER))

        def client(number: int) -> None:
            for place, happening in enumerate(lives[number]):
                message = (workload.message(place, happening),)
                at.writer.run(partial(record, patient_id=patients[number], messages=message, sender=SENDER))

        threads = [threading.Thread(target=client, args=(number,)) for number in lives]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return CLIENTS * EVENTS / (time.perf_counter() - begun)


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """Start a server with an empty database; yield its address and a secret."""
    careway, database = str(Path(sys.executable).with_name("careway")), f"sqlite:///{folder}/http.db"
    subprocess.run([careway, "db", "upgrade", "--database", database], check=True, capture_output=True)
    made = subprocess.run(
        [careway, "token", "create", "--role", "clinician", "--database", database, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    process = subprocess.Popen(
        [careway, "serve", "--port", "0", "--database", database],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.match(r"Careway serves (http://\S+)", line):
                yield found[1], json.loads(made.stdout)["secret"]
                break
    finally:
        process.terminate()
        process.communicate()


async def asked(address: str, secret: str, seconds: float) -> dict[str, float]:
    """Return requests a second of 32 connections: posting events, and reading a state."""
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        patients = [(await client.post("/v1/patients")).json()["id"] for _ in range(CLIENTS)]
        enrol = {
            "id": "enrol", "type": "enrol", "effective": "2024-01-08", "iim_dx": "PM", "ild_confirmed": True,
            "sex": "male", "birth_date": "1970-01-01",
        }  # fmt: skip
        for patient in patients:
            (await client.post(f"/v1/patients/{patient}/events", json=enrol)).raise_for_status()

        async def posting(patient: str, until: float) -> int:
            done = 0
            while time.perf_counter() < until:
                observed = [{"item": "sbp", "value": 120 + done % 9, "unit": "mm[Hg]"}]
                day = f"2024-02-{1 + done % 28:02}"
                event = {"id": f"p{done}", "type": "obs", "effective": day, "source": "lab", "obs": observed}
                (await client.post(f"/v1/patients/{patient}/events", json=event)).raise_for_status()
                done += 1
            return done

        async def reading(patient: str, until: float) -> int:
            done = 0
            while time.perf_counter() < until:
                (await client.get(f"/v1/patients/{patient}/pathways/pm-ild")).raise_for_status()
                done += 1
            return done

        rates = {}
        for name, work in (("POST event", posting), ("GET state", reading)):
            until = time.perf_counter() + seconds
            rates[name] = sum(await asyncio.gather(*(work(p, until) for p in patients))) / seconds
        return rates


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw, group = raw_rate(Path(folder)), group_rate(Path(folder))
        print(f"raw SQL, one commit an event      {raw:8.0f} events/s")
        print(f"ours, {CLIENTS} clients, group commit     {group:8.0f} events/s   {group / raw:.2f} of raw")
        with server(Path(folder)) as (address, secret):
            for name, rate in asyncio.run(asked(address, secret, options.seconds)).items():
                print(f"HTTP, {CLIENTS} connections, {name:12} {rate:8.0f} requests/s")


if __name__ == "__main__":
    main()
