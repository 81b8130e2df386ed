"""What whoever runs this installation hears of a stall: a line of JSON in the log, and a sentence."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict

from engine.core.dispatches import Outcome
from engine.core.stalls import Stall
from engine.services.watching import Tell

LOG = logging.getLogger("careway.jobs")

Operator = Callable[[str], Outcome]
"""Says a sentence to whoever runs this installation, once; returns what came of it."""

NO_OPERATOR = "no-operator"
"""What comes of it where nobody said how to reach one; then the log is enough."""


def unreachable(text: str) -> Outcome:
    """Say nothing to nobody: the operator of an installation that has only its log."""
    return Outcome("failed", NO_OPERATOR)


def telling(operator: Operator) -> Tell:
    """Return what logs a stall and says it to the operator; what did not arrive is said again later."""

    def tell(stall: Stall) -> bool:
        line = {"event": "stall", **asdict(stall), "since": stall.since.isoformat()}
        LOG.log(logging.WARNING if stall.over else logging.ERROR, json.dumps(line))
        outcome = operator(sentence(stall))
        heard = outcome.result != "failed" or outcome.code == NO_OPERATOR
        if not heard:
            LOG.error(json.dumps({"event": "operator", "failed": outcome.code}))
        return heard

    return tell


def sentence(stall: Stall) -> str:
    """Return what is said of a stall, or that it is over; it names ids and codes only."""
    since = f"{stall.since:%Y-%m-%d %H:%M} UTC"
    match stall.what, stall.over:
        case "delivery", False:
            return f"Careway: messages are not sent. The oldest that waits could have gone out at {since}."
        case "delivery", True:
            return f"Careway: messages are sent again. The oldest that waited could have gone out at {since}."
        case "job", False:
            return f"Careway: the job “{stall.name}” has not come on since {since}. Its log may tell why."
        case "job", True:
            return f"Careway: the job “{stall.name}” comes on again. It had not since {since}."
        case _:
            why = "its receiver wants nothing more" if stall.why == "gone" else "its receiver failed for days"
            return f"Careway: the webhook {stall.name} was shut at {since}, because {why}."
