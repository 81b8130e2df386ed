"""Recording, deciding and noting on a patient's page in a real browser, with a mouse and by the keyboard."""

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from api.web import words
from tests.web.hands import Hands
from tests.web.hospital import Hospital
from tests.web.test_journeys import BOTH, Hand, button, inside

FLU = re.compile("nfluenza")
LUNG = re.compile("Lung function test")
SCRIPT = "<img src=x onerror=alert(1)>"


def at(page: Page, title: re.Pattern[str]) -> Locator:
    """Return the card of an action or a review."""
    return page.locator("article.card", has=page.get_by_role("heading", name=title)).first


def opened(page: Page, do: Hands, title: re.Pattern[str]) -> Locator:
    """Return the same, with what may be done about it."""
    card = at(page, title)
    do.press(card.get_by_text("Do something about it"))
    return card


def said(on: date) -> str:
    return words.day(on)


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


@BOTH
def test_an_action_is_declined_with_a_reason_that_is_shown_as_it_was_written(
    hospital: Hospital, hands: Hand
) -> None:
    patient = hospital.treated("Decline, Dee")
    page, do = inside(hospital, "dana", hands)
    page.goto(f"/patients/{patient}")
    card = opened(page, do, FLU)
    do.press(button(card, "Decline"))
    expect(card.locator("input[name=reason]:invalid").first).to_be_visible()
    do.write(card.get_by_label("Reason, needed to decline"), SCRIPT)
    do.press(button(card, "Decline"))
    do.press(page.get_by_text("kept off this list by decisions"))
    expect(page.get_by_text(f"declined on {said(hospital.today)}, {SCRIPT}")).to_be_visible()
    expect(at(page, FLU)).to_have_count(0)


