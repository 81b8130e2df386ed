"""`careway receipt …`: a decision as a file that can be checked without the database."""

import json
import os
import re
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.told import asked_day
from api.errors import NO, BadInput, FileUnusable
from api.keys import PublicKey, read_key, signing_key
from api.present.page import ALARM, GOOD, QUIET, WARN, Page, console, count
from api.receipt_check import Verdict, check
from api.receipts import receipt_of, rendered, signed_text
from api.settings import read_settings
from api.storage import store_of, writer_on
from api.stories import read_text
from api.wiring import Shelf
from engine.core.kept import AuditEntry
from engine.core.values import iso_moment
from engine.ports import UnitOfWork
from engine.services.access import OPERATOR
from engine.services.asking import Asker
from engine.services.attesting import Attested, Attester

app = typer.Typer(
    help="Receipts: decisions that can be made again and checked without the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

FINGERPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


@app.command("export")
def export(
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="Id of the patient.")],
    pathway: Annotated[str, typer.Argument(metavar="PATHWAY", help="Id of the pathway.")],
    *,
    to: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A file that is not there yet.")],
    step: Annotated[
        int | None, typer.Option("--step", metavar="N", help="A step of the history, as it was recorded.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The state on this day. Default: today.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="TIME", help="With what was known then.")
    ] = None,
    database: DATABASE = None,
) -> None:
    """Write a decision to a file, with all that is needed to make it again.

    The file holds data of the patient: the record as known then, the answer
    with its reasons, the audit that led there, and a signature over all of
    it. That it was written is noted in the patient's audit.

    Example: careway receipt export ID pm-ild --step 3 -o receipt.json
    """
    if step is not None and (as_of is not None or known_at is not None):
        raise BadInput("--step says which day is meant and what was known; leave out --as-of and --known-at.")
    day, moment = asked_day("--as-of", as_of), _moment(known_at)
    settings, shelf, clock = read_settings(database), Shelf(), SystemClock()
    if to.exists():
        raise FileUnusable(f"There is a file {str(to)!r} already; name another with -o.")
    attester = Attester(Asker(shelf, clock))

    def ask(uow: UnitOfWork) -> Attested:
        if step is not None:
            return attester.step(uow, patient, pathway, step)
        return attester.state(uow, patient, pathway, as_of=day, known_at=moment)

    with store_of(settings) as store, closing(writer_on(store)) as writer:
        key = signing_key(settings)
        with store.reading() as uow:
            attested = ask(uow)
        question = {"step": step, "known_at": None if moment is None else moment.isoformat()}
        document = receipt_of(attested, shelf, key, clock.now(), question=question)
        body = {**question, "pathway": pathway, "receipt": signed_text(document)}
        entry = AuditEntry(clock.now(), OPERATOR, "export receipt", body)
        writer.run(lambda uow: uow.audit.append(patient, entry))
        _write(to, rendered(document))
    page = Page(console())
    page.put(f"Written to {to}: {count(len(attested.asked.record), 'event')}, as of {_as_of(document)}.")
    if attested.seal is None:
        page.put("The audit behind it is not sealed yet; one made in a minute has the seal.", style=WARN)
    page.put(f"Fingerprint of the key: {key.fingerprint}", style=QUIET)


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt; - is standard input.")],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY", help="File or fingerprint of the key it must be signed with."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Check a receipt, and decide again what it says was decided.

    No database is needed. Without --key a receipt can only be shown to be
    unchanged, not who made it: anybody can make a key. With several, the
    first must have signed it; the others may have made the seal in it.

    Exit code 1 when anything does not hold, with each place.

    Example: careway receipt verify receipt.json --key careway.pub
    """
    _, text = read_text(file)
    named = [_named(each) for each in key or ()]
    wanted = named[0] if named else None
    fingerprint = wanted.fingerprint if isinstance(wanted, PublicKey) else wanted
    others = tuple(each for each in named if isinstance(each, PublicKey))
    verdict = check(text, Shelf(), fingerprint, others)
    if as_json:
        typer.echo(json.dumps(_plain(verdict, origin=fingerprint is not None), indent=2))
    else:
        _show(verdict, origin=fingerprint is not None)
    if verdict.findings:
        raise typer.Exit(NO)


def _moment(text: str | None) -> date | datetime | None:
    try:
        return None if text is None else iso_moment(text)
    except ValueError as error:
        raise BadInput(f"--known-at: {error}.") from None


def _named(key: str) -> PublicKey | str:
    """Return the key of a file, or a fingerprint as it is; raises `BadInput`."""
    if Path(key).exists():
        return read_key(Path(key))
    if FINGERPRINT.fullmatch(key):
        return key
    raise BadInput(f"--key: {key!r} is neither a file nor the fingerprint of a key (43 characters).")


def _write(to: Path, text: str) -> None:
    """Write a file only its owner can read; raises `FileUnusable`."""
    try:
        with os.fdopen(
            os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as out:
            out.write(text)
    except OSError as error:
        raise FileUnusable(f"{str(to)!r} cannot be written: {error.strerror or error}.") from None


def _as_of(document: dict[str, object]) -> str:
    question = document["question"]
    assert isinstance(question, dict)
    return str(question["as_of"])


def _plain(verdict: Verdict, *, origin: bool) -> dict[str, object]:
    seal = verdict.document.get("seal")
    return {
        "ok": not verdict.findings,
        "origin": origin and not verdict.findings,
        "fingerprint": verdict.fingerprint,
        "seal": seal.get("number") if isinstance(seal, dict) else None,
        "findings": [{"place": f.place, "says": f.says} for f in verdict.findings],
    }


def _show(verdict: Verdict, *, origin: bool) -> None:
    page = Page(console())
    for finding in verdict.findings:
        page.put(str(finding), style=ALARM)
    if verdict.findings:
        page.put("Not verified.", style=ALARM)
        return
    question, result, seal = (verdict.document[name] for name in ("question", "result", "seal"))
    page.put(
        f"Verified: {question['pathway']} version {question['version']} comes to the same, "
        f"{result['state_title'] or 'not enrolled yet'} as of {question['as_of']}.",
        style=GOOD,
    )
    sealed = f"Seal {seal['number']} covers its audit." if seal else "Its audit was not sealed yet."
    page.put(sealed, style=GOOD if seal else WARN)
    if origin:
        page.put(f"Signed with the key you named, {verdict.fingerprint}.", style=GOOD)
        return
    page.put(
        "This shows that nothing was changed, not who made it: anybody can make a key. Ask whoever it is "
        "said to come from for the fingerprint of their key, and name it with --key. This one is signed with",
        style=WARN,
    )
    typer.echo(f"  {verdict.fingerprint}")
