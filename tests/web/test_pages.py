"""Pages keep people safe: text stays text, forms are ours, and nothing that was typed is lost."""

import re

import pytest
from playwright.sync_api import Request, Route, expect

from engine.core.people import Membership, Role
from tests.web.hospital import PASSWORD, Hospital, loud, signs_in

SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def test_what_looks_like_script_is_text_everywhere(hospital: Hospital) -> None:
    patient = hospital.treated(SCRIPT)
    page = hospital.signed_in("dana")
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    decline = {
        "type": "decision",
        "effective": str(hospital.today),
        "pathway": "pm-ild",
        "decision": "decline",
    }
    hospital.tell(patient, {"id": "d1", "action": "vx.flu", "reason": SCRIPT, **decline})
    for address in (f"/patients/{patient}", f"/patients/{patient}/timeline", f"/patients/{patient}/print"):
        page.goto(address)
        expect(page.get_by_role("heading", name=SCRIPT)).to_be_visible()
        expect(page.locator("li", has_text=SCRIPT).first).to_contain_text("declined")
    page.goto("/patients")
    expect(page.get_by_role("link", name=SCRIPT)).to_be_visible()
    page.goto("/lists/overdue?subject=" + SCRIPT)
    assert page.locator("input[name=subject]").first.input_value() == SCRIPT
    page.goto("/lists/overdue")
    expect(page.get_by_role("link", name=SCRIPT).first).to_be_visible()


def test_a_form_without_its_token_is_refused(hospital: Hospital) -> None:
    patient = hospital.treated("Token, Tom")
    page = hospital.signed_in("dana")
    page.goto(f"/patients/{patient}/record/vax")
    page.eval_on_selector("#record input[name=form_token]", "field => field.remove()")
    page.get_by_label("Vaccine").select_option("flu")
    with page.expect_response(lambda answer: answer.url.endswith("/record/vax")) as answered:
        page.get_by_role("button", name="Record", exact=True).click()

    assert answered.value.status == 403
    expect(page.get_by_role("heading", name="This was not done")).to_be_visible()
    expect(page.get_by_role("button")).not_to_be_focused()
    with hospital.application.store.reading() as uow:
        assert len(uow.records.load(patient)) == 3


def test_a_page_of_another_site_is_not_there(hospital: Hospital) -> None:
    stranger = hospital.new("Far, Fay", site="south")
    page = hospital.signed_in("dana")
    for address in (
        f"/patients/{stranger}",
        f"/patients/{stranger}/record/vax",
        f"/patients/{stranger}/print",
    ):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        expect(page.get_by_text("Far, Fay")).to_have_count(0)


def test_a_session_that_ends_loses_nothing_that_was_typed(hospital: Hospital) -> None:
    patient = hospital.treated("Typing, Theo")
    page = hospital.signed_in("dana")
    page.goto(f"/patients/{patient}/record/override")
    page.get_by_label("To the state").select_option("recurrent.late")
    page.get_by_label("Reason").fill("seen at another hospital")
    page.context.clear_cookies()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("what you typed is kept")).to_be_visible()
    page.get_by_label("Login").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Show what I typed").click()

    expect(page.get_by_label("Reason")).to_have_value("seen at another hospital")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Late recurrence")).to_be_visible()


def test_a_tab_of_before_is_told_that_one_signed_in_anew(hospital: Hospital) -> None:
    patient = hospital.treated("Tabs, Tess")
    page = hospital.signed_in("dana")
    page.goto(f"/patients/{patient}/record/override")
    page.get_by_label("Reason").fill("seen at another hospital")
    page.context.clear_cookies()
    other = page.context.new_page()
    signs_in(other, "dana")
    page.get_by_label("To the state").select_option("recurrent.late")
    supposed = page.locator("#supposed")
    expect(supposed.get_by_role("alert")).to_contain_text("Press Record: what you typed is shown again.")
    expect(supposed.get_by_role("heading")).to_have_count(0)
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Show what I typed").click()
    expect(page.get_by_label("Reason")).to_have_value("seen at another hospital")


def test_a_tab_of_another_site_writes_nothing_at_this_one(hospital: Hospital) -> None:
    with hospital.application.store.writing() as uow:
        uow.people.grant(Membership("p-dana", "south", Role.CLINICIAN))
        uow.commit()
    page = hospital.signed_in("dana")
    page.goto("/patients")
    add = page.locator("form[action='/patients'][method=post]")
    page.get_by_text("Add a patient").click()
    add.locator("input[name=value]").fill("4711")
    add.locator("input[name=system]").fill("urn:test")
    other = page.context.new_page()
    other.goto("/")
    other.locator("details.me summary").click()
    other.get_by_role("button", name="Go there").click()
    expect(other.locator("details.me summary")).to_contain_text("South")
    add.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("You went on at another site")
    expect(page.get_by_role("alert")).to_contain_text("it is done at South")
    expect(page.get_by_text("4711")).to_be_visible()
    page.goto("/patients")
    expect(page.get_by_text("4711")).to_have_count(0)


