"""The table of a benchmark in its own layout: systems as rows, tasks by group as columns, and published rows apart."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.experiments.training import fusion_label
from dlfa_core.figures.published import published_suite
from dlfa_core.figures.sentences.numbers import between, plain
from dlfa_core.tables import Interval, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import benchmark

NOTHING = "–"
PARTIAL = "*"  # behind a score that is not the benchmark's own
SYSTEM_LABELS = {
    "last": "Last layer",
    "dlfa": "DLFA, layer by the dev set",
    "control": "Best plainer fusion, by the dev set",
}
_METRICS = {
    "accuracy": "Acc.",
    "retrieval_cosine": "Acc.",
    "map_20": "mAP@20",
    **dict.fromkeys(("pos_f1", "span_f1", "squad_f1", "mlqa_f1"), "F1"),
    **dict.fromkeys(("squad_em", "mlqa_em"), "EM"),
}


class Cell(NamedTuple):
    """A score in per cent.

    Attributes:
        value: "65.4", "65.4*" where it is partial, "52.1 / 40.3" of two metrics.
        interval: "[63.0, 67.8]" of the mean over the metrics; "" where there is none.
        of: what was scored, such as "layer 9"; "" where the row says it.
        partial: why it is not the benchmark's own score; "" where it is.
    """

    value: str
    interval: str = ""
    of: str = ""
    partial: str = ""


class Layout(NamedTuple):
    """A table whose first column is the average over all tasks.

    Attributes:
        groups: each with how many columns it has.
        columns: title and metric of each task.
        lines: the name of each system with its cells, the average first.
    """

    groups: tuple[tuple[str, int], ...]
    columns: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


def suite_table(result: "benchmark.Result") -> Layout:
    """Return what was computed here."""
    metrics, averages = result.metrics.copy(), result.averages.copy()
    lines = []
    for system, label in SYSTEM_LABELS.items():
        values = metrics[metrics["system"] == system].groupby("task", sort=False)["value"].agg(list).to_dict()
        own = result.cells[result.cells["system"] == system].to_dict("records")
        found = {row["task"]: _scored(row, values[row["task"]]) for row in own}
        if found:
            over_all = averages[averages["system"] == system].iloc[-1]
            lines.append((label, _line(_average(over_all), found)))
    return _layout(lines)


def published_table() -> Layout:
    """Return what others published; nothing of it is averaged, as no system has all tasks in all languages."""
    lines = []
    for system, rows in published_suite().groupby("system", sort=False):
        found = dict(_published(rows))
        lines.append((str(system), _line(Cell(NOTHING), found)))
    return _layout(lines)


def partial_said(layout: Layout) -> Iterator[str]:
    """Yield why scores are partial, task by task, each reason once."""
    for column, (title, _) in enumerate(layout.columns, start=1):
        reasons = dict.fromkeys(cells[column].partial for _, cells in layout.lines)
        if said := " / ".join(filter(None, reasons)):
            yield f"{title}: {said}"


def _layout(lines: Iterable[tuple[str, tuple[Cell, ...]]]) -> Layout:
    groups = [task.group for task in XTREME_R.values()]
    counted = tuple((name.capitalize(), groups.count(name)) for name in dict.fromkeys(groups))
    columns = tuple((task.title, " / ".join(_METRICS[name] for name in task.metrics)) for task in XTREME_R.values())
    return Layout(counted, columns, tuple(lines))


def _line(average: Cell, found: Mapping[str, Cell]) -> tuple[Cell, ...]:
    return average, *(found.get(task, Cell(NOTHING)) for task in XTREME_R)


def _average(row: Record[Interval]) -> Cell:
    return Cell(NOTHING) if pd.isna(row["value"]) else Cell(percent(row["value"]), interval(row))


def _scored(row: "Record[benchmark.CellColumns]", values: list[float]) -> Cell:
    written = " / ".join(map(percent, values))
    layer = "" if pd.isna(row["layer"]) else f"layer {row['layer']}"
    fusion = fusion_label(row["fusion"], row["weight"]) if row["system"] != "last" else ""
    of = ", ".join(filter(None, [fusion, layer]))
    return Cell(f"{written}{PARTIAL if row['partial'] else ''}", interval(row), of, row["partial"])


def _published(rows: pd.DataFrame) -> Iterator[tuple[str, Cell]]:
    for row in rows.to_dict("records"):
        task = XTREME_R[row["task"]]
        written = " / ".join(percent(row["value"]) if name == row["measure"] else NOTHING for name in task.metrics)
        fewer = row["n_languages"] < len(task.languages)
        partial = f"{row['n_languages']} of {len(task.languages)} languages" if fewer else ""
        yield row["task"], Cell(f"{written}{PARTIAL if fewer else ''}", partial=partial)


def percent(share: float) -> str:
    """Return "62.1" for 0.621, as the benchmark writes scores."""
    return plain(100 * share, 1)


def interval(row: Record[Interval]) -> str:
    """Return "[58.0, 66.2]", or "" where nothing was resampled."""
    return between(row["ci_low"], row["ci_high"], percent).strip()
