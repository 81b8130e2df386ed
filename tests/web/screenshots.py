"""Draw every page as a desk and a phone show it, light and dark, with no patients, with 200 and with 5,000.

Some patients have names as long as names get. The 200 are the demonstration; of the 5,000 the others are
copies of them. Look at `index.html` in the folder it names at the end.
"""

import argparse
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import track
from sqlalchemy import Connection, Table, func, insert, literal, select, update

from api.application import application_on
from api.demo.loading import begin, load
from api.present.page import console
from api.settings import read_settings
from engine.store.database import open_database
from engine.store.migrate import upgrade
from engine.store.records import IDENTIFIER, PATIENT
from engine.store.tables import METADATA
from tests.web.addresses import LONG, PAGES, Places, shown
from tests.web.hospital import Hospital, browsing, hospital_on

SIZES = (0, 200, 5000)
DEMONSTRATION = 200
EVERY = 5
"""Of so many patients one has a long name."""
LOOKS = {
    f"{size}-{colour}": {"phone": size == "phone", "dark": colour == "dark"}
    for size in ("desk", "phone")
    for colour in ("light", "dark")
}
ID = 36
"""Letters of the id of a patient who is no copy."""
HIGHEST = 3000
"""Pixels of a page that are drawn."""


def copied(connection: Connection, times: int) -> None:
    """Put in each patient again so many times, with everything that is kept by patient."""
    for table in METADATA.sorted_tables:
        key = next(iter(table.primary_key))
        if table is PATIENT or table is IDENTIFIER or key.name == "patient_id":
            for number in range(times):
                _copy(connection, table, f"-{number}")


def _copy(connection: Connection, table: Table, ending: str) -> None:
    named = {"id"} if table is PATIENT else {"patient_id", "value"} if table is IDENTIFIER else {"patient_id"}
    columns = [
        (column.concat(ending) if column.name in named else column).label(column.name) for column in table.c
    ]
    patient = table.c.id if table is PATIENT else table.c.patient_id
    originals = select(*columns).where(func.length(patient) == ID)
    connection.execute(insert(table).from_select([column.name for column in columns], originals))


def lengthened(connection: Connection) -> None:
    """Give some patients long names."""
    ids = connection.execute(select(PATIENT.c.id).order_by(PATIENT.c.id)).scalars()
    for number, patient in enumerate(ids):
        if number % EVERY == 0:
            name = literal(LONG).concat(f" {number}")
            connection.execute(
                update(IDENTIFIER).where(IDENTIFIER.c.patient_id == patient).values(value=name)
            )


def filled(folder: Path, sizes: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Yield databases with so many patients, and where each is."""
    base = folder / "base.db"
    for size in sizes:
        file = folder / f"{size}.db"
        url = f"sqlite:///{file}"
        if size > DEMONSTRATION:
            shutil.copy(base, file)
        database = open_database(url)
        upgrade(database)
        if size == DEMONSTRATION:
            with application_on(read_settings(url)) as app:
                wanted = begin(app.writer, app.clock, size, 1, None)
                for _ in track(load(app.writer, app.shelf, wanted), "Making patients", total=size):
                    pass
            with database.writer.begin() as connection:
                lengthened(connection)
        elif size:
            with database.writer.begin() as connection:
                copied(connection, size // DEMONSTRATION - 1)
        database.close()
        if size == DEMONSTRATION:
            shutil.copy(file, base)
        yield size, url


def places(hospital: Hospital) -> Places:
    """Return what the braces of addresses stand for: the patient of whom most is known."""
    with hospital.application.store.reading() as uow:
        known = uow.patients.page("main", limit=40)
        lengths = {patient.id: len(uow.records.load(patient.id)) for patient in known}
    patient = max(lengths, key=lambda each: lengths[each]) if lengths else hospital.new(LONG)
    return shown(hospital, patient)


def drawn(hospital: Hospital, size: int, out: Path) -> None:
    """Draw every page of a hospital in every look."""
    here = places(hospital)
    for look, how in LOOKS.items():
        page = hospital.signed_in("lena", **how)
        for name, address in track(PAGES.items(), f"{size} patients, {look}"):
            page.goto(address.format(**here))
            page.wait_for_load_state("networkidle")
            width = page.viewport_size["width"] if page.viewport_size else 0
            high = min(HIGHEST, page.evaluate("document.documentElement.scrollHeight"))
            clip = {"x": 0, "y": 0, "width": width, "height": high}
            page.screenshot(path=out / f"{name}-{size}-{look}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def contents(out: Path, sizes: tuple[int, ...]) -> str:
    """Return a page that shows all drawings, page by page."""
    parts = ['<!doctype html><meta charset="utf-8"><title>Careway, every page</title>']
    for name in PAGES:
        parts.append(f"<h2>{escape(name)}</h2>")
        for size in sizes:
            names = [
                f"{name}-{size}-{look}.png" for look in LOOKS if (out / f"{name}-{size}-{look}.png").exists()
            ]
            parts.append(f"<h3>{size:,} patients</h3>")
            parts += [f'<a href="{each}"><img src="{each}" height="420" alt="{each}"></a> ' for each in names]
    return "\n".join(parts)


def main() -> None:
    """Draw, and say where the drawings are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, nargs="+", choices=SIZES, default=SIZES, help="how many")
    parser.add_argument("--out", type=Path, default=Path("screenshots"), help="folder of the drawings")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    sizes = tuple(options.patients)
    with TemporaryDirectory() as folder, browsing() as browser:
        for size, url in filled(Path(folder), SIZES[: SIZES.index(max(sizes)) + 1]):
            if size in sizes:
                with hospital_on(url, browser) as hospital:
                    drawn(hospital, size, options.out)
    (options.out / "index.html").write_text(contents(options.out, sizes), encoding="utf-8")
    console().print(f"Look at {options.out / 'index.html'}")


if __name__ == "__main__":
    main()
