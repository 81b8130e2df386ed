"""The strict reader: nothing is guessed, numbers keep their digits, every defect has its line."""

import json
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field

from engine.core.definition import PathwayDefinition
from engine.core.values import Frozen, Number
from engine.errors import Defect, DocumentRefused
from pathways import reader
from pathways.library import Library
from pathways.reader import Document, load_definition, read_yaml, validated

V1 = Library().definition("pm-ild")
FAST = reader.FAST_PARSER
PARSERS = {"pure": None, **({"fast": FAST} if FAST is not None else {})}


@pytest.fixture(autouse=True, params=PARSERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with every parser there is: a document must not mean something else elsewhere."""
    monkeypatch.setattr(reader, "FAST_PARSER", PARSERS[request.param])


def read(text: str) -> Any:
    return read_yaml(text, "a.yaml").value


def defects(text: str) -> tuple[Defect, ...]:
    with pytest.raises(DocumentRefused) as refused:
        read_yaml(text, "a.yaml")
    return refused.value.defects


def lines(text: str) -> list[str]:
    return [str(d) for d in defects(text)]


# ── values ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        *(
            "NO",
            "no",
            "Yes",
            "on",
            "off",
            "y",
            "True",
            "FALSE",
            "Null",
            "~",
            "12:30",
            "190:20:30",
            "010",
            "0o17",
        ),
        *(
            "0x1F",
            "0b1",
            "1_000",
            "+1",
            ".5",
            "5.",
            ".inf",
            ".nan",
            "-.inf",
            "1e",
            "2024-01-08",
            "2024-01-08 10:00",
        ),
        *("T01", "1.2.3", "10*9/L", "mm[Hg]", "- a", "=", "1 2", "01.5", "-", "e3", "٣"),
    ],
)
def test_what_json_would_not_write_as_a_value_is_text(text: str) -> None:
    if text == "- a":
        assert read("a:\n  - a") == {"a": ["a"]}
    elif text == "-":
        assert read("a: '-'") == {"a": "-"}
    else:
        assert read(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("null", None), ("true", True), ("false", False)),
        *(("0", 0), ("-7", -7), ("730", 730)),
        *(
            ("1.10", Decimal("1.10")),
            ("2.50", Decimal("2.50")),
            ("0.1", Decimal("0.1")),
            ("-0.0", Decimal("-0.0")),
        ),
        *(("1e3", Decimal("1e3")), ("1.5E-2", Decimal("0.015")), ("10.197", Decimal("10.197"))),
    ],
)
def test_numbers_and_words_are_read_as_json_writes_them(text: str, value: object) -> None:
    found = read(f"a: {text}")["a"]

    assert found == value
    assert type(found) is type(value)
    if isinstance(value, Decimal):
        assert str(found) == str(Decimal(text))


@pytest.mark.parametrize("text", ["1.10", "null", "true", "12", "", "2024-01-08", "<<", "a: b # c"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_stands_in_quotes_is_text(text: str, quote: str) -> None:
    assert read(f"a: {quote}{text}{quote}") == {"a": text}


def test_block_text_is_text_and_folded_lines_are_joined_by_one_space() -> None:
    assert read("a: >-\n  x == 1\n  or y\nb: |\n  12\n") == {"a": "x == 1 or y", "b": "12\n"}


@pytest.mark.parametrize(
    "key", ["on", "NO", "12:30", "010", "1.10", "null", "2024-01-08", "T01", "first_line.*"]
)
def test_a_key_is_always_text(key: str) -> None:
    assert read(f"{key}: 1") == {key: 1}


def test_a_byte_order_mark_and_line_ends_of_windows_change_nothing() -> None:
    assert read("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n") == {"a": 1, "b": "x\ny\n"}
    assert lines("a: 1\r\n\r\na: 2\r\n")[0].startswith("a.yaml:3: a: ")


@given(st.integers(-(10**18), 10**18), st.integers(0, 12))
def test_a_number_keeps_every_digit(digits: int, places: int) -> None:
    text = format(Decimal(digits).scaleb(-places), "f")

    found = read(f"[{text}]")[0]

    assert format(found, "f" if places else "d") == text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_json_is_read_as_json_means_it(value: Any) -> None:
    assert read(json.dumps(value)) == value


# ── refusals ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "line", "path", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a", "twice in one mapping; first on line 1"),
        ("a:\n  x: 1\n  'x': 2\n", 3, "a.x", "twice in one mapping; first on line 2"),
        ("a: {01: x, 01: y}", 1, "a.01", "twice"),
        ("a: !!str 1\n", 1, "a", "the tag !!str"),
        ("x: 1\na: !!python/object:os.system {}\n", 2, "a", "the tag !!python/object:os.system"),
        ("a: ! x\n", 1, "a", "the tag !"),
        ("!!map {a: 1}\n", 1, "(document)", "the tag !!map"),
        ("a: &x 1\n", 1, "a", "&x"),
        ("a: 1\n<<: {b: 2}\n", 2, "(document)", "merge key"),
        ("a: 1\n---\nb: 2\n", 2, "(document)", "a second document"),
        ("# x\n%YAML 1.1\n---\na: 1\n", 2, "(document)", "directive"),
        ("%TAG ! tag:example.org,2000:\n---\na: 1\n", 1, "(document)", "directive"),
        ("a:\nb: 1\n", 1, "a", "nothing is written here"),
        ("a:\n  - 1\n  -\n  - 3\n", 3, "a.1", "nothing is written here"),
        ("? [1]\n: 2\n", 1, "(document)", "a key must be text"),
        ("a: 1\nb:\n\tc: 1\n", 3, "(document)", "a tab"),
        ("a: 'x\ty'\n", 1, "(document)", "a tab"),
        ('a: "\\0"\n', 1, "a", "U+0000"),
        ("a: 1\nb: \x07\n", 2, "(document)", "U+0007"),
        ("a: 1\u2028b: 2\n", 1, "(document)", "U+2028"),
        ("a: [x, 12:30]\n", 1, "", ""),
        (f"a: {'9' * 60}\n", 1, "a", "too long"),
        ("a: 1\nb: 1e9999999\n", 2, "b", "too long"),
        ("", 1, "(document)", "empty"),
        ("# only a comment\n", 1, "(document)", "empty"),
        ("just text\n", 1, "(document)", "a mapping or a list"),
        ("a: b: c\n", 1, "", "quotes"),
        ("a: 1\nb: @x\n", 2, "b", "quotes"),
        ("a: 1\n  b: 2\n", 2, "", "quotes"),
        ("a: [1, 2\nb: 1\n", 2, "", ""),
        ('a: "x\n', 2, "a", "never closed"),
        ("a: 'x' y\n", 1, "", "indentation"),
        ("[" * 60 + "]" * 60, 1, "", "levels"),
    ],
)
def test_a_refusal_names_file_line_path_and_reason(text: str, line: int, path: str, words: str) -> None:
    first = defects(text)[0]

    assert (first.file, first.line) == ("a.yaml", line)
    assert not path or first.path == path
    assert words in first.text
    assert str(first).startswith(f"a.yaml:{line}: ")


def test_an_alias_is_refused_where_it_stands_and_a_bomb_is_never_expanded() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )

    found = defects(bomb)

    assert {d.line for d in found} == set(range(1, 10))
    assert any("*a refers to another place" in d.text for d in found)


def test_all_defects_are_found_at_once() -> None:
    assert lines("a: &x 1\nb: !!int 2\na: 3\nc:\nd: ok\n") == [
        "a.yaml:1: a: &x names a place to be copied; remove it",
        "a.yaml:2: b: the tag !!int is not read; remove it",
        "a.yaml:3: a: this key stands twice in one mapping; first on line 1",
        "a.yaml:4: c: nothing is written here; write a value, null, or '' for empty text",
    ]


NASTY = st.text(st.sampled_from("ab1:-[]{}'\"#&*!|>%@`,? \n\t\\<é~.0\x00\u2028"), max_size=40)


@given(NASTY | st.text(max_size=40))
@example("--- a\n...\nb\n")
@example("a: *\n")
@example("%YAML 9.9\n---\n")
@example("\r0")
def test_any_text_is_read_or_refused_never_a_traceback(text: str) -> None:
    found: tuple[Defect, ...] = ()
    try:
        document = read_yaml(text, "a.yaml")
    except DocumentRefused as refused:
        found = refused.defects
    else:
        assert isinstance(document, Document)
        return
    assert found
    assert all(1 <= d.line <= text.count("\n") + 1 and d.text for d in found)


@pytest.mark.skipif(FAST is None, reason="the fast parser (ruamel.yaml.clib) is not installed")
@given(NASTY)
def test_both_parsers_agree(text: str) -> None:
    def outcome() -> Any:
        try:
            return read_yaml(text, "a.yaml")
        except DocumentRefused:
            return "refused"

    chosen = reader.FAST_PARSER
    try:
        reader.FAST_PARSER = FAST
        fast = outcome()
        reader.FAST_PARSER = None
        assert outcome() == fast
    finally:
        reader.FAST_PARSER = chosen


# ── lines ───────────────────────────────────────────────────────────────────────────────────────


def test_a_path_knows_its_line_and_an_unknown_one_the_line_above_it() -> None:
    document = read_yaml("a: 1\n\nb:\n  - x: 1\n    y: >-\n      long\n  - {z: 3}\n", "a.yaml")

    assert document.line(()) == 1
    assert document.line(("b",)) == 3
    assert document.line(("b", 0)) == 4
    assert document.line(("b", 0, "y")) == 5
    assert document.line(("b", 1, "z")) == 7
    assert document.line(("b", 1, "z", "deeper", 4)) == 7
    assert document.line(("b", 9)) == 3
    assert document.line(("nothing",)) == 1


# ── validation ──────────────────────────────────────────────────────────────────────────────────


class Small(Frozen):
    kind: Literal["small"]
    size: Number
    names: tuple[str, ...] = ()


class Large(Frozen):
    kind: Literal["large"]
    weight: int
    label: str = Field(default="x", alias="as")


class Whole(Frozen):
    version: str
    flag: bool = False
    either: bool | Number = False
    parts: tuple[Small | Large, ...] = Field(default=())
    tagged: tuple["Tagged", ...] = ()
    table: dict[str, Small] = {}


class Tagged(Frozen):
    part: Small | Large = Field(discriminator="kind")


def refusals(text: str) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        validated(read_yaml(text, "a.yaml"), Whole, "a.yaml")
    return [str(d) for d in refused.value.defects]


def test_a_fitting_document_becomes_the_model_with_tuples_and_exact_numbers() -> None:
    text = "version: '1'\nflag: true\ntagged:\n  - part: {kind: small, size: 1.10, names: [a, b]}\n"

    whole = validated(read_yaml(text, "a.yaml"), Whole, "a.yaml")

    part = whole.tagged[0].part
    assert isinstance(part, Small)
    assert str(part.size) == "1.10"
    assert part.names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\n", ['a.yaml:1: version: must be text, not 1; put it in quotes, as "1"']),
        ("version: 1.10\n", ['a.yaml:1: version: must be text, not 1.10; put it in quotes, as "1.10"']),
        ("flag: true\n", ["a.yaml:1: version: is missing"]),
        ("version: true\n", ['a.yaml:1: version: must be text, not true; put it in quotes, as "true"']),
        ("version: ''\nflag: null\n", ["a.yaml:2: flag: must be true or false, not null"]),
        ("version: {a: 1}\n", ["a.yaml:1: version: must be text, not a mapping"]),
        ("- 1\n", ["a.yaml:1: (document): must be a mapping (lines of `key: value`), not a list"]),
        (
            f"version: a\nflag: {'x' * 80}\n",
            [f"a.yaml:2: flag: must be true or false, not '{'x' * 60}…'"],
        ),
        ("version: a\nflag: 'true'\n", ["a.yaml:2: flag: must be true or false, not 'true'"]),
        ("version: a\nflags: true\n", ["a.yaml:2: flags: is not known here; did you mean flag?"]),
        (
            "version: a\nzzz: true\n",
            ["a.yaml:2: zzz: is not known here; use version, flag, either, parts, tagged, table"],
        ),
        (
            "version: a\ntable: [1]\n",
            ["a.yaml:2: table: must be a mapping (lines of `key: value`), not a list"],
        ),
        ("version: a\nparts: x\n", ["a.yaml:2: parts: must be a list, not 'x'"]),
        (
            "version: a\neither: [1]\n",
            [
                "a.yaml:2: either: must be true or false, not a list, or (1,) is not a number written as "
                "text, an integer or a decimal"
            ],
        ),
        (
            "version: a\ntagged:\n  - part:\n      kind: large\n      weight: 1.5\n      lable: x\n",
            [
                "a.yaml:5: tagged.0.part.weight: must be a whole number, not 1.5",
                "a.yaml:6: tagged.0.part.lable: is not known here; use kind, weight, as",
            ],
        ),
        (
            "version: a\ntagged:\n  - part: {kind: huge}\n",
            ["a.yaml:3: tagged.0.part: 'kind' must be one of 'small', 'large', not 'huge'"],
        ),
        (
            "version: a\ntagged:\n  - part: {size: 1}\n",
            ["a.yaml:3: tagged.0.part: 'kind' is missing; it says which kind this is"],
        ),
        (
            "version: a\ntable:\n  one: {kind: smal, size: 1}\n",
            ["a.yaml:3: table.one.kind: must be 'small', not 'smal'"],
        ),
    ],
)
def test_each_place_that_does_not_fit_is_one_defect_in_plain_words(text: str, expected: list[str]) -> None:
    assert refusals(text) == expected


def test_defects_come_in_order_of_lines() -> None:
    text = "table:\n  b: {kind: small, size: x}\nflag: 1\nversion: 2\n"
    assert [int(d.split(":")[1]) for d in refusals(text)] == [2, 3, 4]


# ── pathway documents ───────────────────────────────────────────────────────────────────────────

CHANGES = 'extends: "1"\nversion: "3"\nlabel: ours\n'


def changed(text: str, base: PathwayDefinition | None = V1) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        load_definition(text, "v3.yaml", base)
    return [str(d) for d in refused.value.defects]


def test_a_document_that_extends_changes_the_named_values_and_nothing_else() -> None:
    ours = load_definition(
        f"{CHANGES}parameters:\n  FVC_MAJOR_REL: 12.5\n  RP_COMBINATION: true\n", "v3.yaml", V1
    )

    assert (ours.version, ours.label, ours.title, ours.id) == ("3", "ours", V1.title, V1.id)
    assert ours.parameters["FVC_MAJOR_REL"].value == Decimal("12.5")
    assert ours.parameters["RP_COMBINATION"].value is True
    assert ours.parameters["FVC_MAJOR_REL"].meaning == V1.parameters["FVC_MAJOR_REL"].meaning
    assert ours.actions == V1.actions
    assert V1.parameters["FVC_MAJOR_REL"].value == 10


def test_a_document_that_extends_may_have_its_own_title_and_status() -> None:
    text = (
        f"{CHANGES}title: Ours\ncontent: {{status: approved, approved_by: Dr A, review_by: '2027-01-31'}}\n"
    )
    ours = load_definition(text, "v3.yaml", V1)

    assert ours.title == "Ours"
    assert (ours.content.status, ours.content.approved_by) == ("approved", "Dr A")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "parameters:\n  FVC_MAYOR_REL: 12\n",
            "v3.yaml:5: parameters.FVC_MAYOR_REL: version '1' has no such parameter; "
            "did you mean FVC_MAJOR_REL?",
        ),
        (
            "parameters:\n  FVC_MAJOR_REL: true\n",
            "v3.yaml:5: parameters.FVC_MAJOR_REL: must be a number, not true",
        ),
        (
            "parameters:\n  FVC_MAJOR_REL: '12'\n",
            "v3.yaml:5: parameters.FVC_MAJOR_REL: must be a number, not '12'",
        ),
        (
            "parameters:\n  RP_COMBINATION: 1\n",
            "v3.yaml:5: parameters.RP_COMBINATION: must be true or false, not 1",
        ),
        (
            "actions: []\n",
            "v3.yaml:4: actions: is not known here; use extends, version, label, title, content, parameters",
        ),
    ],
)
def test_a_document_that_extends_may_change_values_of_known_parameters_only(text: str, expected: str) -> None:
    assert changed(CHANGES + text) == [expected]


def test_all_wrong_overrides_are_named_at_once() -> None:
    wrong = "  A_B: 1\n  RP_COMBINATION: null\n  FVC_MAJOR_REL: yes\n  LOOKBACK: [1]\n"
    text = f"{CHANGES}lable: x\nparameters:\n{wrong}"

    assert changed(text) == [
        "v3.yaml:4: lable: is not known here; did you mean label?",
        "v3.yaml:6: parameters.A_B: version '1' has no such parameter",
        "v3.yaml:7: parameters.RP_COMBINATION: must be true or false, not null",
        "v3.yaml:8: parameters.FVC_MAJOR_REL: must be a number, not 'yes'",
        "v3.yaml:9: parameters.LOOKBACK: must be a number, not a list",
    ]


def test_what_a_document_extends_must_be_given() -> None:
    assert changed(CHANGES, None) == ["v3.yaml:1: extends: extends version '1', but no version was given"]
    other = V1.model_copy(update={"version": "2"})
    assert changed(CHANGES, other) == [
        "v3.yaml:1: extends: extends version '1', but the version given is '2'"
    ]


def test_defects_of_a_whole_pathway_name_its_lines() -> None:
    with pytest.raises(DocumentRefused) as refused:
        load_definition("format: 2\nid: x\nactions:\n  - id: a\n    whne: x\n", "v1.yaml")

    found = {str(d) for d in refused.value.defects}
    assert "v1.yaml:1: format: must be 1, not 2" in found
    assert "v1.yaml:5: actions.0.whne: is not known here; did you mean when?" in found
    assert "v1.yaml:4: actions.0.kind: is missing" in found
