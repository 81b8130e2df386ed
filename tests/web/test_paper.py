"""What is printed: the same on a sheet of paper, where nothing scrolls and nothing can be opened."""

from playwright.sync_api import expect

from tests.web.addresses import LONG
from tests.web.hospital import Hospital

A4 = {"width": 718, "height": 1040}
"""A sheet without its margins, in points of the screen."""


def test_nothing_is_cut_off_or_shut_on_paper(hospital: Hospital) -> None:
    patient = hospital.treated(LONG)
    page = hospital.signed_in("dana")
    page.goto(f"/patients/{patient}/print")
    page.wait_for_load_state("networkidle")
    page.emulate_media(media="print")
    page.set_viewport_size(A4)  # type: ignore[arg-type]
    cut = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(".scrolls")]
            .filter((each) => each.scrollWidth > each.clientWidth + 1)
            .map((each) => each.getAttribute("aria-label") || "the page")"""
    )
    assert cut == []
    for drawing in page.locator("svg").all():
        box = drawing.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= A4["width"]
    expect(page.get_by_role("region", name="Readings")).to_be_visible()
    expect(page.locator("details:not([open]):visible")).to_have_count(0)
    for name in ("Today", "Sign out", "Record something"):
        expect(page.get_by_text(name, exact=True).locator("visible=true")).to_have_count(0)
