"""The papers' printed tables: which rows follow from the formula, and which are feasible."""

from __future__ import annotations

import json

import pytest

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.records import Arrays
from fairtrial.problems.exhibits.printed import printed_exhibit, printed_table
from fairtrial.problems.printed import PrintedRows, printed_rows, with_printed
from fairtrial.problems.problem import Problem
from tests.problems.files import EXAMPLES, compiled, example


def rows_of(problem: Problem, text: str | None = None) -> PrintedRows:
    pack = with_printed(
        Arrays({}, {}),
        problem,
        lambda name: (EXAMPLES / name).read_bytes() if text is None else text.encode(),
    )
    found = printed_rows(pack)
    assert found is not None
    return found


def test_wastewater_rows() -> None:
    """Eleven of thirty do not follow from the formula, and only rows 1 and 9 are feasible."""
    problem = example("wastewater")
    table = printed_table(problem, rows_of(problem))
    assert len(table) == 30
    wrong = [int(row) for row in table.loc[~table["follows"], "row"]]
    assert wrong == [2, 3, 4, 9, 10, 11, 12, 17, 25, 26, 28]
    assert table.loc[table["feasible"], "row"].tolist() == ["1", "9"]


def test_storage_tank_rows() -> None:
    """Rows 6, 16 and 17 do not follow; each row has a volume of its own."""
    problem = example("storage_tank")
    table = printed_table(problem, rows_of(problem))
    assert len(table) == 20
    assert table.loc[~table["follows"], "row"].tolist() == ["6", "16", "17"]
    assert table.loc[table["feasible"], "row"].tolist() == ["1"]


def test_the_sentence_names_the_rows() -> None:
    """A reader is told how many and which, and how many miss a limit."""
    problem = example("wastewater")
    told = json.loads(printed_exhibit(problem, rows_of(problem))["figure.json"])["caption"]
    assert "11 of 30 rows do not follow from the formula within 0.02 %: 2, 3, 4, 9, 10" in told
    assert "28 of 30 miss a limit; only 1 and 9 keep all." in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("row,x1,x2,objective\n1,1,1,1\n", r"line 1: expected .* found no x3"),
        ("row,x1,x2,x3,objective\n1,1,1,1\n", r"line 2: expected 5 cells, found 4"),
        ("row,x1,x1,x2,x3,objective\n1,1,1,1,1,1\n", r"line 1: expected different headings"),
        ("row,x1,x2,x3,objective\n", r"expected a heading and rows, found 1 row"),
        ('row,x1,x2,x3,objective\n1,"1,1,1,1\n', r"expected a CSV in UTF-8"),
        ("row,x1,x2,x3,objective\n1,1,1,one,1\n", r"line 2 \(x3\): expected a number"),
        ("row,x1,x2,x3,objective\n1,1,1,nan,1\n", r"line 2 \(x3\): expected a number"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(text: str, told: str) -> None:
    """File, line and cell."""
    with pytest.raises(DataError, match=told):
        rows_of(example("wastewater"), text)


def test_a_problem_without_a_table_has_none_to_show() -> None:
    """Nothing is stored, and asking for the figure is refused."""
    text = "name: p\ntitle: P\nsource: a test\nvariables:\n  x: {lower: 1, upper: 2}\n"
    problem = compiled(text + "objective: {minimise: x}\n")
    pack = with_printed(Arrays({}, {}), problem, lambda name: b"")
    assert printed_rows(pack) is None
    with pytest.raises(ConfigError, match="evaluate.exhibits: printed"):
        printed_exhibit(problem, None)
