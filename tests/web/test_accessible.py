"""Pages for everybody: nothing serious that axe would find, nothing too wide, nothing that needs a mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.addresses import LONG, PAGES, Places, shown
from tests.web.hospital import PASSWORD, Hospital


def findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} at {each['nodes'][0]['target']}: {each['nodes'][0]['html'][:150]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def places(hospital: Hospital) -> Places:
    """What the braces of addresses stand for."""
    made = hospital.treated(LONG)
    odd = {"obs": [{"item": "fvc_l", "value": 1, "unit": "L"}]}
    hospital.tell(made, {"id": "odd", "type": "obs", "effective": hospital.ago(3), "source": "manual", **odd})
    return shown(hospital, made)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_on_any_page(
    hospital: Hospital, places: Places, dark: bool, phone: bool
) -> None:
    page = hospital.signed_in("lena", dark=dark, phone=phone)
    wrong = []
    for address in PAGES.values():
        answer = page.goto(address.format(**places))
        assert answer is not None
        assert answer.ok, address
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        wrong += [f"{address}: {each}" for each in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{address}: wider than the screen")
    assert wrong == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_before_one_is_signed_in_or_where_nothing_is(
    hospital: Hospital, dark: bool
) -> None:
    guest = hospital.visitor(dark=dark)
    guest.goto("/sign-in")
    wrong = findings(guest)
    guest.goto("/welcome?invitation=none")
    wrong += findings(guest)
    page = hospital.signed_in("lena", dark=dark)
    page.goto("/nothing")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    wrong += findings(page)
    page.goto("/settings")
    page.get_by_role("button", name="Make a feed").click()
    expect(page.get_by_label("Address of your feed")).to_be_visible()
    wrong += findings(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="Make a feed").click()
    expect(page.get_by_text("what you typed is kept")).to_be_visible()
    wrong += findings(page)
    page.get_by_label("Login").fill("lena")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Nothing is lost")).to_be_visible()
    wrong += findings(page)
    page.get_by_role("button", name="Send it once more").click()
    expect(page.get_by_label("Address of your feed")).to_be_visible()
    assert wrong == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_what_comes_after_a_press(
    hospital: Hospital, places: Places, dark: bool
) -> None:
    page = hospital.signed_in("lena", dark=dark)
    patient, wrong = f"/patients/{places['patient']}", list[str]()

    def look(what: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        wrong.extend(f"{what}: {each}" for each in findings(page))

    page.goto("/lists/overdue?kind=review")
    page.get_by_role("checkbox").first.check()
    page.locator("summary", has_text="Hand over").click()
    page.get_by_label("Why").last.fill("on leave")
    page.locator("button", has_text="Hand over").click()
    expect(page.get_by_text("Reviews cannot be handed over")).to_be_visible()
    look("acted")
    page.goto("/patients")
    page.get_by_label("Number or name").first.fill(LONG)
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name=LONG)).to_be_visible()
    look("found")
    for act in ("Confirm", "Correct", "Withdraw"):
        page.goto(patient)
        page.locator("#doubtful").locator("xpath=../..").get_by_text("Put it right").click()
        page.get_by_role("button", name=act, exact=True).click()
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
        look(act)
    page.goto(f"{patient}/record/obs?panel=PFT%20lab")
    value = page.locator("[name='value.fvc_l']")
    value.fill("2.4")
    value.press("Tab")
    expect(page.locator("#supposed")).to_contain_text("with this event")
    look("what if")
    value.fill("2400")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("problems")
    page.goto("/settings/people")
    cora = page.locator("article", has=page.get_by_role("heading", name="Cora", exact=True))
    cora.locator("summary").click()
    cora.get_by_role("button", name="New invitation").click()
    page.goto(page.get_by_label("Invitation of").input_value())
    expect(page.get_by_label("New password")).to_be_visible()
    look("welcome")
    assert wrong == []


def test_letters_lead_to_the_search_and_from_row_to_row(hospital: Hospital) -> None:
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


def test_a_letter_leads_to_the_search_from_every_page_until_letters_are_switched_off(
    hospital: Hospital,
) -> None:
    page = hospital.signed_in("dana")
    page.goto("/lists/overdue")
    page.keyboard.press("/")
    page.wait_for_url("**/patients#sought")
    expect(page.get_by_label("Number or name").first).to_be_focused()

    page.goto("/settings")
    page.get_by_label("Single letters act").uncheck()
    page.goto("/patients")
    page.keyboard.press("/")
    expect(page.get_by_label("Number or name").first).not_to_be_focused()
    page.goto("/settings")
    expect(page.get_by_label("Single letters act")).not_to_be_checked()
    page.get_by_label("Single letters act").check()
    page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.wait_for_url("**/patients#sought")
