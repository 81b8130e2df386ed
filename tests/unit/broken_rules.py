"""Broken pathway documents, continued: rules, expressions, and documents that do not even fit their model."""

from tests.unit.broken import Case

RULES: dict[str, Case] = {
    "a red flag without a trigger": (
        [('    trigger: "fever_on"\n', "")],
        [
            (
                "  - id: rf.infection",
                "actions.{rf.infection}",
                "rf.infection is urgent and needs a `trigger` date",
            )
        ],
    ),
    "an action that needs an unknown item": (
        [("    needs: [igra, hbsag, anc, alc, hb, egfr, preg]\n", "    needs: [igra, hiv]\n")],
        [("    needs: [igra, hiv]", "actions.{tx.jaki}.needs", "tx.jaki needs the unknown item hiv")],
    ),
    "a priority that does not exist": (
        [('    prio: "0 if potassium >= 6.0 else 1"\n', '    prio: "0 if potassium >= 6.0 else 9"\n')],
        [
            (
                '    prio: "0 if potassium >= 6.0 else 9"',
                "actions.{rf.potassium}.prio",
                "there is no priority 9; it is one of 0, 1, 2, 3, 4",
            )
        ],
    ),
    "an action without a source": (
        [
            (
                "    rationale:\n      - says: add-on\n        seed: [S18]\n"
                "    seed: [S18, S19, S20, S38]\n    cite: [seed, ivig_label]\n",
                "",
            )
        ],
        [("  - id: tx.ivig", "actions.{tx.ivig}", "tx.ivig has no source: give `cite` or `seed`")],
    ),
    "a statement the article does not make": (
        [("    seed: [S24, S39]\n", "    seed: [S24, S99]\n")],
        [("    seed: [S24, S99]", "transitions.{T06}.seed", "T06 names the unknown statement S99")],
    ),
    "a source that is not in the list": (
        [("    cite: [seed, schnabel_2003]\n", "    cite: [seed, schnable_2003]\n")],
        [("    cite: [seed, schnable_2003]", "actions.{tx.cyc}.cite", "there is no source schnable_2003")],
    ),
    "a parameter with a source that is not in the list": (
        [
            (
                "    meaning: percentage-point decline in dlco_pp\n    cite: [ppf_2022]\n",
                "    meaning: percentage-point decline in dlco_pp\n    cite: [ppf]\n",
            )
        ],
        [("    cite: [ppf]", "parameters.DLCO_ABS.cite", "there is no source ppf")],
    ),
    "a review without an interval for everyone": (
        [
            (
                '      - when: "True"\n        days: "365"\n',
                '      - when: "not in_mon"\n        days: "365"\n',
            )
        ],
        [
            (
                "    id: exertion\n    title: SpO2 on exertion\n    items: [spo2_exert]\n"
                "    last: newest\n    first_due: 28\n"
                "    cite: [acr_monitor_2023]\n»    intervals:",
                "reviews.{exertion}.intervals",
                "exertion: the last interval must apply always (`True`)",
            )
        ],
    ),
    "a review whose last phase ends": (
        [
            (
                "    drug: rtx\n    items: [igg]\n    baseline: true\n    phases: [{days: 168}]\n",
                "    drug: rtx\n    items: [igg]\n    baseline: true\n"
                "    phases: [{days: 168, until: 500}]\n",
            )
        ],
        [
            (
                "    phases: [{days: 168, until: 500}]",
                "reviews.{tox.rtx_igg}.phases",
                "tox.rtx_igg: the last phase must have no end",
            )
        ],
    ),
    "a review without intervals, phases or items": (
        [
            ("    phases: [{days: 56, until: 56}, {days: 365}]\n", "    phases: []\n"),
            ("    items: [egfr, hb]\n", "    items: []\n"),
        ],
        [
            ("    phases: []", "reviews.{tox.jaki_lipids}.phases", "must not be empty"),
            ("    items: []", "reviews.{tox.ivig}.items", "must not be empty"),
        ],
    ),
    "a review of an unknown item": (
        [("    item: dxa_t\n", "    item: dexa\n")],
        [
            (
                "  - »schedule: cycle\n    id: gc.bone",
                "reviews.{gc.bone}",
                "gc.bone looks for the unknown item dexa",
            )
        ],
    ),
    "a review of an unknown drug": (
        [("    drug: other_is\n", "    drug: mtx\n")],
        [("    drug: mtx", "reviews.{tox.other_is}.drug", "tox.other_is watches the unknown drug mtx")],
    ),
    "a reminder for a review that does not exist": (
        [("      applies: [pft, tox.*, clinical]\n", "      applies: [pft, toxic.*, clinical]\n")],
        [
            (
                "      applies: [pft, toxic.*, clinical]",
                "ladder.reviews.5.applies",
                "no review matches toxic.*",
            )
        ],
    ),
    "reminders out of order": (
        [("    - step: reminder\n      offset: -7\n", "    - step: reminder\n      offset: 7\n")],
        [("  short_below: 60\n»  reviews:", "ladder.reviews", "steps must stand in order of their offset")],
    ),
    "short reminders out of order": (
        [("      offset: -7\n      short: -1\n", "      offset: -7\n      short: -4\n")],
        [("  short_below: 60\n»  reviews:", "ladder.reviews", "steps must stand in order of their offset")],
    ),
    "reviews told together that do not exist": (
        [("    reviews: [tox.*, gc.metabolic]\n", "    reviews: [tox.*, gc.metabolism]\n")],
        [
            (
                "    reviews: [tox.*, gc.metabolism]",
                "ladder.together.reviews",
                "no review matches gc.metabolism",
            )
        ],
    ),
    "a risk factor that is no fact": (
        [("  - fact: bal_neut\n", "  - fact: bal_neutrophils\n")],
        [("  - fact: bal_neutrophils", "risk_factors.1.fact", "there is no fact bal_neutrophils")],
    ),
    "a statement carried by a rule that does not exist": (
        [("    where: [T06, T07, T12, tx.cni]\n", "    where: [T06, T77, T12, tx.cni]\n")],
        [
            (
                "    where: [T06, T77, T12, tx.cni]",
                "coverage.S39.where",
                "there is no rule, fact, parameter or event T77",
            )
        ],
    ),
    "a declared conflict about a parameter that does not exist": (
        [("    parameters: [FIRST_LINE_AZA]\n", "    parameters: [FIRST_AZA]\n")],
        [("    parameters: [FIRST_AZA]", "conflicts.{C5}.parameters", "there is no parameter FIRST_AZA")],
    ),
    "a declared conflict about a rule that does not exist": (
        [("    where: [rev.gc_taper]\n", "    where: [rev.taper]\n")],
        [("    where: [rev.taper]", "conflicts.{C3}.where", "there is no rule or state rev.taper")],
    ),
}