@BOTH
def test_what_is_open_is_put_off_not_done_and_handed_over(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Later, Lou")
    page, do = inside(hospital, "dana", hands)
    page.goto(f"/patients/{patient}")
    until, far = hospital.today + timedelta(days=7), hospital.today + timedelta(days=70)
    card = opened(page, do, LUNG)
    do.write(card.get_by_label("Put off until"), str(far))
    do.write(card.get_by_label("Why").first, "laboratory shut")
    do.press(button(card, "Put off"))
    expect(card.locator("input[name=until]:invalid")).to_be_visible()
    do.write(card.get_by_label("Put off until"), str(until))
    do.press(button(card, "Put off"))
    expect(at(page, LUNG)).to_contain_text(f"Put off until {said(until)}: laboratory shut")

    card = opened(page, do, LUNG)
    do.choose(card.get_by_label("Not done, because"), "patient not reached")
    do.press(button(card, "Not done"))
    expect(at(page, LUNG)).to_contain_text("Not done, patient not reached: Dana")

    card = opened(page, do, FLU)
    do.choose(card.get_by_label("Hand over to"), "Lena")
    do.write(card.get_by_label("Why").last, "while Dana is away")
    do.press(button(card, "Hand over"))
    expect(at(page, FLU).locator("p.facts")).to_contain_text("Lena")


@BOTH
def test_what_was_typed_is_there_again_when_somebody_was_faster(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Stale, Stella")
    page, do = inside(hospital, "dana", hands)
    page.goto(f"/patients/{patient}")
    card = opened(page, do, FLU)
    do.write(card.get_by_label("Reason, needed to decline"), "had it at work")
    hospital.tell(patient, {"id": "c9", "type": "vax", "effective": hospital.ago(2), "vaccine": "covid"})
    do.press(button(card, "Decline"))
    expect(page.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    do.press(button(page, "Show what I typed"))
    reason = at(page, FLU).get_by_label("Reason, needed to decline")
    expect(reason).to_have_value("had it at work")
    do.press(button(at(page, FLU), "Decline"))
    do.press(page.get_by_text("kept off this list by decisions"))
    expect(page.get_by_text("had it at work")).to_be_visible()


@BOTH
def test_a_treatment_is_started_and_stopped_and_drawn(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Treat, Tia")
    page, do = inside(hospital, "dana", hands)
    begun, ended = date.fromisoformat(hospital.ago(20)), date.fromisoformat(hospital.ago(5))

    def tell(what: str, on: date) -> None:
        page.goto(f"/patients/{patient}/record?pathway=pm-ild")
        do.press(page.get_by_role("link", name="A treatment", exact=True))
        do.write(page.get_by_label("Date it was true"), str(on))
        do.choose(page.get_by_label("Drug"), "Azathioprine")
        do.choose(page.get_by_label("What happened"), what)
        do.press(button(page, "Record"))

    tell("started", begun)
    lane = page.locator("g.lane", has_text="Azathioprine")
    expect(lane.locator("rect")).to_have_count(1)
    expect(lane).to_contain_text(f"{said(begun)} to now")
    tell("stopped", ended)
    expect(lane).to_contain_text(f"{said(begun)} to {said(ended)}")
    do.press(page.get_by_role("link", name="Timeline", exact=True))
    expect(page.get_by_text("Azathioprine stopped")).to_be_visible()


@BOTH
def test_an_enrolment_is_paused_and_resumed(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Pause, Paula")
    page, do = inside(hospital, "cora", hands)
    for what, days, shown in (("pause: nobody is reminded", 3, 1), ("resume", 0, 0)):
        page.goto(f"/patients/{patient}/record/admin?pathway=pm-ild")
        do.write(page.get_by_label("Date it was true"), hospital.ago(days))
        do.choose(page.get_by_label("What", exact=True), what)
        do.write(page.get_by_label("Reason", exact=True), "abroad")
        do.press(button(page, "Record"))
        expect(page.locator("p.facts strong", has_text="paused")).to_have_count(shown)


@BOTH
def test_what_is_withdrawn_takes_its_step_with_it(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Undo, Una")
    fall = {"type": "obs", "effective": hospital.ago(40), "source": "lab"}
    fall |= {"obs": [{"item": "fvc_l", "value": 2, "unit": "L"}]}  # type: ignore[dict-item]
    hospital.tell(patient, {"id": "f2", **fall})
    hospital.tell(patient, {"id": "v2", "type": "verify", "effective": hospital.ago(40), "target": "f2"})
    page, do = inside(hospital, "cora", hands)
    page.goto(f"/patients/{patient}/timeline")
    event = page.locator("li.obs", has_text="FVC 2 L")
    do.press(event.get_by_text("Put it right"))
    do.press(button(event, "Withdraw"))
    expect(page.get_by_text(f"FVC 2 L of {said(date.fromisoformat(hospital.ago(40)))}")).to_be_visible()
    do.write(page.get_by_label("Reason"), "another patient's")
    do.press(button(page, "Record"))

    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    expect(page.get_by_text("late or corrected data changed this history")).to_be_visible()
    do.press(page.get_by_role("link", name="Timeline", exact=True))
    expect(event.get_by_text("withdrawn since")).to_be_visible()
    expect(event.get_by_text("Put it right")).to_have_count(0)


@BOTH
def test_a_correction_is_corrected(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Twice, Tess")
    page, do = inside(hospital, "cora", hands)
    page.goto(f"/patients/{patient}/timeline")
    for before, after in (("72 %", "75"), ("75 %", "77")):
        event = page.locator("li", has_text=before).first
        do.press(event.get_by_text("Put it right"))
        do.press(button(event, "Correct"))
        field = page.locator("[name='value.fvc_pp']")
        do.write(field, after)
        do.press(button(page, "Record"))
        do.press(page.get_by_role("link", name="Timeline", exact=True))
    expect(page.get_by_text("77 %").first).to_be_visible()


@BOTH
def test_one_looks_back_and_comes_back(hospital: Hospital, hands: Hand) -> None:
    patient = hospital.treated("Back, Bob")
    hospital.tell(
        patient, {"id": "s1", "type": "med", "effective": hospital.ago(9), "drug": "mmf", "op": "stop"}
    )
    page, do = inside(hospital, "dana", hands)
    page.goto(f"/patients/{patient}")
    now = page.locator("#where").inner_text()
    before = hospital.ago(100)
    do.write(page.get_by_label("As of"), before)
    do.press(button(page, "Look back"))
    expect(page.get_by_role("status")).to_contain_text(f"Seen as of {said(date.fromisoformat(before))}")
    expect(page.get_by_role("heading", name="Monitoring on treatment")).to_be_visible()
    for act in ("Do something about it", "Record something", "Change the care team"):
        expect(page.get_by_text(act)).to_have_count(0)
    do.press(page.get_by_role("link", name="Back to today", exact=True))
    expect(page.get_by_role("link", name="Record something", exact=True)).to_be_visible()
    expect(page.locator("#where")).to_have_text(now)
