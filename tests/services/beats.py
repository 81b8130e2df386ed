"""The beats of a job, for tests: counted, and the process told to end at one of them."""

from dataclasses import dataclass


@dataclass
class Beats:
    """The beats of a job, counted."""

    heard: int = 0
    last: int | None = None
    """The beat at which the process is to end; None for never."""

    def __call__(self) -> bool:
        self.heard += 1
        return self.last is not None and self.heard >= self.last
