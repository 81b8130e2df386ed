"""Files as other systems write them: whatever encoding, separator and decimal mark, and every fault named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import BadInput
from api.imports.cells import CellUnreadable, day, number, truth
from api.imports.entries import Entry, Whose
from api.imports.files import read
from api.imports.texts import LONGEST_LINE, neutral, unquoted
from api.wiring import Shelf
from engine.services.importing import Imported

VOCABULARY = Shelf().vocabulary
VISIT = "system,identifier,date,fvc_l [L],fvc_pp [%],grade\nhosp,7,2026-02-10,2.51,70,A\n"


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "file.csv"
    file.write_bytes(text.encode(encoding))
    return file


def rows(file: Path, kind: str) -> list[Entry | Imported]:
    with file.open("rb") as source:
        return list(read(source, kind, VOCABULARY, "x"))


def entries(file: Path, kind: str) -> list[Entry]:
    found = rows(file, kind)
    assert all(isinstance(one, Entry) for one in found), found
    return [one for one in found if isinstance(one, Entry)]


def problems(file: Path, kind: str) -> list[tuple[int, str, str]]:
    return [
        (one.number, problem.pointer, problem.code)
        for one in rows(file, kind)
        if isinstance(one, Imported)
        for problem in one.problems
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_any_common_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = "system,identifier,date,drug,op\nKrankenhaus Köln,Müller,2026-02-10,mmf,start\n"
    (entry,) = entries(written(tmp_path, text, encoding), "medicines")
    assert (entry.whose.system, entry.whose.identifier) == ("Krankenhaus Köln", "Müller")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_is_read(tmp_path: Path, separator: str) -> None:
    (entry,) = entries(written(tmp_path, VISIT.replace(",", separator)), "visits")
    assert entry.message["obs"] == [
        {"item": "fvc_l", "value": Decimal("2.51"), "unit": "L", "grade": "A"},
        {"item": "fvc_pp", "value": Decimal(70), "unit": "%", "grade": "A"},
    ]


def test_a_unit_is_that_of_the_column_however_it_is_capitalised(tmp_path: Path) -> None:
    text = "PATIENT;Date;FVC_L [mL];hb [g/dL];hrct_new_ggo;resp_change\np;10.02.2026;2510;13,5;yes;worse\n"
    (entry,) = entries(written(tmp_path, text), "visits")
    assert entry.message["effective"] == "2026-02-10"
    assert [tuple(one.values()) for one in entry.message["obs"]] == [
        ("fvc_l", Decimal(2510), "mL"),
        ("hb", Decimal("13.5"), "g/dL"),
        ("hrct_new_ggo", True),
        ("resp_change", "worse"),
    ]


def test_a_result_is_named_by_item_or_loinc(tmp_path: Path) -> None:
    text = "patient,date,item,value,unit,id\np,2026-02-10,hb,12.5,g/dL,r1\np,2026-02-10,718-7,125,g/L,r2\n"
    one, two = entries(written(tmp_path, text), "results")
    assert [entry.message["obs"][0]["item"] for entry in (one, two)] == ["hb", "hb"]
    assert [entry.message["id"] for entry in (one, two)] == ["csv:x:r1", "csv:x:r2"]


def test_the_same_row_is_the_same_event_and_another_value_is_another(tmp_path: Path) -> None:
    other = VISIT.replace("2.51", "2.52")
    ids = [entries(written(tmp_path, text), "visits")[0].message["id"] for text in (VISIT, VISIT, other)]
    assert ids[0] == ids[1] != ids[2]


def test_a_row_may_go_over_several_lines_and_empty_ones_are_passed_over(tmp_path: Path) -> None:
    text = 'system,identifier,date,drug,op\n\n"a\nb",1,2026-02-10,mmf,start\n,,,,\nh,2,2026-02-11,mmf,stop\n'
    assert [entry.number for entry in entries(written(tmp_path, text), "medicines")] == [3, 6]


def test_every_fault_of_every_row_is_told(tmp_path: Path) -> None:
    text = (
        "system;identifier;date;fvc_l [L];resp_change\n"
        ";;10/02/2026;2.510,3;\n"
        "h;1;2026-02-30;2,5;same\n"
        "h;1;2026-02-10;;\n"
        "h;1;;1.000.000;\n"
    )
    assert problems(written(tmp_path, text), "visits") == [
        (2, "identifier", "missing-field"),
        (2, "date", "bad-date"),
        (2, "fvc_l [l]", "bad-number"),
        (3, "date", "bad-date"),
        (4, "date", "missing-field"),
        (5, "date", "missing-field"),
        (5, "fvc_l [l]", "bad-number"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("", "visits", "no first line"),
        ('patient,"date\n', "visits", "Are all quotes closed"),
        ("patient,date,date\n", "visits", "twice: date"),
        ("date,fvc_l [L]\n", "visits", "needs the column patient"),
        ("patient,fvc_l [L]\n", "visits", "needs the columns date"),
        ("patient,date,fvc_l\n", "visits", r"no column fvc_l.*fvc_l \[L\]"),
        ("patient,date,fvc_l [pint]\n", "visits", "no column fvc_l"),
        ("patient,date,weather\n", "register", "needs the columns iim_dx"),
        ("patient,date,item,value,mood\n", "results", "no column mood"),
        ('patient,date,drug,op\np,2026-02-10,"mmf,start\n', "medicines", "Are all quotes closed"),
        ("patient,date,drug,op\np,2026-02-10,mmf,start,12,5\n", "medicines", "6 cells for 4 columns"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_is_refused_with_what_would_work(
    tmp_path: Path, text: str, kind: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        rows(written(tmp_path, text), kind)


def test_lines_of_json_are_messages_with_whose_they_are(tmp_path: Path) -> None:
    text = (
        '{"patient": "p", "id": "1", "type": "vax", "effective": "2026-02-10", "vaccine": "flu"}\n\n'
        '{"system": "h", "identifier": "1", "type": "obs", "obs": [{"value": 2.510}],'
        ' "check": {"sex": "male", "birth_date": "1970-01-02"}}\n'
    )
    one, two = entries(written(tmp_path, text), "ndjson")
    assert one.message == {"id": "1", "type": "vax", "effective": "2026-02-10", "vaccine": "flu"}
    assert (two.number, two.sex, two.birth_date) == (3, "male", date(1970, 1, 2))
    assert str(two.message["obs"][0]["value"]) == "2.510"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "not-json"),
        ('{"value": NaN}', "not-json"),
        ('{"patient": "p", "patient": "q"}', "not-json"),
        ('{"patient": "p", "obs": ' + "[" * 600 + "]" * 600 + "}", "not-json"),
        ('{"patient": "p", "n": ' + "1" * 6000 + "}", "not-json"),
        ('{"patient": ""}', "bad-field"),
        ('{"system": "h", "identifier": ""}', "bad-field"),
        ('{"system": "", "identifier": "1"}', "bad-field"),
        (f'{{"system": "h", "identifier": "{"9" * 201}"}}', "bad-field"),
        ('{"system": "h", "identifier": "\\ud800"}', "bad-text"),
        ('{"system": "h\\u0000", "identifier": "1"}', "bad-text"),
        ('{"patient": "\\ud800"}', "bad-text"),
        ('{"patient": "p", "check": {"sex": ["male"]}}', "bad-field"),
        ("[]", "not-an-object"),
        ("{}", "missing-field"),
        ('{"system": "h"}', "missing-field"),
        ('{"patient": 7}', "bad-field"),
        ('{"patient": "p", "check": {"name": "x"}}', "bad-field"),
        ('{"patient": "p", "check": {"birth_date": "x"}}', "bad-date"),
        ('{"patient": "p", "$number": "1"}', "bad-field"),
        ("[" * 100_000, "not-json"),
    ],
)
def test_a_line_that_is_no_message_is_told_and_the_next_is_read(tmp_path: Path, line: str, code: str) -> None:
    found = rows(written(tmp_path, f'{line}\n{{"patient": "p", "id": "1"}}\n'), "ndjson")
    assert isinstance(found[0], Imported)
    assert [problem.code for problem in found[0].problems] == [code]
    assert isinstance(found[1], Entry)


def test_a_cell_that_is_no_identifier_refuses_its_row_alone(tmp_path: Path) -> None:
    text = (
        f"system,identifier,date,drug,op\nh,{'9' * 201},2026-02-10,mmf,start\nh,a\0b,2026-02-10,mmf,start\n"
    )
    assert problems(written(tmp_path, text + "h,9,2026-02-10,mmf,start\n"), "medicines") == [
        (2, "identifier", "bad-field"),
        (3, "identifier", "bad-text"),
    ]


def test_names_of_patients_that_only_look_alike_are_different_ones() -> None:
    names = [Whose(None, "a\nb", "c"), Whose(None, "a", "b\nc"), Whose("a"), Whose(None, "p", "a")]
    assert len({name.key for name in names}) == len(names)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_that_is_too_long_is_one_line(tmp_path: Path, end: str) -> None:
    line = '{"patient": "p", "id": "1"}'
    for size in (LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1, 2 * LONGEST_LINE, 2 * LONGEST_LINE + 7):
        file = written(tmp_path, end.join([line, line + " " * (size - len(line)), line, ""]))
        found = rows(file, "ndjson")
        assert [one.number for one in found] == [1, 2, 3]
        assert [isinstance(one, Entry) for one in found] == [True, size < LONGEST_LINE, True]
        if isinstance(found[1], Imported):
            assert found[1].problems[0].code == "too-long"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000))
def test_a_number_is_read_exactly_with_either_mark(value: Decimal) -> None:
    text = str(value)
    assert str(number(text, "x")) == text
    assert number(text.replace(".", ","), "x") == value


@pytest.mark.parametrize("text", ["1.000", "2,510", "-12.345", "999,999"])
def test_what_is_a_thousand_to_some_is_read_only_by_the_mark_that_was_named(text: str) -> None:
    with pytest.raises(CellUnreadable) as refused:
        number(text, "x")
    assert refused.value.problem.code == "ambiguous-number"
    mark = "." if "." in text else ","
    assert number(text, "x", mark) == Decimal(text.replace(",", "."))
    with pytest.raises(CellUnreadable):
        number(text, "x", "," if mark == "." else ".")
    assert number("0.510", "x") == Decimal("0.51")


@pytest.mark.parametrize("text", ["1,000.5", "1.000,5", "1 000", "1e5", "½", "٣", "--1", ".", "1.", ""])
def test_what_could_be_read_in_two_ways_is_not_read(text: str) -> None:
    with pytest.raises(CellUnreadable):
        number(text, "x")


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_date_is_read_in_both_forms(value: date) -> None:
    assert day(value.isoformat(), "x") == day(f"{value:%d.%m.%Y}", "x") == value


def test_yes_and_no_are_read_and_nothing_else() -> None:
    assert truth("Yes", "x")
    assert not truth("0", "x")
    with pytest.raises(CellUnreadable):
        truth("perhaps", "x")


@given(st.text(max_size=20))
def test_no_spreadsheet_takes_what_we_write_for_a_formula_and_we_read_it_back(text: str) -> None:
    written_ = neutral(text)
    assert not written_.startswith(("=", "+", "-", "@", "\t", "\r"))
    if text == text.strip() and not text.startswith("'"):
        assert unquoted(written_) == text
