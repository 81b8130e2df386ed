"""What the operator hears of a stall: that it began, once, and that it is over, if they heard the first."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.core.stalls import TURN, Act, Heard, act_on

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
AGO = NOW - timedelta(hours=1)
JOB, HOOK = "job/deliver", "webhook/c1"


@pytest.mark.parametrize(
    ("key", "heard", "lasts", "act"),
    [
        (JOB, None, True, "tell-began"),
        (JOB, Heard(AGO, began=True), True, None),
        (JOB, Heard(AGO, began=True), False, "tell-over"),
        (JOB, None, False, None),
        (HOOK, None, True, "tell-began"),
        (HOOK, Heard(AGO, began=True), False, "forget"),
        (JOB, Heard(AGO, turn=NOW - TURN), True, "tell-began"),
        (JOB, Heard(AGO, turn=NOW - TURN), False, "forget"),
        (JOB, Heard(AGO, began=True, turn=NOW - TURN), False, "tell-over"),
        (JOB, Heard(AGO, began=True, turn=NOW - TURN), True, None),
        *[(JOB, Heard(AGO, b, NOW + TURN), lasts, None) for b in (True, False) for lasts in (True, False)],
    ],
)
def test_what_is_told_follows_from_what_was_heard(
    key: str, heard: Heard | None, lasts: bool, act: Act | None
) -> None:
    assert act_on(key, heard, NOW, lasts=lasts) == act
