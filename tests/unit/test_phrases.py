"""Rules in words, without any patient, and the names they are made of."""

import pytest

from engine.core.guards import Node
from engine.core.names import Names, lower, shown, upper
from engine.core.phrases import Phrases
from engine.core.values import exact
from tests.unit.builders import a_value, pathway
from tests.unit.expression import parsed

PHRASES = {
    "egfr < 60": "estimated GFR below 60 mL/min/1.73 m²",
    "not egfr < 60": "estimated GFR at least 60 mL/min/1.73 m²",
    "ab_mda5 == 'positive'": "anti-MDA5 antibody positive",
    "not (ab_mda5 == 'positive')": "anti-MDA5 antibody not positive",
    "clinical_course in ('stable', 'improving')": "clinical course stable or improving",
    "not clinical_course in ('stable', 'improving')": "clinical course not stable or improving",
    "line_start < enrolled": "start of the current line before date of enrolment",
    "since(fever_on) <= FEVER_DAYS": "newest fever at most 7 days ago (FEVER_DAYS)",
    "since(cond_on('active_infection')) > INF_DAYS": (
        "active infection recorded more than 28 days ago (INF_DAYS)"
    ),
    "rtx_days < 168": "days since the last rituximab dose below 168",
    "active('cni') and not cond('smoker')": "tacrolimus or ciclosporin running and smoker not recorded",
    "(egfr < 60 or cond('smoker')) and known('ab_ars')": (
        "(estimated GFR below 60 mL/min/1.73 m² or smoker recorded) and anti-ARS antibody (any) known"
    ),
    "not (cond('smoker') and cond('diabetes'))": "smoker not recorded or diabetes not recorded",
    "in_mon": "state is “Monitoring on treatment”",
    "not in_esc": "state is not “Escalation after progression” or “Escalation for rapidly progressive ILD”",
    "not progression": "not “progression”",
    "RP_COMBINATION": "setting RP_COMBINATION on",
    "not RP_COMBINATION": "setting RP_COMBINATION off",
    "count(cond('smoker'), cond('diabetes')) >= 1": "at least 1 of: smoker recorded; diabetes recorded",
    "vaccinated('flu', 365)": "influenza vaccine given within 365 days",
    "not vaccinated('flu', 365)": "influenza vaccine not given within 365 days",
    "blocked('tx.cyc')": "cyclophosphamide, monthly IV pulses blocked",
    "blocked_without('tx.cni', 'sbp')": (
        "tacrolimus or ciclosporin blocked apart from systolic blood pressure"
    ),
    "none_left('tx.mmf', 'tx.rtx')": (
        "all that would be offered of these are blocked: mycophenolate mofetil, rituximab"
    ),
    "not none_left('tx.mmf')": "not all that would be offered of these are blocked: mycophenolate mofetil",
    "after(date('egfr'), anchor)": (
        "last estimated GFR later than date before which worsening no longer counts"
    ),
    "fresh('rms')": (
        "maximal inspiratory pressure (magnitude) or sniff nasal pressure "
        "(magnitude) or fall in FVC lying vs "
        "sitting up to date"
    ),
    "attr('spo2_rest', 'o2_flow') == 0": "oxygen flow at the time (Resting SpO2) is 0 L/min",
    "True": "always",
    "alt >= 5 * ALT_ULN": "alanine aminotransferase at least 5 × 40 U/L (ALT_ULN)",
    "since(entered('monitor')) > 3": "last entry into “Monitoring on treatment” more than 3 days ago",
    "since(latest('anc', 'plt')) > 3": (
        "newest date of several items (neutrophils, platelets) more than 3 days ago"
    ),
    "days_between(enrolled, entry) > 3": (
        "days from date of enrolment to entry into the current state above 3"
    ),
}


@pytest.mark.parametrize(("text", "says"), PHRASES.items(), ids=PHRASES)
def test_a_rule_is_put_into_words(text: str, says: str) -> None:
    assert Phrases(Names(pathway())).of(parsed(text)) == says


VALUES = {
    "1 if rapid else (2 if anti_ars and not in_esc else 3)": (
        "1 if RP-ILD not yet treated, else 2 if anti-ARS antibody positive and "
        "state is not “Escalation after "
        "progression” or “Escalation for rapidly progressive ILD”, else 3"
    ),
    "PFT_INT": "91 days (PFT_INT)",
    "line + 1": "line of treatment + 1",
    "since(enrolled)": "days since date of enrolment",
    "count(cond('smoker'), cond('diabetes'))": "how many hold of: smoker recorded; diabetes recorded",
    "dose('gc_oral')": "dose of oral glucocorticoid (prednisone equivalent)",
    "started('gc_oral')": "start of oral glucocorticoid (prednisone equivalent)",
}


@pytest.mark.parametrize(("text", "says"), VALUES.items(), ids=VALUES)
def test_a_value_is_put_into_words(text: str, says: str) -> None:
    assert Phrases(Names(pathway())).value(parsed(text)) == says


def every_guard() -> list[tuple[str, Node]]:
    used = pathway()
    found = [(t, r.when) for t, r in used.transitions.items() if r.when is not None]
    found += [(a, r.when) for a, r in used.actions.items()]
    found += [(a, g) for a, r in used.actions.items() for g in (r.block_if, r.defer_if, r.caution_if) if g]
    return [*found, *used.criteria.items()]


def test_every_rule_of_the_pathway_has_words() -> None:
    phrases = Phrases(Names(pathway()))
    for name, node in every_guard():
        text = phrases.of(node) if node.kind == "boolean" else phrases.value(node)
        assert text, name
        assert "('" not in text, text


def test_names_fall_back_on_what_they_were_given() -> None:
    names = Names(pathway())

    assert names.of("nothing_of_ours") == "nothing_of_ours"
    assert names.fact("nothing_of_ours") == "nothing_of_ours"
    assert names.state("paused") == "paused"
    assert names.state("*") == "any state"
    assert names.datum("an FVC with a reference to compare with") == "An FVC with a reference to compare with"
    assert names.datum("birth_date") == "Date of birth"
    assert names.datum("o2_flow of spo2_rest") == "Oxygen flow at the time (Resting SpO2)"


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("FVC fall", "FVC fall"),
        ("Fall of FVC", "fall of FVC"),
        ("A fall", "a fall"),
        ("IgG", "IgG"),
        ("SpO2 at rest", "SpO2 at rest"),
        ("Anti-HBc", "anti-HBc"),
        ("", ""),
    ],
)
def test_a_sentence_goes_on_small_unless_it_begins_with_an_acronym(text: str, small: str) -> None:
    assert lower(text) == small


def test_values_are_shown_as_people_write_them() -> None:
    assert shown(None) == "not known"
    assert shown(True) == "yes"
    assert shown(exact("2.50")) == "2.5"
    assert shown(exact(1) / 3) == "0.33…"
    assert shown("rapidly_progressive") == "rapidly progressive"
    assert upper("fVC") == "FVC"
    assert a_value("egfr", 44)["unit"] == "mL/min/{1.73_m2}"
