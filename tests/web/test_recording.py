"""Recording, deciding and noting on a patient's page in a real browser, with a mouse and by the keyboard."""

import re

from playwright.sync_api import expect

from tests.web.hospital import Hospital
from tests.web.test_journeys import BOTH, Hand, button, inside


@BOTH
def test_a_new_patient_is_added_and_enrolled(hospital: Hospital, hands: Hand) -> None:
    page, do = inside(hospital, "cora", hands)
    do.press(page.get_by_role("link", name="Add one", exact=True))
    do.press(page.get_by_text("Add a patient"))
    adding = page.locator("details.keep")
    do.write(adding.get_by_label("Number or name"), "New, Nina")
    do.write(adding.get_by_label("of the system"), "register")
    do.press(button(page, "Add and enrol"))
    expect(page.get_by_role("heading", name="Enrolment on a pathway")).to_be_visible()
    do.choose(page.get_by_label("Type of idiopathic"), "PM")
    do.choose(page.get_by_label("Interstitial lung disease is confirmed"), "yes")
    do.choose(page.get_by_label("Sex"), "female")
    do.write(page.get_by_label("Date of birth"), "1970-02-01")
    do.press(button(page, "Record"))
    expect(page.get_by_role("heading", name="New, Nina")).to_be_visible()
    expect(page.get_by_role("heading", name="Assessment")).to_be_visible()
    expect(page.locator("header.patient")).to_contain_text(re.compile("register"))