def test_what_cannot_be_recorded_is_shown_again_with_what_is_wrong(hospital: Hospital) -> None:
    patient = hospital.treated("Wrong, Will")
    page = hospital.signed_in("cora")
    page.goto(f"/patients/{patient}/record/obs?panel=PFT%20lab")
    fvc = page.locator("fieldset", has=page.get_by_text("FVC", exact=True))
    fvc.get_by_label("Value", exact=True).fill("2400")
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("FVC 2400 L lies outside")
    expect(fvc.get_by_label("Value", exact=True)).to_have_value("2400")
    fvc.get_by_label("Unit of Value").select_option("mL")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Escalation after progression")).to_be_visible()


def test_without_script_everything_but_the_what_if_works(hospital: Hospital) -> None:
    patient = hospital.treated("Plain, Paul")
    page = hospital.signed_in("cora", script=False)
    page.goto(f"/patients/{patient}/record/vax")
    page.get_by_label("Vaccine").select_option("flu")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.get_by_text(re.compile("Influenza.* given", re.IGNORECASE))).to_be_visible()


def test_a_short_form_that_came_after_the_session_is_sent_once_more(hospital: Hospital) -> None:
    patient = hospital.treated("Short, Sue")
    page = hospital.signed_in("dana")
    page.goto(f"/patients/{patient}")
    lung = page.locator("article", has=page.get_by_role("heading", name="Lung function test"))
    lung.get_by_text("Do something about it").click()
    page.context.clear_cookies()
    lung.get_by_role("button", name="Mark as seen").click()
    page.get_by_label("Login").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it once more").click()
    expect(lung).to_contain_text("Seen by Dana")


def test_what_is_typed_before_the_script_is_there_is_supposed_all_the_same(hospital: Hospital) -> None:
    patient = hospital.treated("Early, Ed")
    page = hospital.signed_in("dana")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/htmx.min.js", hold)
    with page.expect_request("**/htmx.min.js"):
        page.goto(f"/patients/{patient}/record/obs?panel=PFT%20lab", wait_until="commit")
    value = page.locator("[name='value.fvc_l']")
    value.fill("2.4")
    value.press("Tab")
    waiting.pop().continue_()
    expect(page.locator("#supposed")).to_contain_text("with this event: escalation after progression")


@pytest.mark.parametrize("address", ["/", "/lists/moved"])
def test_lists_refresh_by_themselves_unless_somebody_is_at_work_in_them(
    hospital: Hospital, address: str
) -> None:
    names = "Known, Ken", "Fresh, Fred", "Later, Lea"
    hospital.treated(names[0])
    page = hospital.signed_in("dana")
    page.clock.install()
    page.goto(address)
    known, fresh, later = (page.get_by_role("link", name=name) for name in names)
    expect(known.first).to_be_visible()
    hospital.treated(names[1])
    page.clock.run_for(21_000)
    expect(fresh.first).to_be_visible()

    fresh.first.focus()
    hospital.treated(names[2])
    page.clock.run_for(21_000)
    page.wait_for_timeout(500)
    expect(later).to_have_count(0)
    expect(fresh.first).to_be_focused()


def test_a_page_that_is_left_alone_keeps_no_session_alive_and_stops_to_refresh(hospital: Hospital) -> None:
    hospital.treated("Known, Ken")
    page = hospital.signed_in("dana")
    page.clock.install()
    page.goto("/")
    asked: list[str | None] = []

    def note(request: Request) -> None:
        if "hx-request" in request.headers:
            asked.append(request.headers.get("careway-unattended"))

    page.on("request", note)
    for _ in range(10):
        page.clock.run_for(60_000)
        page.wait_for_timeout(200)
    assert set(asked) == {"1"}
    assert len(asked) <= 5 * 3
    page.mouse.move(50, 300)
    page.mouse.move(60, 310)
    with page.expect_request(lambda request: "hx-request" in request.headers):
        page.clock.run_for(21_000)


def test_a_refresh_that_fails_leaves_the_list_and_says_why(hospital: Hospital) -> None:
    hospital.treated("Known, Ken")
    page = hospital.signed_in("dana")
    page.clock.install()
    page.goto("/lists/overdue")
    known = page.get_by_role("link", name="Known, Ken").first
    page.remove_listener("console", loud)  # a status of 503 is what it is about

    def busy(route: Route) -> None:
        route.fulfill(status=503, content_type="text/plain", body="busy")

    page.route("**/lists/overdue", busy)
    page.clock.run_for(21_000)
    expect(page.get_by_role("alert")).to_contain_text("Careway does not answer")
    expect(known).to_be_visible()
    page.unroute("**/lists/overdue")
    page.clock.run_for(21_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(known).to_be_visible()
    page.context.clear_cookies()
    page.clock.run_for(21_000)
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(known).to_be_visible()
