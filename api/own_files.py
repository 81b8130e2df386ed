"""Files that hold data of patients: whoever had them written can read them, and nobody else."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from api.errors import BadInput

OWN = 0o600
"""Read and written by the owner alone."""


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """Yield a file to write text to, from its beginning; lines end as they are written.

    It becomes its owner's alone, whatever the umask, and if it was there already, too.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        with open(file, "w", encoding="utf-8", newline="", opener=_own) as out:
            yield out
    except OSError as error:
        raise BadInput(f"{str(file)!r} cannot be written: {error.strerror or error}.") from None


def _own(file: str, flags: int) -> int:
    found = os.open(file, flags, OWN)
    if stat.S_ISREG(os.fstat(found).st_mode):  # a pipe or a screen stays as it is
        os.fchmod(found, OWN)
    return found
