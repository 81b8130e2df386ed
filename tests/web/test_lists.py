"""Lists in a real browser: filters stay in the address, and a list that is kept is found again."""

import re

from playwright.sync_api import expect

from tests.web.hospital import Hospital
from tests.web.test_journeys import BOTH, Hand, button, inside


@BOTH
def test_a_filter_stays_in_the_address(hospital: Hospital, hands: Hand) -> None:
    name = "Filter, Fay"
    hospital.treated(name)
    page, do = inside(hospital, "cora", hands)
    do.press(page.get_by_role("navigation", name="Careway").get_by_role("link", name="Lists", exact=True))
    do.choose(page.get_by_role("combobox", name="State"), "Monitoring on treatment")
    do.choose(page.get_by_role("combobox", name="What"), "reviews")
    do.press(button(page, "Show"))
    page.wait_for_url(re.compile("kind=review"))
    page.reload()
    expect(page.get_by_role("combobox", name="What")).to_have_value("review")
    expect(page.get_by_role("combobox", name="State")).to_have_value("monitor")
    expect(page.get_by_role("link", name=name).first).to_be_visible()
    do.choose(page.get_by_role("combobox", name="State"), "Late recurrence")
    do.press(button(page, "Show"))
    expect(page.get_by_text("No row fits these filters.")).to_be_visible()
    do.press(page.get_by_role("link", name="All rows", exact=True))
    expect(page.get_by_role("link", name=name).first).to_be_visible()


@BOTH
def test_a_list_that_is_kept_is_found_again_among_the_others(hospital: Hospital, hands: Hand) -> None:
    hospital.treated("Kept, Kay")
    page, do = inside(hospital, "cora", hands)
    page.goto("/lists/overdue?kind=review")
    do.press(page.locator("summary", has_text="Keep this list"))
    do.write(page.get_by_label("Name"), "Late reviews")
    do.tick(page.get_by_label("clinician", exact=True))
    do.press(button(page, "Keep it"))
    expect(page.get_by_role("heading", name=re.compile("Late reviews"))).to_be_visible()

    do.press(page.get_by_role("link", name="Today", exact=True))
    do.press(page.get_by_role("navigation", name="Saved lists").get_by_role("link", name=re.compile("Late")))
    expect(page.get_by_role("combobox", name="What")).to_have_value("review")
    other = hospital.signed_in("dana")
    other.goto("/lists/moved")
    other.get_by_role("navigation", name="Lists").get_by_role("link", name="Late reviews").click()
    expect(other.get_by_role("link", name="Kept, Kay").first).to_be_visible()

    do.press(page.locator("summary", has_text="Keep this list"))
    do.press(button(page, "Remove this saved list"))
    expect(page.get_by_role("heading", name=re.compile("Late reviews"))).to_have_count(0)
    expect(page.get_by_role("link", name="Late reviews")).to_have_count(0)
