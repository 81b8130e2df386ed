"""The trend as drawn: what was measured in which unit, from whom, and what counts of it."""

from api.web.plot import SHAPES, Trend
from api.web.trend import thresholds, trend
from tests.unit.builders import Patient, enrolled, when


def drawn(patient: Patient, day: int) -> Trend:
    found = trend(patient.at(day).evaluation)
    assert found is not None
    return found


def titles(found: Trend) -> list[list[str]]:
    return [[curve.title for curve in panel.curves] for panel in found.panels]


def test_nothing_measured_is_no_trend() -> None:
    assert trend(enrolled().at(10).evaluation) is None


def test_litres_and_percent_stand_below_each_other_over_the_same_days() -> None:
    patient = enrolled().fvc("3.00", pp="90", on=0).saw("dlco_pp", "70", on=0).fvc("2.40", on=200)
    found = drawn(patient, 210)

    percent, litres = found.panels
    assert titles(found) == [["FVC", "DLCO"], ["FVC"]]
    assert percent.bottom < litres.top
    assert [tick.label for tick in litres.down] == ["2.4 L", "2.6 L", "2.8 L", "3 L"]
    first, last = litres.points
    assert (first.x, last.y) == (percent.points[0].x, litres.bottom)
    assert first.y < last.y
    assert [row.value for row in found.figures] == ["2.4 L", "90 %", "70 %", "3 L"]


def test_litres_alone_are_a_trend() -> None:
    found = drawn(enrolled().fvc("3.00", on=0), 1)
    assert titles(found) == [["FVC"]]
    assert found.summary.startswith("FVC: 3 L on")


def test_each_source_has_a_shape_of_its_own_and_the_legend_names_those_there_are() -> None:
    patient = enrolled().fvc(pp="90", on=0, source="lab").fvc(pp="88", on=50, source="patient")
    found = drawn(patient, 60)
    lab, home = found.panels[0].points
    assert (lab.shape, home.shape) == (SHAPES[0], SHAPES[3])
    assert [(key.shape, key.title) for key in found.keys] == [(SHAPES[0], "lab"), (SHAPES[3], "patient")]


def test_what_does_not_count_is_drawn_hollow_and_no_curve_leads_there() -> None:
    patient = (
        enrolled()
        .fvc("3.00", on=0)
        .fvc("1.00", on=30)
        .fvc("2.90", on=60, grade="E")
        .fvc("2.80", on=90, source="lab")
        .fvc("2.70", on=90, source="patient")
    )
    found = drawn(patient, 100)
    (panel,) = found.panels
    assert [point.counts for point in panel.points].count(True) == 2
    assert len(panel.curves[0].path.split()) == 2
    assert {row.value: row.remark for row in found.figures} == {
        "3 L": "",
        "1 L": "waits to be verified",
        "2.9 L": "not used: quality grade, grade E",
        "2.8 L": "",
        "2.7 L": "not used: another value of that day counts",
    }


def test_a_value_at_which_something_would_change_is_a_line_in_its_own_unit() -> None:
    """A relative fall of 10 % is progression (spec section 5): of 3.00 L that is 2.70 L, of 90 % 81 %."""
    evaluation = enrolled().fvc("3.00", pp="90", on=0).treated(on=1).at(40).evaluation
    found = trend(evaluation, thresholds(evaluation))
    assert found is not None
    percent, litres = found.panels
    assert ["81 %" in line.title for line in percent.thresholds].count(True) == 1
    (line,) = (line for line in litres.thresholds if line.title == "2.7 L")
    assert line.says == "FVC 2.7 L or less today: Escalation after progression"
    assert litres.top <= line.y <= litres.bottom


def test_what_comes_later_than_the_day_looked_at_is_not_drawn() -> None:
    patient = enrolled().fvc("3.00", on=0).fvc("2.00", on=50)
    assert len(drawn(patient, 40).panels[0].points) == 1
    assert drawn(patient, 40).figures[0].date.endswith(str(when(0).year))


def test_labels_at_the_right_do_not_stand_upon_each_other() -> None:
    patient = enrolled().fvc(pp="70", on=0).saw("dlco_pp", "70", on=0)
    labels = [curve.label for curve in drawn(patient, 1).panels[0].curves]
    assert abs(labels[0] - labels[1]) >= 13
