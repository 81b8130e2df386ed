"""`careway audit …`: is what is written about who did what still as it was written?"""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.commands.db import DATABASE
from api.errors import NO, KeyUnusable
from api.keys import KeyRing, key_file, read_key
from api.present.page import ALARM, GOOD, QUIET, Page, console, count
from api.present.progress import progress
from api.settings import Settings, read_settings
from api.storage import store_of
from engine.core.kept import Seal
from engine.ports import Store
from engine.services.inspecting import Fault, inspected

app = typer.Typer(
    help="The audit: who did what, chained, sealed and signed.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def audit() -> None:
    """The audit: who did what, chained, sealed and signed."""


@app.command("verify")
def verify(
    *,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", metavar="FILE", help="A further key that made seals; may be repeated."),
    ] = None,
    database: DATABASE = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Work out every chain and every seal of the audit anew, and compare.

    Each fault is told with its chain and number: an entry, an event or a
    seal that was changed, taken out or put in. Nothing is changed, and
    others may go on writing meanwhile.

    Exit code 1 when there is a fault.

    Example: careway audit verify
    """
    settings = read_settings(database)
    faults = list[Fault]()
    entries = seals = 0
    with store_of(settings) as store:
        newest = newest_seal(store)
        ring = KeyRing(tuple(map(read_key, key or ())))
        if newest is not None:
            ring = KeyRing((*ring.keys, *own_key(settings, needed=not ring.keys).keys))
        with progress("Verifying", None, shown=not as_json) as done:
            for piece in inspected(store, ring):
                entries, seals = entries + piece.entries, seals + piece.seals
                faults += piece.faults
                done()
    if as_json:
        rows = [{"place": f.place, "number": f.number, "says": f.says} for f in faults]
        shown = None if newest is None else {"number": newest.number, "hash": newest.hash}
        keys = [each.fingerprint for each in ring.keys]
        answer = {"ok": not faults, "entries": entries, "seals": seals, "newest": shown, "keys": keys}
        typer.echo(json.dumps({**answer, "faults": rows}, indent=2))
    else:
        page = Page(console())
        for fault in faults:
            page.put(str(fault), style=ALARM)
        summary = f"{count(entries, 'entry', 'entries')} and {count(seals, 'seal')} verified, "
        page.put(summary + count(len(faults), "fault"), style=ALARM if faults else GOOD)
        if newest is not None:
            page.put(f"Newest seal {newest.number}: {newest.hash}", style=QUIET)
    if faults:
        raise typer.Exit(NO)


def newest_seal(store: Store) -> Seal | None:
    """Return the newest seal, or None."""
    with store.reading() as uow:
        return next(iter(uow.seals.newest()), None)


def own_key(settings: Settings, *, needed: bool) -> KeyRing:
    """Return the key of this installation; none if it is not there and not needed.

    Raises:
        KeyUnusable: it is needed and not there, or cannot be read.
    """
    try:
        file = key_file(settings)
        if file.exists() or needed:
            return KeyRing((read_key(file),))
    except KeyUnusable:
        if needed:
            raise
    return KeyRing(())
