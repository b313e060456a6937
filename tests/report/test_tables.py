"""Tables as text and as LaTeX: intervals beside values, rules of booktabs, and no cell that LaTeX reads as commands."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.report.tables import LONGEST, escaped, latex, write_tables, written

BACK = {r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", "$-$": "−"}
BACK |= {f"\\{each}": each for each in "&%$#_{}"}
COMMAND = re.compile("|".join(map(re.escape, sorted(BACK, key=len, reverse=True))))
TABLE = pd.DataFrame(
    {
        "language": ["eng", "50 % & more_"],
        "value": [0.6212, -0.5],
        "ci_low": [0.58, np.nan],
        "ci_high": [0.66, np.nan],
        "gain": [-0.01, 0.0],
        "gain_low": [-0.02, -0.1],
        "gain_high": [0.0004, 0.1],
        "layer": pd.array([3, None], dtype="Int64"),
        "same": [True, False],
    }
)


def unescaped(text: str) -> str:
    return COMMAND.sub(lambda found: BACK[found[0]], text.removeprefix("{}"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_unescaping_gives_the_cell_back(text):
    assert unescaped(escaped(text)) == " ".join(text.split())


@given(st.text("&%$#_{}~^\\[]*ab −"))
def test_nothing_in_a_cell_is_read_as_latex(text):
    bare = COMMAND.sub("", escaped(text).removeprefix("{}"))
    assert not set(bare) & set("&%$#_{}~^\\")
    assert not escaped(text).startswith(("[", "*"))


def test_intervals_stand_beside_their_values():
    text = written(TABLE)
    assert text.head == ("language", "value", "gain", "layer", "same")
    assert text.rows == (
        ("English", "0.621 [0.580, 0.660]", "−0.010 [−0.020, 0.000]", "3", "yes"),
        ("50 % & more_", "−0.500", "0.000 [−0.100, 0.100]", "", "no"),
    )
    assert text.is_number[:4] == (False, True, True, True)


@given(st.lists(st.tuples(st.text("ab&%_"), st.floats(-1, 1), st.integers(-9, 9)), min_size=1, max_size=5))
def test_latex_has_the_rules_of_booktabs_and_every_cell(rows):
    table = pd.DataFrame(rows, columns=["a_name", "number", "count"])
    lines = latex(table, "100 % of it", "some-table").splitlines()
    top, middle, bottom = (lines.index(rf"\{rule}rule") for rule in ("top", "mid", "bottom"))
    assert middle == top + 2
    body = [line.removesuffix(r" \\").split(" & ") for line in lines[middle + 1 : bottom]]
    assert [[unescaped(cell) for cell in row] for row in body] == [
        [" ".join(cell.split()) for cell in row] for row in written(table).rows
    ]
    assert lines[top + 1] == r"a name & number & count \\"
    assert r"\begin{tabular}{lrr}" in lines
    assert r"\caption{100 \% of it}" in lines
    assert r"\label{tab:some-table}" in "".join(lines)


def test_an_empty_table_is_a_table_too():
    assert r"\toprule" in latex(TABLE.head(0), "", "t")


def test_long_tables_are_written_as_csv_alone(tmp_path):
    long = pd.DataFrame({"x": range(LONGEST + 1)})
    files = write_tables({"short": TABLE, "long": long}, tmp_path / "new")
    assert [path.name for path in files] == ["short.csv", "short.tex", "long.csv"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "long.csv"), long)
    assert latex(TABLE, "Short", "short") == (tmp_path / "new" / "short.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize(("value", "shown"), [((1, 2), "1, 2"), (np.array([0.5]), "0.500"), (None, ""), ("−1", "−1")])
def test_other_cells_are_told_too(value, shown):
    table = pd.DataFrame({"x": pd.Series([value], dtype=object)})
    assert written(table).rows == ((shown,),)
