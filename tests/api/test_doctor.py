import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from api import health
from api.clock import SystemClock
from api.health import dependencies, examine, packages
from api.settings import read_settings
from api.wiring import Shelf
from engine.ports import Store
from engine.services.ticks import note_tick
from pathways.library import Library
from tests.api.running import run
from tests.services.rounds import rounds
from tests.stores.kit import writing

OURS = {"engine": "/site/engine/__init__.py", "pathways": "/site/pathways/__init__.py"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without a database, whatever the checkout holds."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def test_a_sound_installation_is_said_to_be_sound() -> None:
    ran = run("doctor")

    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "7 checks, 0 failed"
    assert all(line.startswith(("ok  ", "    ")) for line in ran.out.splitlines()[:-1])


def test_the_findings_can_be_read_by_a_program() -> None:
    ran = run("doctor", "--json")

    answer = json.loads(ran.out)
    assert (ran.code, ran.err, answer["ok"]) == (0, "", True)
    assert [check["name"] for check in answer["checks"]] == [
        "python",
        "packages",
        "dependencies",
        "time zones",
        "content",
        "approval",
        "stories of pm-ild",
    ]


def test_a_check_that_fails_makes_the_answer_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "packages_distributions", lambda: {"pathways": ["careway", "hiking-trails"]})

    ran = run("doctor")

    assert ran.code == 1
    assert "failed packages: hiking-trails also installs a package called pathways" in ran.words
    assert ran.out.endswith("7 checks, 1 failed\n")


def test_packages_of_different_folders_are_found() -> None:
    finding = packages({**OURS, "pathways": "/elsewhere/pathways/__init__.py"}, {})

    assert not finding.ok
    assert "engine in /site, pathways in /elsewhere" in finding.says
    assert "install Careway alone" in finding.says


def test_our_own_claim_is_no_foreign_one() -> None:
    assert packages(OURS, {"engine": ["careway"], "pathways": ["Careway"], "api": []}).ok


@pytest.mark.parametrize(
    ("needs", "ok", "says"),
    [
        ("pydantic>=2", True, "pydantic 2"),
        ("pydantic<2,>=1", False, "but <2,>=1 is needed"),
        ("pydantic>=99", False, "but >=99 is needed"),
        ("surely-not-installed>=1", False, "surely-not-installed is missing"),
        ("pydantic>=99; python_version < '3'", True, ""),
    ],
)
def test_dependencies_are_held_to_their_bounds(needs: str, ok: bool, says: str) -> None:
    finding = dependencies([needs])

    assert finding.ok is ok
    assert says in finding.says


def test_a_missing_time_zone_database_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ZONES", ("UTC", "Mars/Olympus_Mons"))

    finding = {f.name: f for f in examine(Shelf(), SystemClock())}["time zones"]

    assert not finding.ok
    assert finding.says.startswith("no data for Mars/Olympus_Mons; install")


@pytest.fixture
def content(tmp_path: Path, root: Path) -> Path:
    """The packaged documents, free to be spoilt; only the shortest stories."""
    (tmp_path / "pm_ild" / "vignettes").mkdir(parents=True)
    for name in ("vocabulary.yaml", "pm_ild/v1.yaml", "pm_ild/sources.yaml"):
        (tmp_path / name).write_text((root / "pathways" / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def findings(content: Path, clock: SystemClock | None = None) -> dict[str, health.Finding]:
    return {f.name: f for f in examine(Shelf(Library(content)), clock or SystemClock())}


def test_a_defect_of_the_content_is_found_and_stories_are_left_alone(content: Path) -> None:
    path = content / "pm_ild" / "v1.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("initial: assess", "initial: start"), encoding="utf-8"
    )

    found = findings(content)

    assert not found["content"].ok
    assert "pm_ild/v1.yaml:" in found["content"].says
    assert "stories of pm-ild" not in found


def test_content_that_is_not_there_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path)["content"].says.startswith("cannot be read: ")


def test_a_vocabulary_that_cannot_be_read_is_the_one_defect(content: Path) -> None:
    (content / "vocabulary.yaml").write_text("items: []\n", encoding="utf-8")

    assert "vocabulary.yaml:1: " in findings(content)["content"].says


