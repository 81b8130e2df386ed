"""What people do with the pages, in a real browser, from signing in to signing out."""

import re

from playwright.sync_api import Page, expect

from tests.web.conftest import Hospital


def row_of(page: Page, patient: str) -> str:
    """Open a patient from a list and return where the page is."""
    page.get_by_role("link", name=patient).first.click()
    page.wait_for_url("**/patients/*")
    return page.url


def test_from_the_overdue_list_to_a_new_state_and_back_out(hospital: Hospital) -> None:
    hospital.treated("Walk, Wanda")
    page = hospital.signed_in("dana")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.get_by_role("link", name=re.compile("All .* of Overdue")).click()
    expect(page.get_by_role("heading", name=re.compile("Overdue"))).to_be_visible()
    where = row_of(page, "Walk, Wanda")
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    lung = page.locator("article", has=page.get_by_role("heading", name="Lung function test"))
    expect(lung).to_contain_text("overdue")
    expect(page.get_by_role("img", name=re.compile("The way so far"))).to_be_visible()

    page.get_by_role("link", name="Record something").click()
    page.get_by_role("link", name=re.compile("PFT lab")).click()
    fvc = page.locator("fieldset", has=page.get_by_text("FVC", exact=True))
    fvc.get_by_label("Value", exact=True).fill("2,4")
    fvc.get_by_label("Value", exact=True).press("Tab")
    expect(page.locator("#supposed")).to_contain_text("with this event: escalation after progression")
    page.get_by_role("button", name="Record", exact=True).click()

    page.wait_for_url(f"{where}*")
    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()
    expect(lung).not_to_contain_text("overdue")
    expect(lung).to_contain_text("Due")
    option = page.locator(
        "article.offer", has=page.get_by_role("heading", name=re.compile("multidisciplinary"))
    )
    option.get_by_text("Do something about it").click()
    option.get_by_role("button", name="Accept").click()
    page.get_by_text("kept off this list by decisions").click()
    expect(page.get_by_text(re.compile("multidisciplinary discussion: accept"))).to_be_visible()

    page.get_by_text("Dana · Main site").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(where)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_correction_takes_a_step_back_and_the_timeline_tells_of_it(hospital: Hospital) -> None:
    patient = hospital.treated("Right, Rita")
    fall = {"obs": [{"item": "fvc_l", "value": 2, "unit": "L"}]}
    hospital.tell(
        patient, {"id": "f2", "type": "obs", "effective": hospital.ago(40), "source": "manual", **fall}
    )
    hospital.tell(patient, {"id": "v2", "type": "verify", "effective": hospital.ago(40), "target": "f2"})
    page = hospital.signed_in("cora")
    page.goto(f"/patients/{patient}")
    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()

    page.get_by_role("link", name="Timeline").click()
    event = page.locator("li.obs", has_text="FVC 2 L")
    event.get_by_text("Put it right").click()
    event.get_by_role("button", name="Correct").click()
    expect(page.get_by_label("Value", exact=True)).to_have_value("2")
    page.get_by_label("Value", exact=True).fill("2.95")
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    expect(page.get_by_text("late or corrected data changed this history")).to_be_visible()
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator("li.obs", has_text="FVC 2 L").get_by_text("corrected since")).to_be_visible()


def test_an_unusual_value_waits_until_somebody_confirms_it(hospital: Hospital) -> None:
    patient = hospital.treated("Doubt, Dora")
    page = hospital.signed_in("cora")
    page.goto(f"/patients/{patient}/record/obs?panel=PFT%20lab")
    page.locator("fieldset", has=page.get_by_text("FVC", exact=True)).get_by_label("Value", exact=True).fill(
        "1.2"
    )
    page.get_by_role("button", name="Show what it would change").click()
    expect(page.locator("#supposed")).to_contain_text("wait until somebody verifies it")
    page.get_by_role("button", name="Record", exact=True).click()
    waiting = page.locator("article", has=page.get_by_role("heading", name="FVC 1.2 L"))
    expect(waiting).to_be_visible()
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()

    waiting.get_by_text("Put it right").click()
    waiting.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()
    expect(waiting).to_have_count(0)


def test_many_rows_are_dealt_with_at_once(hospital: Hospital) -> None:
    for name in ("Bulk, Ben", "Bulk, Bea"):
        hospital.treated(name)
    page = hospital.signed_in("cora")
    page.goto("/lists/overdue")
    for name in ("Bulk, Ben", "Bulk, Bea"):
        page.get_by_role("checkbox", name=re.compile(f"{name}: Lung function")).check()
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.get_by_role("heading", name="2 acknowledged")).to_be_visible()

    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("checkbox", name=re.compile("Bulk, Ben: Lung function")).check()
    page.locator("summary", has_text="Put off").click()
    page.get_by_label("Why").first.fill("laboratory shut")
    page.locator("button", has_text="Put off").click()
    expect(page.get_by_role("heading", name=re.compile("1 put off until"))).to_be_visible()
