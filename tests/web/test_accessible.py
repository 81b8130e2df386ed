"""Pages for everybody: nothing serious that axe would find, nothing too wide, nothing that needs a mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.conftest import Hospital

PAGES = (
    "/",
    "/lists/overdue",
    "/patients",
    "/patients/{patient}",
    "/patients/{patient}/timeline",
    "/patients/{patient}/why-not",
    "/patients/{patient}/print",
    "/patients/{patient}/record",
    "/patients/{patient}/record/obs",
    "/patients/{patient}/record/med",
)


def findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} at {each['nodes'][0]['target']}: {each['nodes'][0]['html'][:150]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.fixture(scope="module")
def patient(hospital: Hospital) -> str:
    made = hospital.treated("Axe, Anna")
    odd = {"obs": [{"item": "fvc_l", "value": 1, "unit": "L"}]}
    hospital.tell(made, {"id": "odd", "type": "obs", "effective": hospital.ago(3), "source": "manual", **odd})
    return made


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_on_any_page(
    hospital: Hospital, patient: str, dark: bool, phone: bool
) -> None:
    page = hospital.signed_in("dana", dark=dark, phone=phone)
    wrong = []
    for address in PAGES:
        page.goto(address.format(patient=patient))
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        wrong += [f"{address}: {each}" for each in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{address}: wider than the screen")
    assert wrong == []


def test_the_way_from_today_to_a_recorded_value_needs_no_mouse(hospital: Hospital) -> None:
    hospital.treated("Keys, Kim")
    page = hospital.signed_in("dana")
    page.goto("/patients")
    page.keyboard.press("/")
    page.keyboard.type("Keys, Kim")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/search")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    to(page, "Record something")
    page.keyboard.press("Enter")
    to(page, "PFT lab")
    page.keyboard.press("Enter")
    page.get_by_label("Value", exact=True).first.wait_for()
    while page.evaluate("document.activeElement.name") != "value.fvc_l":
        page.keyboard.press("Tab")
    page.keyboard.type("2.9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()


def to(page: Page, text: str) -> None:
    """Go on by the Tab key until something with this text has the focus."""
    page.get_by_text(text).first.wait_for()
    for _ in range(200):
        if text in (page.evaluate("document.activeElement.textContent") or "") and page.evaluate(
            "document.activeElement.matches('a, button')"
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{text} cannot be reached by the Tab key")
