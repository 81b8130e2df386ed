"""Broken pathway documents: version 1 with one small edit each, and the defects expected of them.

A defect is expected on the line where a given text begins (or where a `»` stands in it); in its path, `{id}`
stands for the number of that row.
"""

import re
from collections.abc import Iterable

from api.wiring import definition_defects
from tests.unit.builders import LIBRARY, vocabulary

FILE = "broken.yaml"
V1 = LIBRARY.document("pm-ild", "1")[1]

Edit = tuple[str, str]
"""What is replaced (once, it must stand there once), and what it is replaced by."""
Expected = tuple[str, str, str]
"""A text that begins on the line of the defect, the path, the sentence."""


def broken(*edits: Edit) -> str:
    text = V1
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in version 1"
        text = text.replace(old, new)
    return text


def defects(text: str) -> list[str]:
    """Return every defect of a document, as it is printed."""
    sources = LIBRARY.sources("pm-ild")
    found = definition_defects(
        text, FILE, lambda version: LIBRARY.definition("pm-ild", version), vocabulary(), sources
    )
    return [str(defect) for defect in found]


def line_of(text: str, mark: str) -> int:
    """Return the line on which a mark begins, or the line of the `»` inside it."""
    before, found, after = mark.partition("»")
    before, after = (before, after) if found else ("", mark)
    assert text.count(before + after) == 1, f"{mark!r} stands {text.count(before + after)} times"
    return text.count("\n", 0, text.index(before + after) + len(before)) + 1


def printed(text: str, expected: Iterable[Expected]) -> list[str]:
    return [f"{FILE}:{line_of(text, mark)}: {path_of(text, path)}: {says}" for mark, path, says in expected]


def path_of(text: str, path: str) -> str:
    """Return a path with `{id}` replaced by the place of that row in its section."""
    found = re.search(r"^(\w+)\.\{(.+?)\}", path)
    if found is None:
        return path
    section = re.search(rf"^{found[1]}:\n(.*?)(?=^\w|\Z)", text, re.M | re.S)
    assert section is not None
    ids = re.findall(r"^  - (?:schedule: \w+\n    )?id: (\S+)", section[1], re.M)
    return path.replace(f"{{{found[2]}}}", str(ids.index(found[2])))


Case = tuple[list[Edit], list[Expected]]

STRUCTURE: dict[str, Case] = {
    "a transition to a state that does not exist": (
        [("    to: escalate.standard\n", "    to: escalate.usual\n")],
        [
            (
                "  escalate.standard:",
                "states.escalate.standard",
                "the state escalate.standard cannot be reached from assess",
            ),
            ("    to: escalate.usual", "transitions.{T08}.to", "there is no state escalate.usual"),
        ],
    ),
    "a transition from a state that does not exist": (
        [("    from: [recurrent.*]\n    to: monitor\n", "    from: [relapse.*]\n    to: monitor\n")],
        [("    from: [relapse.*]", "transitions.{T12}.from", "there is no state relapse.*")],
    ),
    "a state nobody can reach": (
        [
            (
                "  recurrent.late:\n",
                "  resting:\n    title: At rest\n    enter: never\n    leave: never\n  recurrent.late:\n",
            )
        ],
        [
            ("  resting:", "states.resting", "the state resting cannot be reached from assess"),
            ("  resting:", "states.resting", "the state resting has no way out: no transition leaves it"),
        ],
    ),
    "a state with no way out": (
        [("    from: [first_line.*]\n", "    from: [first_line.non_progressive]\n")],
        [
            (
                "  first_line.progressive_severe:",
                "states.first_line.progressive_severe",
                "the state first_line.progressive_severe has no way out: no transition leaves it",
            )
        ],
    ),
    "an initial state that does not exist": (
        [("initial: assess\n", "initial: start\n")],
        [("initial: start", "initial", "there is no state start")],
    ),
    "two ways out of a state with the same prio": (
        [
            (
                '    when: "progression and not controlled"\n    prio: 4\n',
                '    when: "progression and not controlled"\n    prio: 3\n',
            )
        ],
        [
            (
                '    when: "progression and not controlled"\n»    prio: 3',
                "transitions.{T08}.prio",
                "T08 and T07 leave monitor with the same prio 3; say which is tried first",
            )
        ],
    ),
    "a way out without a prio": (
        [('    when: "is_active"\n    prio: 2\n', '    when: "is_active"\n    prio: null\n')],
        [
            (
                '    when: "is_active"\n»    prio: null',
                "transitions.{T04}.prio",
                "T04 needs a prio, which says when it is tried",
            ),
        ],
    ),
    "a second override": (
        [('    when: "is_active"\n', "    when: null\n")],
        [
            (
                "transitions:",
                "transitions",
                "exactly one transition must stand for a person's override (`when: null`)",
            ),
            ("  - id: T04", "transitions.{T04}", "only an override has neither a guard nor a target"),
        ],
    ),
    "a context variable nobody declared": (
        [('      line_rp: "rp_active"\n', '      line_rapid: "rp_active"\n')],
        [
            (
                "      line_rapid:",
                "transitions.{T04}.set.line_rapid",
                "there is no context variable line_rapid",
            )
        ],
    ),
    "a context variable that starts as another kind": (
        [("    kind: number\n    start: 0\n", "    kind: number\n    start: false\n")],
        [
            (
                "    kind: number\n»    start: false",
                "context.line.start",
                "`line` is a number and cannot start as this",
            )
        ],
    ),
    "a name used twice": (
        [("  in_assess:\n", '  kl6:\n    title: KL-6\n    when: "True"\n  in_assess:\n')],
        [("  kl6:\n    title", "criteria.kl6", "`kl6` is already an item")],
    ),
    "a group named as a drug": (
        [("  cni: [tac, csa]\n", "  cni: [tac, csa]\n  rtx: [cyc]\n")],
        [("  rtx: [cyc]", "groups.rtx", "`rtx` is already a drug")],
    ),
    "a composite named as an item": (
        [("composites:\n", "composites:\n  anc: \"fresh('plt')\"\n")],
        [("  anc: \"fresh('plt')\"", "composites.anc", "`anc` is already an item")],
    ),
    "a group with an unknown drug": (
        [("  cni: [tac, csa]\n", "  cni: [tac, csa, mtx]\n")],
        [("  cni: [tac, csa, mtx]", "groups.cni", "there is no drug mtx")],
    ),
    "a parameter that facts need": (
        [("  RP_ONSET:\n", "  RP_ONSET_DAYS:\n")],
        [
            ("\n»parameters:", "parameters", "the fact rp_on reads the unknown parameter RP_ONSET"),
            ("\n»parameters:", "parameters", "the fact rp_score reads the unknown parameter RP_ONSET"),
        ],
    ),
    "a parameter that the vocabulary needs": (
        [("  FVC_DELTA_PCT:\n", "  FVC_JUMP:\n")],
        [("\n»parameters:", "parameters", "the item fvc_l needs the parameter FVC_DELTA_PCT")],
    ),
    "a tier that is no criterion": (
        [("tier: tier\n", "tier: grade\n")],
        [("tier: grade", "tier", "there is no criterion grade")],
    ),
    "an administrative step nobody explains": (
        [("    op: resume\n", "    op: pause\n")],
        [
            ("status_changes:", "status_changes", "exactly one row must say what `pause` does; there are 2"),
            ("status_changes:", "status_changes", "exactly one row must say what `resume` does; there are 0"),
        ],
    ),
}
