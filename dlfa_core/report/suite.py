"""The table of a benchmark for a paper: LaTeX with the rules of booktabs, ours above, published rows below."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.benchmark import MODES
from dlfa_core.figures.suite import PARTIAL, Cell, Layout, partial_said, published_table, suite_table
from dlfa_core.report.tables import escaped

if TYPE_CHECKING:
    from dlfa_core.experiments import benchmark

_NEEDS = r"% needs \usepackage{booktabs}; as wide as a page, so in a table* where there are two columns"


def latex_suite(result: "benchmark.Result") -> str:
    r"""Return the table of a benchmark as LaTeX, to be \input; all text of it is escaped."""
    ours, published = suite_table(result), published_table()
    n = 2 + len(ours.columns)
    caption = (
        f"XTREME-R with {result.meta['model']}, in per cent, with 95 % intervals. {MODES[result.meta['mode']]} "
        f"{PARTIAL} not the benchmark's own score. {_reasons('Here', ours)} {_reasons('Published', published)}"
    )
    lines = [
        _NEEDS,
        r"\begin{table*}",
        r"\centering",
        r"\small",
        rf"\caption{{{escaped(caption)}}}",
        r"\label{tab:xtreme-r}",
        rf"\begin{{tabular}}{{l{'r' * (n - 1)}}}",
        r"\toprule",
        *_head(ours),
        r"\midrule",
        *_rows(ours),
        r"\midrule",
        rf"\multicolumn{{{n}}}{{l}}{{Published by others: other weights and data, fine-tuned}} \\",
        *_rows(published),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table*}",
    ]
    return "\n".join([*lines, ""])


def _reasons(where: str, layout: Layout) -> str:
    said = "; ".join(partial_said(layout))
    return f"{where}: {said}." if said else ""


def _head(layout: Layout) -> Iterator[str]:
    """Groups with a rule below each, then titles, then metrics."""
    yield " & ".join(["", "", *(rf"\multicolumn{{{n}}}{{c}}{{{escaped(name)}}}" for name, n in layout.groups)]) + r" \\"
    start, rules = 3, []
    for _, n in layout.groups:
        rules.append(rf"\cmidrule(lr){{{start}-{start + n - 1}}}")
        start += n
    yield " ".join(rules)
    yield " & ".join(["", "Average", *(escaped(title) for title, _ in layout.columns)]) + r" \\"
    yield " & ".join(["", "", *(escaped(metric) for _, metric in layout.columns)]) + r" \\"


def _rows(layout: Layout) -> Iterator[str]:
    for label, cells in layout.lines:
        yield " & ".join([escaped(label), *map(_cell, cells)]) + r" \\"


def _cell(cell: Cell) -> str:
    if not cell.interval:
        return escaped(cell.value)
    return rf"\shortstack[r]{{{escaped(cell.value)}\\{{\tiny {escaped(cell.interval)}}}}}"
