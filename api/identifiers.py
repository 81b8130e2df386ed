"""What a number or name by which a system outside knows a patient may be, in a call as in a file."""

from collections.abc import Iterator, Mapping

from engine.core.shape import unstorable
from engine.errors import Problem

LONGEST = 200
"""Characters it, and the name of its system, may have."""


def identifier_problems(said: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with names and numbers, by what each is called; nothing of them is repeated."""
    for name, text in said.items():
        if not isinstance(text, str):
            yield Problem(name, "bad-field", f"`{name}` must be text.")
        elif not 1 <= len(text) <= LONGEST:
            yield Problem(name, "bad-field", f"`{name}` must have 1 to {LONGEST} characters.")
        else:
            yield from unstorable(text, name)
