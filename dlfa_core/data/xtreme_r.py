"""XTREME-R: its ten tasks, how it groups and scores them, and the languages that each is tested in.

`xtreme_r.tsv` beside this module has a row a task, tab-separated, no quoting:

    task        as sources are named here: pos:PATH, lareqa:PATH
    title       as the paper calls it
    group       as the paper groups tasks; its averages are over the tasks of a group, and over all ten
    metric      key of a metric or measure here; of two the task's score is the mean
    trained_on  what XTREME-R trains on, in English; empty where nothing is trained
    languages   ISO 639-1, as the sets write them

Sources: Ruder et al. (2021), XTREME-R, table 1 and appendix; google-research/xtreme, `evaluate.py` for the languages
that XTREME had, `scripts/train_xcopa.sh` for XCOPA, `third_party/utils_mewslix.py` for Mewsli-X; the LAReQA repository.
The repository's later download scripts add Romanian to XQuAD, which the paper's mean does not have.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dlfa_core.languages import find


@dataclass(frozen=True)
class BenchmarkTask:
    """A row of `xtreme_r.tsv`; languages are ISO 639-3."""

    task: str
    title: str
    group: str
    metrics: tuple[str, ...]
    trained_on: str
    languages: tuple[str, ...]

    def missing(self, present: Iterable[str]) -> tuple[str, ...]:
        """The languages that its mean is over and that are not among some codes or names."""
        there = {find(language).code for language in present}
        return tuple(code for code in self.languages if code not in there)

    def completeness(self, present: Iterable[str]) -> str:
        """Say which languages of its mean are not there; empty where all are."""
        absent = self.missing(present)
        if not absent:
            return ""
        return (
            f"XTREME-R's mean of {self.title} is over {len(self.languages)} languages; not here: {', '.join(absent)}."
        )


def _read_table(path: Path) -> dict[str, BenchmarkTask]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {
        row["task"]: BenchmarkTask(
            task=row["task"],
            title=row["title"],
            group=row["group"],
            metrics=tuple(row["metric"].split()),
            trained_on=row["trained_on"],
            languages=tuple(find(code).code for code in row["languages"].split()),
        )
        for row in rows
    }


XTREME_R: dict[str, BenchmarkTask] = _read_table(Path(__file__).with_name("xtreme_r.tsv"))


def benchmark_task(name: str) -> BenchmarkTask:
    """The task of that name.

    Raises:
        ValueError: XTREME-R has none; the message names the nearest.
    """
    if name not in XTREME_R:
        near = get_close_matches(name, XTREME_R, n=1, cutoff=0.0)[0]
        raise ValueError(f"XTREME-R has no task {name!r}: did you mean {near!r}? It has {', '.join(XTREME_R)}.")
    return XTREME_R[name]
