"""What people do with the pages, in a real browser: with a mouse, and the same by the keyboard alone."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.hands import Hands, Keys, Mouse
from tests.web.hospital import PASSWORD, Hospital

BOTH = pytest.mark.parametrize("hands", [Mouse, Keys], ids=["mouse", "keys"])
Hand = type[Mouse] | type[Keys]


def inside(hospital: Hospital, login: str, hands: Hand) -> tuple[Page, Hands]:
    """Return a page of somebody who signed in, and the hands that do it."""
    page = hospital.visitor()
    with_these = hands(page)
    page.goto("/sign-in")
    with_these.write(page.get_by_label("Login"), login)
    with_these.write(page.get_by_label("Password"), PASSWORD)
    with_these.press(page.get_by_role("button", name="Sign in"))
    page.wait_for_url("**/")
    return page, with_these


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def item(page: Page, title: str) -> Locator:
    """Return the field of an item's value."""
    return page.locator("fieldset", has=page.get_by_text(title, exact=True)).get_by_label("Value", exact=True)


def due(review: Locator, today: date) -> date:
    """Return the day on which the card of a review says that it is due."""
    says = review.locator("p.facts span").first.inner_text()
    if late := re.match(r"(\d+) days? overdue", says):
        return today - timedelta(days=int(late[1]))
    return datetime.strptime(says, "Due %d %b %Y").date()  # noqa: DTZ007 - a day has no zone


@BOTH
def test_from_the_overdue_list_to_a_new_state_and_back_out(hospital: Hospital, hands: Hand) -> None:
    name = "Walk, Wanda"
    hospital.treated(name)
    page, do = inside(hospital, "dana", hands)
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    do.press(page.get_by_role("link", name=re.compile("All .* of Overdue")))
    expect(page.get_by_role("heading", name=re.compile("Overdue"))).to_be_visible()
    do.press(page.get_by_role("link", name=name).first)
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    where = page.url
    lung = page.locator("article", has=page.get_by_role("heading", name="Lung function test"))
    expect(lung).to_contain_text("overdue")
    assert due(lung, hospital.today) < hospital.today
    expect(page.get_by_role("img", name=re.compile("The way so far"))).to_be_visible()

    do.press(page.get_by_role("link", name="Record something", exact=True))
    do.press(page.get_by_role("link", name=re.compile("PFT lab")))
    do.write(item(page, "FVC"), "2,4")
    if hands is Mouse:
        item(page, "FVC").press("Tab")
    expect(page.locator("#supposed")).to_contain_text("with this event: escalation after progression")
    do.press(button(page, "Record"))

    page.wait_for_url(f"{where}*")
    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()
    expect(lung).not_to_contain_text("overdue")
    expect(lung).to_contain_text("Due")
    again = due(lung, hospital.today)
    assert again > hospital.today
    title = page.get_by_role("heading", name=re.compile("multidisciplinary"))
    option = page.locator("article.offer", has=title)
    do.press(option.get_by_text("Do something about it"))
    do.press(option.get_by_role("button", name="Accept"))
    do.press(page.get_by_text("kept off this list by decisions"))
    expect(page.get_by_text(re.compile("multidisciplinary discussion: accepted on"))).to_be_visible()
    assert due(lung, hospital.today) == again

    do.press(page.locator("details.me summary"))
    do.press(page.get_by_role("button", name="Sign out"))
    page.wait_for_url("**/sign-in")
    page.goto(where)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@BOTH
