"""Cells put together as the benchmark does: tasks by group, an average where every task of it is whole."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.experiments.benchmark.cells import SYSTEMS, UNKNOWN, Cell, careful_mean
from dlfa_core.experiments.benchmark.present import how_to_get
from dlfa_core.tables import INTERVAL

ALL = "all tasks"
CELLS = ["system", "task", "title", "group", "fusion", "layer", "weight", *INTERVAL]
CELLS += ["n", "n_languages", "of_languages", "whole", "partial"]
METRICS = ["system", "task", "metric", *INTERVAL]
AVERAGES = ["system", "group", *INTERVAL, "n_tasks", "of_tasks"]
ABSENT = ["task", "title", "group", "languages", "how"]


def frames_of(cells: Sequence[Cell], present: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """Return the tables of `benchmark.Result`.

    Args:
        cells: in any order.
        present: task -> the languages whose data are there.
    """
    order = {(system, task): row for row, (system, task) in enumerate((s, t) for s in SYSTEMS for t in XTREME_R)}
    cells = sorted(cells, key=lambda cell: order[cell.system, cell.task.task])
    metrics = [(cell.system, cell.task.task, name, *found) for cell in cells for name, found in cell.by_metric.items()]
    return {
        "cells": pd.DataFrame(map(_row, cells), columns=CELLS).astype({"layer": "Int64", "whole": bool}),
        "metrics": pd.DataFrame(metrics, columns=METRICS),
        "averages": pd.DataFrame(_averages(cells), columns=AVERAGES),
        "absent": pd.DataFrame(_absent(present), columns=ABSENT),
    }


def _row(cell: Cell) -> tuple[Any, ...]:
    task, languages = cell.task, (len(cell.languages), len(cell.task.languages))
    about = cell.system, task.task, task.title, task.group, *cell.head
    return *about, *cell.score, cell.n, *languages, not cell.partial, cell.partial


def _averages(cells: Sequence[Cell]) -> Iterator[tuple[Any, ...]]:
    """Of each group of tasks, and of all: the mean where all of its scores are the benchmark's own, else none."""
    groups = dict.fromkeys(task.group for task in XTREME_R.values())
    for system in dict.fromkeys(cell.system for cell in cells):
        for group in (*groups, ALL):
            of = [name for name, task in XTREME_R.items() if group in (task.group, ALL)]
            own = [cell for cell in cells if cell.system == system and cell.task.task in of and not cell.partial]
            mean = careful_mean([cell.score for cell in own]) if len(own) == len(of) else (np.nan, *UNKNOWN)
            yield system, group, *mean, len(own), len(of)


def _absent(present: Mapping[str, Sequence[str]]) -> Iterator[tuple[Any, ...]]:
    for name, task in XTREME_R.items():
        if missing := task.missing(present.get(name, ())):
            yield name, task.title, task.group, " ".join(missing), how_to_get(task, missing)
