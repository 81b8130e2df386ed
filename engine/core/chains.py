"""Amendments resolved: which events of a record stand, in which version, and which are verified.

A chain is an event with its corrections. The newest correction by stamp replaces the event whole,
value and date; a retraction naming any version removes the chain for good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.core.events import Body, Correct, Event, Retract, Stamp, Verify


@dataclass(frozen=True, slots=True)
class Standing:
    """An event as it stands: its newest version, under the type it was first sent as."""

    id: str
    """Id of the version that stands."""
    type: str
    effective: date
    source: str
    body: Body
    stamp: Stamp
    verified: bool = False
    """Whether this version's quarantined values were confirmed."""


def standing(events: Iterable[Event]) -> tuple[Standing, ...]:
    """Return the events that stand, in order of their first arrival.

    A verification confirms the version that stood when it was received; a later correction must be
    verified again. Retractions stand themselves (their dates are evaluated), verifications too.
    """
    roots: dict[str, str] = {}
    versions: dict[str, list[Event]] = {}
    retracted: set[str] = set()
    verifications: list[tuple[str, Event]] = []
    for event in events:
        if isinstance(event.body, Correct):
            root = roots[event.id] = roots[event.body.target]
            versions[root].append(event)
            continue
        roots[event.id] = event.id
        versions[event.id] = [event]
        if isinstance(event.body, Retract):
            retracted.add(roots[event.body.target])
    for root, chain in versions.items():
        newest = max(chain, key=lambda e: e.stamp)
        body = newest.body.body if isinstance(newest.body, Correct) else newest.body
        if root not in retracted and isinstance(body, Verify):
            verifications.append((roots[body.target], newest))
    verified = {_version_at(versions[root], event.stamp).id for root, event in verifications}
    stands = []
    for root, chain in versions.items():
        if root in retracted:
            continue
        newest = max(chain, key=lambda e: e.stamp)
        body = newest.body.body if isinstance(newest.body, Correct) else newest.body
        stands.append(
            Standing(
                newest.id,
                chain[0].type,
                newest.effective,
                newest.source,
                body,
                newest.stamp,
                newest.id in verified,
            )
        )
    return tuple(stands)


def alone(event: Event) -> Standing:
    """Return an event that amends nothing and is amended by nothing, as it stands."""
    return Standing(event.id, event.type, event.effective, event.source, event.body, event.stamp)


def _version_at(chain: list[Event], stamp: Stamp) -> Event:
    known = [e for e in chain if e.stamp <= stamp]
    return max(known or chain[:1], key=lambda e: e.stamp)