EXPRESSIONS: dict[str, Case] = {
    "an unknown name in a guard": (
        [('    when: "is_active"\n', '    when: "is_activ"\n')],
        [
            (
                '    when: "is_activ"',
                "transitions.{T04}.when",
                "`is_activ` is not an item, parameter, criterion or fact",
            )
        ],
    ),
    "a code an item never has": (
        [("hrct_ggo == 'extensive'", "hrct_ggo == 'extensiv'")],
        [
            (
                "    when: \"hrct_ggo == 'extensiv'",
                "criteria.ggo_ext.when",
                "hrct_ggo can never be 'extensiv'; it is one of none, limited, extensive",
            )
        ],
    ),
    "two kinds compared": (
        [('"bal_neut_pct > BAL_NEUT"', "\"bal_neut_pct > 'many'\"")],
        [
            (
                "    when: \"bal_neut_pct > 'many'\"",
                "criteria.bal_neut.when",
                "`bal_neut_pct > 'many'` compares a number with a code",
            )
        ],
    ),
    "an unknown function": (
        [("\"not vaccinated('flu', 365)\"", "\"not immunised('flu', 365)\"")],
        [('    when: "not immunised', "actions.{vx.flu}.when", "there is no function `immunised`")],
    ),
    "a wrong number of arguments": (
        [("\"not vaccinated('flu', 365)\"", "\"not vaccinated('flu')\"")],
        [
            (
                "    when: \"not vaccinated('flu')\"",
                "actions.{vx.flu}.when",
                "`vaccinated('flu')`: vaccinated takes vaccine, days",
            )
        ],
    ),
    "criteria in a circle": (
        [
            ('"prog and not alt_active"', '"prog and not rp_active"'),
            ("or (rp_score >= 2 and not alt_active)", "or progression"),
        ],
        [
            (
                '    when: "prog and not rp_active"',
                "criteria.progression.when",
                "criteria refer to each other in a circle: progression → rp_active → progression",
            )
        ],
    ),
    "an action that asks whether it is blocked itself": (
        [("    block_if: \"cond('anti_iga')\"", "    block_if: \"blocked('tx.ivig')\"")],
        [
            (
                "    block_if: \"blocked('tx.ivig')\"",
                "actions.{tx.ivig}.block_if",
                "this asks about itself: block_if of tx.ivig → block_if of tx.ivig",
            )
        ],
    ),
    "an action that is due when nothing else is left": (
        [
            (
                "      or (in_mon and not is_active and not cond('gc_only_agreed'))\n    block_if",
                "      or no_option\n    block_if",
            )
        ],
        [
            (
                "  no_option:\n    title: Every immunosuppressant that would be offered is blocked\n"
                "»    when: >-",
                "criteria.no_option.when",
                "this asks about itself: no_option → when of tx.mmf → no_option",
            )
        ],
    ),
    "a composite that looks at itself": (
        [("fresh('mip') or fresh('snip')", "fresh('rms') or fresh('snip')")],
        [("  rms: \"fresh('rms')", "composites.rms", "this asks about itself: rms → rms")],
    ),
    "a guard that is no condition": (
        [('    when: "is_active"\n', '    when: "gc_dose"\n')],
        [
            (
                '    when: "gc_dose"',
                "transitions.{T04}.when",
                "`gc_dose` gives a number, but a boolean is needed here",
            )
        ],
    ),
    "a trigger that is no date": (
        [('    trigger: "fever_on"\n', '    trigger: "since(fever_on)"\n')],
        [
            (
                '    trigger: "since(fever_on)"',
                "actions.{rf.infection}.trigger",
                "`since(fever_on)` gives a days, but a date is needed here",
            )
        ],
    ),
    "an interval that is no number": (
        [
            (
                '      - when: "in_rapid or rp_active or rp_watch"\n        days: "PFT_INT_CONFIRM"\n',
                '      - when: "in_rapid or rp_active or rp_watch"\n        days: "RP_COMBINATION"\n',
            )
        ],
        [
            (
                '        days: "RP_COMBINATION"',
                "reviews.{pft}.intervals.0.days",
                "`RP_COMBINATION` gives a boolean, but a number is needed here",
            )
        ],
    ),
    "an expression that is none": (
        [('    when: "is_active"\n', '    when: "is_active and"\n')],
        [('    when: "is_active and"', "transitions.{T04}.when", "`is_active and` is not an expression")],
    ),
    "several things at once": (
        [
            ('    when: "is_active"\n', '    when: "is_active and"\n'),
            ("    to: recurrent.late\n", "    to: recurrent.later\n"),
            ('    trigger: "fever_on"\n', ""),
            ("    needs: [igra, hbsag, anc, alc, hb, egfr, preg]\n", "    needs: [igra, hiv, hcv]\n"),
            ("hrct_ggo == 'extensive'", "hrct_ggo == 'extensiv'"),
            ("    cite: [seed, schnabel_2003]\n", "    cite: [seed, schnable_2003]\n"),
        ],
        [
            (
                "    when: \"hrct_ggo == 'extensiv'",
                "criteria.ggo_ext.when",
                "hrct_ggo can never be 'extensiv'; it is one of none, limited, extensive",
            ),
            (
                "  recurrent.late:",
                "states.recurrent.late",
                "the state recurrent.late cannot be reached from assess",
            ),
            ('    when: "is_active and"', "transitions.{T04}.when", "`is_active and` is not an expression"),
            ("    to: recurrent.later", "transitions.{T06}.to", "there is no state recurrent.later"),
            ("    needs: [igra, hiv, hcv]", "actions.{tx.jaki}.needs", "tx.jaki needs the unknown item hiv"),
            ("    needs: [igra, hiv, hcv]", "actions.{tx.jaki}.needs", "tx.jaki needs the unknown item hcv"),
            ("    cite: [seed, schnable_2003]", "actions.{tx.cyc}.cite", "there is no source schnable_2003"),
            (
                "  - id: rf.infection",
                "actions.{rf.infection}",
                "rf.infection is urgent and needs a `trigger` date",
            ),
        ],
    ),
}

