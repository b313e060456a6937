"""One task's scores as cells of the benchmark's table: of the last layer, of DLFA, and of a plainer control."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.xtreme_r import BenchmarkTask
from dlfa_core.experiments import profile, retrieve, transfer
from dlfa_core.experiments.transfer import CONFIGURATION, TransferStatistics
from dlfa_core.measures.stacked_counts import Counts

BASELINE, OURS, CONTROL = "last", "dlfa", "control"
SYSTEMS = (BASELINE, OURS, CONTROL)  # rows of the table
Estimate = tuple[float, float, float]  # value, ci_low, ci_high
UNKNOWN = (np.nan, np.nan)


@dataclass(frozen=True)
class Cell:
    """The score of one system in one task.

    Attributes:
        system: one of `SYSTEMS`.
        task: of the benchmark.
        head: fusion, layer and weight of what was scored.
        by_metric: metric -> its mean over languages, with an interval where there is one.
        languages: codes of those that it is the mean over.
        n: test examples.
        differs: in what else it is not the benchmark's score, in phrases.
    """

    system: str
    task: BenchmarkTask
    head: tuple[str, int | None, str]
    by_metric: Mapping[str, Estimate]
    languages: tuple[str, ...]
    n: int
    differs: tuple[str, ...] = ()

    @property
    def score(self) -> Estimate:
        """The mean over the task's metrics; see `careful_mean` for its interval."""
        return careful_mean(list(self.by_metric.values()))

    @property
    def partial(self) -> str:
        """Why it is not the benchmark's own score; "" where it is."""
        missing = len(self.task.missing(self.languages))
        count = f"{len(self.languages)} of {len(self.task.languages)} languages" if missing else ""
        return "; ".join(filter(None, [count, *self.differs]))


