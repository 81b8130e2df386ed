"""`careway pathway …`: look at the rules themselves: list, show, check, test and draw them."""

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import RootModel
from rich.text import Text

from api.checking import Checked, StoryRun, check_file, check_packaged, run_stories
from api.errors import NO
from api.present.definition import pathway_page
from api.present.page import ALARM, GOOD, HEAD, QUIET, WARN, Page, console, count
from api.present.words import content
from api.stories import read_stories, read_text
from api.wiring import Shelf
from engine.core.diagram import diagram as drawn
from engine.errors import Defect

app = typer.Typer(
    help="Look at the rules: list, show, check, test and draw pathways.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ID = Annotated[str, typer.Argument(metavar="ID", help="The pathway, for example pm-ild.")]
VERSION = Annotated[str | None, typer.Option("--version", metavar="V", help="Which version. Default: 1.")]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
FILE_ENDINGS = (".yaml", ".yml")


@app.command("list")
def list_pathways(*, as_json: AS_JSON = False) -> None:
    """List the pathways and their versions.

    Example: careway pathway list
    """
    shelf = Shelf()
    found = [
        shelf.library.definition(name, version)
        for name, versions in shelf.library.available()
        for version in versions
    ]
    if as_json:
        rows = [
            {"id": d.id, "version": d.version, "label": d.label, "title": d.title, "status": d.content.status}
            for d in found
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    page = Page(console())
    for d in found:
        page.put(Text(f"{d.id}  version {d.version}", style=HEAD).append(f"  {d.label}", style=QUIET))
        page.put(f"{d.title} · {content(d.content)}", indent=2)


@app.command("show")
def show_pathway(pathway: ID, version: VERSION = None, *, as_json: AS_JSON = False) -> None:
    """Show a pathway in words.

    States, transitions, actions, reviews, reminders, parameters, sources and limits.

    Example: careway pathway show pm-ild --version 2
    """
    shelf = Shelf()
    compiled = shelf.pathway(pathway, version)
    if as_json:
        typer.echo(compiled.definition.model_dump_json(by_alias=True, indent=2))
        return
    versions = dict(shelf.library.available())[pathway]
    pathway_page(Page(console()), compiled, shelf.sources(pathway), versions)


@app.command("diagram")
def draw_pathway(pathway: ID, version: VERSION = None) -> None:
    """Print a picture of a pathway as Mermaid text.

    Example: careway pathway diagram pm-ild > pm-ild.mmd
    """
    typer.echo(drawn(Shelf().library.definition(pathway, version)))


@app.command("check")
def check_documents(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|ID]...", help="YAML files, or pathway ids. Default: all that is packaged."
        ),
    ] = None,
    *,
    as_json: AS_JSON = False,
) -> None:
    """Check pathways and stories; tell every defect.

    Each is told with its file and line.

    Exit code 1 when there is a defect.

    Example: careway pathway check my-pathway/v1.yaml
    """
    shelf = Shelf()
    checked: list[Checked] = []
    for name in what or ():
        path = Path(name)
        if path.suffix in FILE_ENDINGS or path.exists():
            checked.append(check_file(path, shelf))
        else:
            checked += check_packaged(shelf, name)
    if not what:
        checked += check_packaged(shelf)
    defects = tuple(dict.fromkeys(defect for one in checked for defect in one.defects))
    if as_json:
        names = [one.name for one in checked]
        found = json.loads(RootModel[tuple[Defect, ...]](defects).model_dump_json())
        typer.echo(json.dumps({"ok": not defects, "checked": names, "defects": found}, indent=2))
    else:
        for defect in defects:
            typer.echo(str(defect))
        summary = f"{count(len(checked), 'document')} checked, {count(len(defects), 'defect')}"
        console().print(summary, style=ALARM if defects else GOOD)
    if defects:
        raise typer.Exit(NO)


@app.command("test")
def run_stories_of(
    pathway: ID,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="V", help="Default: the version the stories are for."),
    ] = None,
    vignettes: Annotated[
        Path | None,
        typer.Option("--vignettes", metavar="FILE", help="Stories to run. Default: those of the pathway."),
    ] = None,
    story: Annotated[str | None, typer.Option("--story", metavar="ID", help="Run only this story.")] = None,
    *,
    as_json: AS_JSON = False,
) -> None:
    """Run stories against what they expect.

    Exit code 1 when anything differs.

    Example: careway pathway test pm-ild --story V05
    """
    shelf = Shelf()
    shelf.library.definition(pathway, version)
    documents = shelf.library.vignettes(pathway) if vignettes is None else [read_text(vignettes)]
    out = None if as_json else console()
    runs: list[StoryRun] = []
    for name, text in documents:
        for run in run_stories(shelf, read_stories(text, name), pathway, version, story):
            runs.append(run)
            if out is not None:
                _show_run(Page(out), run)
    entries, different = sum(r.entries for r in runs), sum(r.different for r in runs)
    summary = (
        f"{count(len(runs), 'story', 'stories')}, {count(entries, 'entry', 'entries')}, "
        f"{entries - different} as expected, {different} different"
    )
    if out is None:
        typer.echo(
            json.dumps({"ok": not different, "summary": summary, "stories": list(map(_row, runs))}, indent=2)
        )
    else:
        out.print(summary, style=ALARM if different else GOOD)
    if different:
        raise typer.Exit(NO)


def _show_run(page: Page, run: StoryRun) -> None:
    """Write a story's line as soon as it has run, and every difference below it."""
    mark = Text(f"{run.story.id:<5}", style=HEAD)
    mark.append("different  " if run.different else "ok  ", style=ALARM if run.different else GOOD)
    page.put(f"{count(run.entries, 'entry', 'entries')}, {run.story.title}", mark=mark, style=QUIET)
    shown = 0
    for d in run.differences:
        if d.entry != shown:
            page.put(f"entry {d.entry} ({d.event}), received {d.received}", indent=6, style=WARN)
            shown = d.entry
        page.put(f"{d.mismatch.what}: expected {d.mismatch.expected}, got {d.mismatch.got}", indent=8)


def _row(run: StoryRun) -> dict[str, object]:
    return {
        "story": run.story.id,
        "entries": run.entries,
        "different": run.different,
        "differences": [
            {
                "entry": d.entry,
                "event": d.event,
                "received": d.received.isoformat(),
                "what": d.mismatch.what,
                "expected": d.mismatch.expected,
                "got": d.mismatch.got,
            }
            for d in run.differences
        ],
    }