DOCUMENTS: dict[str, Case] = {
    "an unknown field": (
        [("    block_if: \"cond('anti_iga')\"", "    blocked_if: \"cond('anti_iga')\"")],
        [("    blocked_if:", "actions.{tx.ivig}.blocked_if", "is not known here; did you mean block_if?")],
    ),
    "a field that is missing": (
        [("    title: Oxygen assessment\n", "")],
        [("  - »id: sup.o2", "actions.{sup.o2}.title", "is missing")],
    ),
    "a field of the wrong type": (
        [("    window_from: 7\n", "    window_from: 7.5\n")],
        [("    window_from: 7.5", "reviews.{tox.cyc_nadir}.window_from", "must be a whole number, not 7.5")],
    ),
    "a number where text is due": (
        [('version: "1"\n', "version: 1\n")],
        [("version: 1", "version", 'must be text, not 1; put it in quotes, as "1"')],
    ),
    "a word that YAML would take for a truth": (
        [
            (
                "    reason_required: false\n    cite: [eng]\n  - id: A02",
                "    reason_required: no\n    cite: [eng]\n  - id: A02",
            )
        ],
        [("    reason_required: no", "status_changes.0.reason_required", "must be true or false, not 'no'")],
    ),
    "a kind of review there is not": (
        [("  - schedule: dose\n", "  - schedule: doses\n")],
        [
            (
                "  - »schedule: doses",
                "reviews.{tox.cyc_nadir}",
                "'schedule' must be one of 'interval', 'course', 'dose', 'cycle', not 'doses'",
            )
        ],
    ),
    "text that is not YAML": (
        [("    title: Oxygen assessment\n", "    title: Oxygen: assessment\n")],
        [
            (
                "    title: Oxygen: assessment",
                "actions.{sup.o2}",
                "there is a second ': ' on this line; put the text in quotes",
            )
        ],
    ),
}