def careful_mean(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of estimates, and the means of the ends of their intervals.

    However the estimates hang together, the standard deviation of their mean is no larger than the mean of theirs: so
    its interval is no longer than this one.
    """
    value, low, high = np.mean(estimates, axis=0)
    return float(value), float(low), float(high)


def trained_cells(task: BenchmarkTask, spec: transfer.Spec, result: transfer.Result) -> Iterator[Cell]:
    """Yield the cells of a task that heads were trained for; the source language's dev set chooses layer and control.

    Raises:
        ValueError: it was tested in no language of the benchmark.
    """
    tested = tuple(result.meta["languages"])
    languages = _own(task, tested, spec.task)
    gains = transfer.gains_of(result)
    for system, head in _chosen(result.heads.copy()).items():
        rows = np.flatnonzero(_is(gains.heads, head))
        counts = {code: _rows(gains.counts[code], rows) for code in languages}
        heads = gains.heads.loc[rows].reset_index(drop=True)
        means = TransferStatistics(heads, counts, gains.draws, gains.source_language).means()
        whole = means[means["level"] == "all"].iloc[0]
        own = {str(result.meta["metric"]): _estimate(whole)}
        beside = [name for name in task.metrics if name not in own and (result.means["measure"] == name).any()]
        own |= {name: _beside(result, name, head, languages, tested) for name in beside}
        yield Cell(system, task, head, own, languages, int(whole["n"]), tuple(_trained_otherwise(spec)))


def retrieved_cells(task: BenchmarkTask, spec: retrieve.Spec, result: retrieve.Result) -> Iterator[Cell]:
    """Yield the cells of retrieval from a pool: of the encoder's last layer, or of a task model's own and fused state.

    Raises:
        ValueError: no query is in a language of the benchmark, or the task model's fusion has no row in the table.
    """
    languages = _own(task, result.meta["languages"], spec.dataset)
    rows = result.means.copy()
    rows = rows[(rows["pool"] == "all") & (rows["language"] == "all") & (rows["score"] == "cosine")]
    for about in result.meta["models"]:
        own = rows[rows["model"] == about["name"]].set_index("state")
        head = about["fusion"], int(own.loc["fused", "layer"]), ""
        if (system := _system_of(about["fusion"])) is None:
            raise ValueError(
                f"{about['name']} fuses as {about['fusion']} does, which is neither DLFA nor plainer: name a model "
                "that was trained with dlfa in fused, or none."
            )
        for name, of, state in ((BASELINE, (BASELINE, None, ""), "own_last"), (system, head, "fused")):
            yield _retrieved(name, task, of, own.loc[state], languages, spec, f"states of {about['name']}")
    if not result.meta["models"]:
        last = rows[rows["state"] == "layer"].sort_values("layer").iloc[-1]
        yield _retrieved(BASELINE, task, (BASELINE, None, ""), last, languages, spec)


def _retrieved(
    system: str,
    task: BenchmarkTask,
    head: tuple[str, int | None, str],
    row: "pd.Series[Any]",
    languages: tuple[str, ...],
    spec: retrieve.Spec,
    *differs: str,
) -> Cell:
    differs = (*_stands_in(spec.dataset), *differs)
    return Cell(system, task, head, {task.metrics[0]: _estimate(row)}, languages, int(row["n"]), differs)


def paired_cell(task: BenchmarkTask, results: Mapping[str, profile.Result]) -> Cell:
    """Return the last layer's cell of retrieval between English and each language, whose profile is given by code."""
    found: list[Any] = []
    for code, result in results.items():
        rows = result.pairs.copy()
        rows = rows[(rows["source"] == "eng") & (rows["target"] == code) & (rows["measure"] == task.metrics[0])]
        found.append(rows.sort_values("layer").iloc[-1])
    mean = careful_mean([_estimate(row) for row in found])
    n = sum(int(row["n"]) for row in found)
    return Cell(BASELINE, task, (BASELINE, None, ""), {task.metrics[0]: mean}, tuple(results), n)


def _estimate(row: Any) -> Estimate:
    return float(row["value"]), float(row["ci_low"]), float(row["ci_high"])


def _own(task: BenchmarkTask, tested: Sequence[str], source: str) -> tuple[str, ...]:
    """The benchmark's languages among those that were tested."""
    if own := tuple(code for code in task.languages if code in tested):
        return own
    raise ValueError(
        f"{source} is tested in {', '.join(tested)}, and XTREME-R's {task.title} in none of these. It is over "
        f"{', '.join(task.languages)}: take other data."
    )


def _chosen(heads: pd.DataFrame) -> dict[str, tuple[str, int | None, str]]:
    """System -> the fusion, layer and weight that the dev set points at; of equal ones the first."""
    dev = heads.groupby(CONFIGURATION, sort=False, dropna=False)["dev_score"].mean().reset_index()
    chosen = {}
    for system, own in dev.groupby(dev["fusion"].map(_system_of), sort=False):
        best = own.iloc[int(own["dev_score"].argmax())]
        chosen[str(system)] = (best["fusion"], None if pd.isna(best["layer"]) else int(best["layer"]), best["weight"])
    return chosen


def _system_of(fusion: str) -> str | None:
    """The row that a fusion is in; None for those that go beyond the paper."""
    if fusion in (BASELINE, OURS):
        return fusion
    return None if models.find_fusion(fusion).on_request else CONTROL


def _is(table: pd.DataFrame, head: tuple[str, int | None, str]) -> "pd.Series[bool]":
    fusion, layer, weight = head
    same = table["layer"].isna() if layer is None else (table["layer"] == layer).fillna(False).astype(bool)
    return (table["fusion"] == fusion) & same & (table["weight"] == weight)


def _rows(count: Counts, rows: np.ndarray) -> Counts:
    return Counts(count.hits[rows], count.predicted[rows], count.gold)


def _beside(
    result: transfer.Result,
    measure: str,
    head: tuple[str, int | None, str],
    languages: Sequence[str],
    tested: Sequence[str],
) -> Estimate:
    """The mean of another metric over some languages; its interval is stored for all that were tested alone."""
    means = result.means.copy()
    means = means[(means["measure"] == measure) & _is(means, head)]
    of_each = means[means["level"] == "language"].set_index("group")["value"]
    whole = means[means["level"] == "all"].iloc[0]
    low, high = (float(whole["ci_low"]), float(whole["ci_high"])) if set(languages) == set(tested) else UNKNOWN
    return float(of_each[list(languages)].mean()), low, high


def _trained_otherwise(spec: transfer.Spec) -> Iterator[str]:
    """In what a training is not the benchmark's."""
    yield from _stands_in(spec.task)
    if spec.train_limit:
        yield f"trained on {spec.train_limit:,} examples at most"
    if spec.test_limit:
        yield f"{spec.test_limit:,} test examples a language at most"


def _stands_in(source: str) -> Iterator[str]:
    if source.endswith(":sample"):
        yield "bundled sample in place of the data"
