"""SMART scopes of other systems (`system/*.rs`), and what of ours each stands for.

A scope grants at least what is asked for or nothing, and never more than that.
"""

import re
from collections.abc import Collection

from engine.core.people import Scope

FIRST = {"read": "rs", "write": "cud", "*": "cruds"}
"""The words of SMART 1 in the letters of SMART 2: create, read, update, delete, search."""

SECOND = re.compile(r"c?r?u?d?s?")

NEEDS = {Scope.READ: "rs", Scope.CONTENT: "rs", Scope.WRITE: "cu"}
"""The letters a scope of ours takes: whoever may read may also list; a record is added to and corrected."""

OFFERED = ("system/*.rs", "system/*.cu", "system/*.cruds", "system/*.read", "system/*.write", "system/*.*")
"""What we say we understand; other letters in this order will do as well."""


def reach(scope: str) -> frozenset[Scope]:
    """Return what a scope stands for; nothing for one we do not understand, or that names single resources.

    Our own names stand for themselves.
    """
    if scope in set(NEEDS):
        return frozenset({Scope(scope)})
    prefix, _, told = scope.partition(".")
    letters = FIRST.get(told, told)
    if prefix != "system/*" or not SECOND.fullmatch(letters):
        return frozenset()
    return frozenset(ours for ours, needs in NEEDS.items() if set(needs) <= set(letters))


def granted(asked: str, limits: Collection[str]) -> tuple[str, frozenset[Scope]]:
    """Return those scopes of the ones asked for that lie within the limits, and all they stand for."""
    given = [scope for scope in asked.split() if reach(scope) and reach(scope) <= set(limits)]
    return " ".join(given), frozenset(ours for scope in given for ours in reach(scope))