def test_a_story_that_comes_out_differently_is_found(content: Path) -> None:
    text = (
        "format: 1\npathway: pm-ild\npathway_version: 1\nvignettes:\n- id: A\n  title: t\n  events:\n"
        "  - in: {recorded: 2024-01-01, type: check}\n    expect: {now: {state: assess}}\n"
    )
    (content / "pm_ild" / "vignettes" / "mine.yaml").write_text(text, encoding="utf-8")

    finding = findings(content)["stories of pm-ild"]

    assert (finding.ok, finding.says) == (False, "1 story, 1 entry, 1 different")


class Fixed(SystemClock):
    def __init__(self, day: str) -> None:
        self.day = date.fromisoformat(day)

    def today(self, zone: tzinfo) -> date:
        return self.day


@pytest.mark.parametrize(("day", "ok"), [("2026-12-31", True), ("2027-01-01", True), ("2027-01-02", False)])
def test_an_approval_runs_out(content: Path, day: str, ok: bool) -> None:
    path = content / "pm_ild" / "v1.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("status: draft", "status: approved").replace(
        "approved_by: null", "approved_by: Dr. A"
    )
    path.write_text(text.replace("review_by: null", "review_by: 2027-01-01"), encoding="utf-8")

    finding = findings(content, Fixed(day))["approval"]

    assert finding.ok is ok
    assert finding.says == ("approved" if ok else "pm-ild version 1 was to be reviewed by 2027-01-01")


def test_the_clock_gives_instants_with_their_zone_and_the_date_there() -> None:
    clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert abs((clock.today(UTC) - datetime.now(UTC).date()).days) <= 1  # noqa: TID251 - what it is compared with


def test_a_missing_distribution_is_told_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(health, "version", missing)

    assert dependencies(["pydantic>=2"]).says == "pydantic is missing"


def test_a_database_is_looked_at_when_there_ought_to_be_one(content: Path, tmp_path: Path, url: str) -> None:
    def looked_at(database: str | None) -> health.Finding | None:
        settings = read_settings(database, {})
        found = {f.name: f for f in examine(Shelf(Library(content)), SystemClock(), settings)}
        return found.get("database")

    sound, empty = looked_at(url), looked_at(f"sqlite:///{tmp_path / 'new.db'}")
    unreachable = looked_at("postgresql://me:hunter2@127.0.0.1:1/careway")

    assert looked_at(None) is None
    assert sound is not None
    assert sound.ok
    assert "can be reached and has schema" in sound.says
    assert empty is not None
    assert (empty.ok, empty.says.partition("new.db ")[2]) == (
        False,
        "is not there yet. Run `careway db upgrade`.",
    )
    assert unreachable is not None
    assert not unreachable.ok
    assert "hunter2" not in unreachable.says


def test_a_reminder_that_was_lost_is_found(store: Store, url: str) -> None:
    """One that is late is told, as somebody has only to look; one that nobody would look for is a failure."""
    with rounds(store) as clinic:
        late = health.reminders(read_settings(url, {}), SystemClock())
        review = clinic.review()
        with writing(store) as uow:
            uow.reviews.save(clinic.one, "pm-ild", (replace(review, next_step=None, next_step_on=None),))
        lost = health.reminders(read_settings(url, {}), SystemClock())

    assert late.ok
    assert "careway worker" in late.says
    assert not lost.ok
    assert "1 orphaned, 0 doubled" in lost.says
    assert lost.says.count(" undeliverable") == 1


def test_jobs_that_no_longer_come_on_are_found(store: Store, url: str) -> None:
    """In whatever process they were done: a worker has no other way to be asked."""
    settings, clock = read_settings(url, {}), SystemClock()
    never = health.ticking(settings, clock)
    for job, ago in (("deliver", timedelta()), ("write reminders", timedelta(hours=2))):
        with writing(store) as uow:
            note_tick(uow, job, clock.now() - ago)
    found = health.ticking(settings, clock)
    with writing(store) as uow:
        note_tick(uow, "write reminders", clock.now())

    assert never.ok
    assert "none was ever done" in never.says
    assert not found.ok
    assert found.says.startswith("not done: write reminders since ")
    assert "deliver" not in found.says
    assert health.ticking(settings, clock).ok