def test_a_correction_takes_a_step_back_and_the_timeline_tells_of_it(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Right, Rita")
    fall = {"obs": [{"item": "fvc_l", "value": 2, "unit": "L"}]}
    hospital.tell(
        patient, {"id": "f2", "type": "obs", "effective": hospital.ago(40), "source": "manual", **fall}
    )
    hospital.tell(patient, {"id": "v2", "type": "verify", "effective": hospital.ago(40), "target": "f2"})
    page, do = inside(hospital, "cora", hands)
    page.goto(f"/patients/{patient}")
    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()

    do.press(page.get_by_role("link", name="Timeline", exact=True))
    event = page.locator("li.obs", has_text="FVC 2 L")
    do.press(event.get_by_text("Put it right"))
    do.press(event.get_by_role("button", name="Correct"))
    expect(page.get_by_label("Value", exact=True)).to_have_value("2")
    do.write(page.get_by_label("Value", exact=True), "2.95")
    do.press(button(page, "Record"))

    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    expect(page.get_by_text("late or corrected data changed this history")).to_be_visible()
    do.press(page.get_by_role("link", name="Timeline", exact=True))
    expect(page.locator("li.obs", has_text="FVC 2 L").get_by_text("corrected since")).to_be_visible()


@BOTH
def test_an_unusual_value_waits_until_somebody_confirms_it(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Doubt, Dora")
    page, do = inside(hospital, "cora", hands)
    page.goto(f"/patients/{patient}/record/obs?panel=PFT%20lab")
    do.write(item(page, "FVC"), "1.2")
    do.press(button(page, "Show what it would change"))
    expect(page.locator("#supposed")).to_contain_text("wait until somebody verifies it")
    do.press(button(page, "Record"))
    waiting = page.locator("article", has=page.get_by_role("heading", name="FVC 1.2 L"))
    expect(waiting).to_be_visible()
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()

    do.press(waiting.get_by_text("Put it right"))
    do.press(waiting.get_by_role("button", name="Confirm"))
    do.press(button(page, "Record"))

    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()
    expect(waiting).to_have_count(0)


@BOTH
def test_many_rows_are_dealt_with_at_once(hospital: Hospital, hands: Hand) -> None:
    one, other = "Bulk, Ben", "Bulk, Bea"
    for name in (one, other):
        hospital.treated(name)

    def row(name: str, what: str) -> Locator:
        return page.get_by_role("checkbox", name=re.compile(f"{name}: {what}")).first

    page, do = inside(hospital, "cora", hands)
    page.goto("/lists/overdue?kind=review")
    for name in (one, other):
        do.tick(row(name, "Lung function"))
    do.press(button(page, "Mark as seen"))
    expect(page.get_by_role("heading", name="2 acknowledged")).to_be_visible()

    do.press(page.get_by_role("link", name="Back to the list", exact=True))
    expect(page.get_by_role("combobox", name="What")).to_have_value("review")
    do.tick(row(one, "Lung function"))
    do.press(page.locator("summary", has_text="Put off"))
    do.write(page.get_by_label("Why").first, "laboratory shut")
    do.press(page.locator("button", has_text="Put off"))
    expect(page.get_by_role("heading", name=re.compile("1 put off until"))).to_be_visible()

    page.goto("/lists/overdue?kind=action")
    for name in (one, other):
        do.tick(row(name, ""))
    do.press(page.locator("summary", has_text="Hand over"))
    do.choose(page.locator("select[name=person]"), "Dana")
    do.write(page.get_by_label("Why").last, "while Cora is away")
    do.press(page.locator("button", has_text="Hand over"))
    expect(page.get_by_role("heading", name="2 handed over")).to_be_visible()
    page.goto("/lists/overdue?kind=action&owner=p-dana")
    expect(page.get_by_role("link", name=one).first).to_be_visible()


@BOTH
def test_a_file_is_tried_then_imported_and_its_patients_are_there(
    hospital: Hospital, hands: Hand, tmp_path: Path
) -> None:
    name = "<b>Bold</b>"
    file = tmp_path / "register.csv"
    lines = (
        "system,identifier,date,iim_dx,ild_confirmed,sex,birth_date",
        f'register,"{name}",{hospital.ago(30)},PM,yes,female,1970-05-04',
        f"register,other,{hospital.ago(30)},PM,yes,robot,<script>alert(1)</script>",
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    page, do = inside(hospital, "cora", hands)
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    do.press(page.get_by_role("link", name="Import", exact=True))
    do.send(page.get_by_label("File", exact=True), file)
    do.press(button(page, "Try it, keep nothing"))
    expect(page.get_by_text("1 would be taken, 1 row was refused")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("<script>"))).to_be_visible()
    file.write_text("\n".join(lines[:2]), encoding="utf-8")
    do.press(page.get_by_role("link", name="Send the file again to import it", exact=True))
    do.send(page.get_by_label("File", exact=True), file)
    do.press(button(page, "Import"))
    expect(page.get_by_text("Done: 1 taken")).to_be_visible()

    do.press(page.get_by_role("link", name="Patients", exact=True))
    do.write(page.get_by_label("Number or name", exact=True).first, name)
    do.press(button(page, "Find"))
    do.press(page.get_by_role("link", name=name))
    expect(page.get_by_role("heading", name="Assessment")).to_be_visible()


@BOTH
def test_from_a_figure_of_the_cohort_to_who_is_behind_it(hospital: Hospital, hands: Hand) -> None:
    name = "Figure, Fia"
    hospital.treated(name)
    page, do = inside(hospital, "lena", hands)
    do.press(page.get_by_role("link", name="Cohort", exact=True))
    do.press(page.get_by_role("row", name=re.compile("Monitoring on treatment")).get_by_role("link"))
    expect(page.get_by_role("link", name=name)).to_be_visible()
    do.press(page.get_by_role("link", name="Pathway", exact=True))
    rules = page.locator("details.rules", has=page.get_by_role("heading", name="Transitions"))
    do.press(rules.locator("summary"))
    expect(rules.get_by_text("T08")).to_be_visible()


@BOTH
def test_a_care_team_is_named_and_actions_fall_to_it(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Team, Tea")
    page, do = inside(hospital, "cora", hands)
    page.goto(f"/patients/{patient}")
    do.press(page.get_by_text("Change the care team"))
    do.choose(page.get_by_label("Responsible clinician"), "Dana")
    do.press(button(page, "Save the team"))
    expect(page.locator("dl.team")).to_contain_text("Dana")
    expect(page.locator("article.card", has_text="Dana").first).to_be_visible()


def test_what_somebody_else_changed_meanwhile_is_told_by_name(hospital: Hospital) -> None:
    name = "Stale, Stan"
    patient = hospital.treated(name)
    page, do = inside(hospital, "cora", Mouse)
    page.goto("/lists/overdue?kind=review")
    do.tick(page.get_by_role("checkbox", name=re.compile(f"{name}: Lung function")).first)
    hospital.tell(patient, {"id": "v9", "type": "vax", "effective": hospital.ago(2), "vaccine": "flu"})
    do.press(button(page, "Mark as seen"))
    expect(page.get_by_role("heading", name="0 acknowledged, 1 not")).to_be_visible()
    expect(page.get_by_text(f"{name}, Lung function test")).to_be_visible()
