"""The limit: the canonical workload as hand-written SQL, with a small snapshot of facts in the patient's row.

One durable event is: read the row, judge, insert the event, update the row, add an audit row when the state
changes, set the review. It has nothing of what a product needs beside: no idempotency, no evidence.
"""

import json
import sqlite3
from collections import deque
from datetime import date, timedelta
from pathlib import Path

from bench.canonical.workload import Happening

LOOKBACK, SETTLE = 730, 60
SCHEMA = """
CREATE TABLE patient(id INTEGER PRIMARY KEY, state TEXT NOT NULL, since TEXT, facts TEXT NOT NULL,
  actions TEXT NOT NULL, updated TEXT);
CREATE TABLE event(id INTEGER PRIMARY KEY, patient INTEGER NOT NULL REFERENCES patient(id), day TEXT NOT NULL,
  kind TEXT NOT NULL, percent TEXT);
CREATE INDEX event_patient ON event(patient, day);
CREATE TABLE audit(id INTEGER PRIMARY KEY, patient INTEGER NOT NULL REFERENCES patient(id),
  event INTEGER NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
  version TEXT NOT NULL);
CREATE INDEX audit_patient ON audit(patient);
CREATE TABLE review(patient INTEGER PRIMARY KEY REFERENCES patient(id), state TEXT NOT NULL,
  due TEXT NOT NULL, claimed TEXT);
CREATE INDEX review_due ON review(due) WHERE claimed IS NULL;
CREATE INDEX review_state ON review(state, due);
"""


class Facts:
    """What the guards need of a patient's past; a falling window keeps the best value of the look-back."""

    __slots__ = ("antibody", "big", "hrct", "small", "tested", "treated", "twice", "window")

    def __init__(self, text: str = "[false,false,false,0,false,false,false,[]]") -> None:
        """Read a snapshot."""
        *held, window = json.loads(text)
        self.tested, self.hrct, self.antibody, self.treated, self.small, self.big, self.twice = held
        self.window = deque(window)

    def text(self) -> str:
        """Return the snapshot."""
        held = (self.tested, self.hrct, self.antibody, self.treated, self.small, self.big, self.twice)
        return json.dumps([*held, list(self.window)], separators=(",", ":"))

    def add(self, day: int, kind: str, tenths: int) -> None:
        """Take one event; percent in tenths."""
        if kind == "pft":
            while self.window and self.window[-1][1] <= tenths:
                self.window.pop()
            self.window.append((day, tenths))
            while self.window[0][0] < day - LOOKBACK:
                self.window.popleft()
            best, before = self.window[0][1], self.small
            self.small = (best - tenths) * 100 >= 5 * best
            self.big = (best - tenths) * 100 >= 10 * best
            self.twice, self.tested = self.small and before, True
        elif kind == "hrct":
            self.hrct = True
        elif kind == "antibody":
            self.antibody = True
        elif kind == "treatment_start":
            self.treated = day


def decide(state: str, facts: Facts, kind: str, day: int) -> str | None:
    """Return the state an event leads to, or None."""
    settled = day - facts.treated >= SETTLE
    if kind == "pft":
        if state == "first_line" and settled:
            return "escalate" if facts.big else "monitor"
        if state == "monitor" and (facts.big or facts.twice):
            return "escalate"
        if (state == "escalate" and not facts.small) or (
            state == "recurrent" and not facts.small and settled
        ):
            return "monitor"
    elif kind == "treatment_start":
        if state == "recurrent" or (state == "assess" and facts.tested and facts.hrct and facts.antibody):
            return "first_line"
    elif kind == "recurrence" and state in ("first_line", "monitor", "escalate"):
        return "recurrent"
    return None


def actions(state: str, facts: Facts, day: date) -> tuple[str, date]:
    """Return the next actions as JSON, and when the review is due."""
    due = {
        "assess": 30,
        "first_line": 90,
        "monitor": 28 if facts.small else 90,
        "escalate": 28,
        "recurrent": 7,
    }[state]
    names = {
        "assess": ["order.pft", "order.hrct", "start"],
        "first_line": ["check.tolerability", "repeat.pft"],
        "monitor": ["repeat.pft"],
        "escalate": ["review.mdt", "consider.second_line", "repeat.pft"],
        "recurrent": ["review.urgent", "restage.hrct"],
    }[state]
    on = day + timedelta(days=due)
    return json.dumps([[name, on.isoformat()] for name in names], separators=(",", ":")), on


class RawSqlite:
    """The workload on one SQLite file, WAL and synchronous=FULL, one transaction an event."""

    def __init__(self, file: Path) -> None:
        """Open an empty database."""
        self.connection = sqlite3.connect(file, isolation_level=None, cached_statements=64)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("PRAGMA cache_size=-65536")
        self.connection.executescript(SCHEMA)

    def enrol(self, patient: int) -> None:
        """Add a patient."""
        self.connection.execute(
            "INSERT INTO patient(id,state,facts,actions) VALUES(?,'assess',?,'[]')", (patient, Facts().text())
        )

    def record(self, patient: int, happening: Happening) -> str:
        """Store one event durably and return the state."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        day, kind = happening.day, happening.kind
        state, text = run("SELECT state,facts FROM patient WHERE id=?", (patient,)).fetchone()
        facts, on = Facts(text), day.isoformat()
        facts.add(day.toordinal(), kind, 0 if happening.percent is None else int(happening.percent * 10))
        percent = None if happening.percent is None else str(happening.percent)
        event = run(
            "INSERT INTO event(patient,day,kind,percent) VALUES(?,?,?,?)", (patient, on, kind, percent)
        ).lastrowid
        target: str = decide(state, facts, kind, day.toordinal()) or state
        wanted, due = actions(target, facts, day)
        if target != state:
            run(
                "INSERT INTO audit(patient,event,source,target,kind,day,version) VALUES(?,?,?,?,?,?,'1')",
                (patient, event, state, target, kind, on),
            )
        run(
            "UPDATE patient SET state=?,since=?,facts=?,actions=?,updated=? WHERE id=?",
            (target, on, facts.text(), wanted, on, patient),
        )
        run(
            "INSERT INTO review(patient,state,due) VALUES(?,?,?) ON CONFLICT(patient) DO UPDATE SET "
            "state=excluded.state, due=excluded.due, claimed=NULL",
            (patient, target, due.isoformat()),
        )
        run("COMMIT")
        return target
