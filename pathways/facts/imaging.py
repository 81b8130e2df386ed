"""When a new HRCT is needed (spec §5)."""

from datetime import date, timedelta

from engine.core.facts import Fact, fact
from engine.core.moment import Moment
from pathways.facts.lung_function import FVC_ITEMS, YEAR, newest_fvc
from pathways.facts.symptoms import worse_since_better

NEED_WINDOW, NEED_WINDOW_RAPID = 90, 30
"""Days an HRCT may precede the need for it; shorter when rapid progression is suspected (spec §5)."""


@fact(
    "hrct_need_on",
    "date",
    "newest reason for an HRCT",
    items=("resp_change", "dlco_pp", *FVC_ITEMS),
    facts=("fvc_major", "fvc_marginal", "dlco_decline", "resp_worse", "rp_on"),
)
def hrct_need_on(at: Moment) -> Fact:
    """Return the newest of the dates that call for an HRCT, or None."""
    needs: list[tuple[date, tuple[str, ...]]] = []
    test = at.shared(newest_fvc)
    if test is not None and (at.holds("fvc_major") or at.holds("fvc_marginal")):
        needs.append((test.day, test.sources))
    dlco = at.last("dlco_pp")
    if dlco is not None and at.holds("dlco_decline"):
        needs.append((dlco.day, (dlco.event_id,)))
    if at.holds("resp_worse"):
        worse = next(worse_since_better(at, YEAR))
        needs.append((worse.day, (worse.event_id,)))
    rapid = at.fact("rp_on")
    if isinstance(rapid.value, date):
        needs.append((rapid.value, rapid.sources))
    if at.in_state("escalate") or at.in_state("recurrent"):
        needs.append((at.position.since, ()))
    return Fact(*max(needs, key=lambda need: need[0])) if needs else Fact(None)


@fact(
    "hrct_due",
    "boolean",
    "something called for an HRCT and none was done since",
    items=("hrct_change",),
    facts=("hrct_need_on", "rp_on"),
)
def hrct_due(at: Moment) -> Fact:
    """Whether the newest HRCT is older than the need for one allows."""
    need = at.fact("hrct_need_on")
    if not isinstance(need.value, date):
        return Fact(False)
    window = NEED_WINDOW if at.fact("rp_on").value is None else NEED_WINDOW_RAPID
    newest = at.last("hrct_change")
    due = newest is None or newest.day < need.value - timedelta(days=window)
    sources = need.sources if newest is None else (*need.sources, newest.event_id)
    told = (f"called for on {need.value}", "no HRCT so far" if newest is None else newest)
    return Fact(due, sources, ("hrct_change",) if due else (), told)
