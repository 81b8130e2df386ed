"""Progress of long work: a bar on standard error, for people only.

A pipe, a log and `--json` get nothing, so what is written there is the result alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.present.page import console


@contextmanager
def progress(doing: str, total: int | None, *, shown: bool = True) -> Iterator[Callable[[], None]]:
    """Show how far work is; call what is given once for each piece done. The bar goes when the work ends.

    Args:
        doing: what is being done.
        total: how many pieces there are; None if nobody knows.
        shown: False keeps quiet in any case.
    """
    to = console(error=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=to, transient=True, disable=not (shown and to.is_terminal)) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda: bar.advance(task)
