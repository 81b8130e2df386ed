"""Answering a call once: what the same caller sends again under the same key is answered as before.

The answer is kept in the transaction that did what was asked: either both are there, or neither.
"""

from datetime import datetime

from engine.core.answered import KEPT_FOR, Answered
from engine.errors import AnsweredOnce, ConcurrencyConflict, KeyReused
from engine.ports import UnitOfWork


def known(uow: UnitOfWork, caller: str, key: str, fingerprint: str, now: datetime) -> Answered | None:
    """Return what a call was answered before; None for the first time, and when that is a day ago.

    Raises:
        KeyReused: the key was used for something else.
        AnsweredOnce: the answer held a secret, which is not kept.
    """
    found = uow.answers.find(caller, key)
    if found is None or found.created <= now - KEPT_FOR:
        return None
    if found.fingerprint != fingerprint:
        raise KeyReused
    if found.secret:
        raise AnsweredOnce
    return found


def keep(uow: UnitOfWork, answer: Answered) -> None:
    """Keep an answer, with what was done for it.

    Raises:
        ConcurrencyConflict: the same call came twice at once, and the other one is answered. Nothing is done
            here, and whoever tries again finds its answer.
    """
    uow.answers.forget(answer.created - KEPT_FOR)
    if not uow.answers.keep(answer):
        raise ConcurrencyConflict("The answer to this call", 0)
