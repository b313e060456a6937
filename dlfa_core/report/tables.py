"""Tables as a reader wants them: numbers with few digits, intervals beside their values; as text, LaTeX and CSV."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dlfa_core.figures.sentences.numbers import thousandths
from dlfa_core.languages import UnknownLanguage, find
from dlfa_core.tables import INTERVAL

LONGEST = 200  # rows of a table that is written as LaTeX; longer ones are for CSV alone
_ENDS = ("_low", "_high")
_ESCAPES = str.maketrans(
    {each: f"\\{each}" for each in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$"}
)
_LATEX = r"""% needs \usepackage{{booktabs}}; for scripts other than Latin, use XeLaTeX or LuaLaTeX
{}"""


class Written(NamedTuple):
    """A table as text.

    Attributes:
        head: names of the columns.
        rows: their cells.
        is_number: of each column, whether its cells are numbers.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_number: tuple[bool, ...]


def written(table: pd.DataFrame) -> Written:
    """Return the cells of a table as text: languages by name, an interval as "0.62 [0.58, 0.66]" with its value."""
    columns = list(_columns(table))
    rows = tuple(zip(*(cells for _, cells, _ in columns), strict=True))
    return Written(tuple(name for name, _, _ in columns), rows, tuple(number for _, _, number in columns))


def latex(table: pd.DataFrame, caption: str, label: str) -> str:
    r"""Return a table as LaTeX with the rules of booktabs, to be \input.

    Args:
        caption: any text; like all cells it is escaped.
        label: for `\ref`, after "tab:"; letters, digits and hyphens.
    """
    text = written(table)
    frame = pd.DataFrame([[escaped(cell) for cell in row] for row in text.rows], columns=range(len(text.head)))
    frame.columns = pd.Index([escaped(name) for name in text.head])
    made = frame.style.hide(axis="index").to_latex(
        hrules=True,
        caption=escaped(caption),
        label=f"tab:{label}",
        position_float="centering",
        column_format="".join("r" if number else "l" for number in text.is_number),
    )
    return _LATEX.format(made)


def escaped(text: str) -> str:
    """Return a text on one line as LaTeX shows it letter by letter."""
    shown = " ".join(text.split()).translate(_ESCAPES)
    return f"{{}}{shown}" if shown[:1] in ("[", "*") else shown  # which would belong to the `\\` of the row above


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write tables as `NAME.csv`, and as `NAME.tex` where they have at most `LONGEST` rows, and return the files.

    Args:
        tables: by the name of their file.
        folder: made where it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [path for name, table in tables.items() for path in _write(name, table, folder)]


def _write(name: str, table: pd.DataFrame, folder: Path) -> Iterator[Path]:
    path = folder / f"{name}.csv"
    table.to_csv(path, index=False)
    yield path
    if len(table) <= LONGEST:
        path = folder / f"{name}.tex"
        path.write_text(latex(table, name.replace("-", " ").capitalize(), name), encoding="utf-8")
        yield path


def _columns(table: pd.DataFrame) -> Iterator[tuple[str, list[str], bool]]:
    """Yield the name of each column, its cells, and whether they are numbers."""
    ends = {name: tuple(f"{name}{end}" for end in _ENDS) for name in map(str, table)}
    ends["value"] = INTERVAL[1:]
    ends = {name: pair for name, pair in ends.items() if name in table and all(end in table for end in pair)}
    joined = {end for pair in ends.values() for end in pair}
    for name in map(str, table):
        if name in joined:
            continue
        cells = [_language(value) if name == "language" else _cell(value) for value in table[name]]
        if name in ends:
            low, high = ([_cell(value) for value in table[end]] for end in ends[name])
            cells = [f"{c} [{lo}, {hi}]" if lo and hi else c for c, lo, hi in zip(cells, low, high, strict=True)]
        yield name.replace("_", " "), cells, pd.api.types.is_numeric_dtype(table[name])


def _language(code: str) -> str:
    """The name of a language; what is none, such as "all", as it is."""
    try:
        return find(code).name
    except UnknownLanguage:
        return code


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(map(_cell, value))
    if pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return thousandths(float(value))
    return str(value).replace("-", "−") if isinstance(value, int | np.integer) else str(value)
