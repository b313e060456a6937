"""What does a fused layer reach in all tasks of XTREME-R, as far as their data are here?

The tasks are specs of other experiments. Each is looked up in the store and computed only where it is missing, so that
a benchmark which was stopped goes on where it was, and one with more data computes these alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from dlfa_core import models
from dlfa_core.data.retrieval.sources import RETRIEVAL_KINDS
from dlfa_core.data.tasks import Protocol
from dlfa_core.data.xtreme_r import XTREME_R, BenchmarkTask
from dlfa_core.experiments import profile, retrieve, transfer
from dlfa_core.experiments.benchmark.cells import (
    BASELINE,
    CONTROL,
    OURS,
    SYSTEMS,
    Cell,
    paired_cell,
    retrieved_cells,
    trained_cells,
)
from dlfa_core.experiments.benchmark.present import how_to_get, sources_of
from dlfa_core.experiments.benchmark.together import ALL, frames_of
from dlfa_core.experiments.sources import labelled, pools
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, made_from
from dlfa_core.runtime.progress import Progress, part, silent
from dlfa_core.tables import Head, Interval, Table

__all__ = [
    "VERSION",
    "Absent",
    "Averages",
    "CellColumns",
    "Cells",
    "Metrics",
    "Result",
    "Spec",
    "inputs",
    "parts",
    "run",
]
__all__ += ["ALL", "BASELINE", "CONTROL", "OURS", "SUITE", "SYSTEMS", "is_task", "of_transfers"]

VERSION = 1
SUITE = "xtreme-r"
TATOEBA = "tatoeba"


@dataclass(frozen=True)
class Spec(transfer.Grid):
    """Run every task of a benchmark whose data are here, and put the scores together as the benchmark does.

    Heads of all fusions and layers learn each task in English; a pool of answers or of translations is searched with
    the states as they are. Without `data`, the tasks are those below the folder that `DLFA_DATA` names.

    Attributes:
        suite: `xtreme-r`.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        data: tasks with their places, such as xnli:PATH, ner:hub:xtreme-r, lareqa:PATH, tatoeba:PATH or xcopa:sample,
            and folders that hold a folder for each task.
        fused: task model whose fused state is searched with where nothing is trained: demo-pos and the like, a folder
            or hub id.
        mode: frozen trains heads alone, on the encoder as it is; finetune trains all weights, as the benchmark does.
        norm: inside the gate: batch, layer, or none.
    """

    suite: str = SUITE
    model: str = "demo"
    data: tuple[str, ...] = ()
    fused: str = ""
    mode: str = "frozen"
    norm: str = "batch"


CellColumns = (
    Literal["system", "task", "title", "group", Head, Interval]
    | Literal["n", "n_languages", "of_languages", "whole", "partial"]
)
Cells = Table[CellColumns]
Metrics = Table[Literal["system", "task", "metric", Interval]]
Averages = Table[Literal["system", "group", Interval, "n_tasks", "of_tasks"]]
Absent = Table[Literal["task", "title", "group", "languages", "how"]]


@dataclass(frozen=True, eq=False)
class Result:
    """The scores of three systems: "last", the last layer; "dlfa"; and "control", the best plainer fusion.

    Layers, and which control, are those that the English dev set of each task points at: no test example had a say.
    Where nothing is trained there is no dev set: DLFA is the fused state of a task model, and "last" its own last one.

    Attributes:
        cells: mean over those languages of the benchmark whose data are here (`n_languages` of `of_languages`), of two
            metrics their mean; `partial` says why one is not the benchmark's own score, `whole` where it is.
        metrics: the same by metric.
        averages: over the tasks of a group, and over all; missing unless all `of_tasks` are whole.
        absent: languages that are missing, and how to get them; a task that is whole has no row.
        meta: what was run, and `warnings`, sentences that a reader of the numbers should know.
    """

    cells: Cells
    metrics: Metrics
    averages: Averages
    absent: Absent
    meta: dict[str, Any]


class Run(NamedTuple):
    """A part of the benchmark: an experiment and what is asked of it, in which language where there are several."""

    experiment: Experiment
    spec: Any
    language: str = ""


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the models and of the data that are here, and the versions of what is built on.

    Raises:
        ValueError: no such model, or data that cannot be used.
    """
    named = {"model": models.fingerprint(spec.model)} | (
        {"fused": models.fingerprint(spec.fused)} if spec.fused else {}
    )
    trained = transfer.inputs_at_hand(made_from(spec, transfer.Spec))
    versions = {"transfer": transfer.VERSION, "retrieve": retrieve.VERSION, "profile": profile.VERSION}
    data = {
        task: (pools if task in RETRIEVAL_KINDS else labelled).fingerprint(source)
        for task, source in sources_of(spec.data).items()
    }
    return {**trained, **named, **{name: str(version) for name, version in versions.items()}, **data}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The tasks, for workers that compute side by side; those whose data cannot be read are left to `run` to name."""
    found: list[tuple[Experiment, Any]] = []
    for task, source in _wanted(spec).items():
        try:
            found += [(each.experiment, each.spec) for each in _runs(spec, XTREME_R[task], source)]
        except (ValueError, OSError):
            continue
    return found


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Compute the tasks that are not stored yet, then put all of them together.

    Raises:
        ValueError: a setting is not usable, no data are here, or tasks could not be computed; the others are stored.
    """
    _check(spec)
    wanted = _wanted(spec)
    cells: list[Cell] = []
    warnings: list[str] = []
    failed: list[str] = []
    for index, (name, source) in enumerate(wanted.items()):
        task = XTREME_R[name]
        report = part(progress, index, len(wanted), task.title)
        try:
            own, said = _scored(spec, task, source, report)
        except (ValueError, OSError) as error:
            failed.append(f"{task.title}: {' '.join(str(error).split())}")
            continue
        cells += own
        warnings += [f"{task.title}: {each}" for each in said]
    if failed:
        raise ValueError(
            f"{len(failed)} of {len(wanted)} tasks could not be computed; the others are stored. Mend their data, or "
            f"name in data only those to compute. {' '.join(failed)}"
        )
    return _result(cells, {"sources": wanted, "fused": spec.fused, **_about(spec)}, warnings)


def of_transfers(model: str, stored: Sequence[tuple[transfer.Spec, transfer.Result]]) -> Result:
    """The benchmark as far as stored transfers of a model, all of one mode, fill it; nothing is computed.

    Of several of one task the one in most of the benchmark's languages counts, of equal ones the first. Those of other
    tasks, and in other languages alone, are left out.
    """
    best: dict[str, list[Cell]] = {}
    for spec, result in stored:
        task = XTREME_R.get(spec.task.partition(":")[0])
        if task and set(task.languages) & set(result.meta["languages"]):
            own = list(trained_cells(task, spec, result))
            if len(own[0].languages) > max((len(cell.languages) for cell in best.get(task.task, ())), default=0):
                best[task.task] = own
    meta = {"model": model, "suite": SUITE, "mode": stored[0][0].mode if stored else "frozen", "sources": {}}
    return _result([cell for own in best.values() for cell in own], {**meta, "fused": ""}, [])


def is_task(source: str) -> bool:
    """Tell whether a source is of one of the benchmark's tasks."""
    return source.partition(":")[0] in XTREME_R


def _check(spec: Spec) -> None:
    if spec.suite != SUITE:
        raise ValueError(f"There is no suite {spec.suite!r} here: use {SUITE!r}.")
    for name in (BASELINE, OURS):
        if name not in spec.fusions:
            raise ValueError(f"The table has a row for {name}, but fusions={spec.fusions} leaves it out: add {name}.")
    if not _wanted(spec):
        ways = " ".join(f"{task.title}: {how_to_get(task, task.languages)}" for task in XTREME_R.values())
        raise ValueError(f"No data of XTREME-R are here, so there is nothing to run. {ways}")


def _wanted(spec: Spec) -> dict[str, str]:
    """Task -> source, of those tasks that are tested in a language that was asked for."""
    return {task: source for task, source in sources_of(spec.data).items() if _languages(spec, XTREME_R[task])}


def _languages(spec: Spec, task: BenchmarkTask) -> tuple[str, ...]:
    asked = {find(language).code for language in spec.languages or task.languages}
    return tuple(code for code in task.languages if code in asked)


def _runs(spec: Spec, task: BenchmarkTask, source: str) -> list[Run]:
    """What is asked of other experiments for one task.

    Raises:
        ValueError: the languages of a pool, or the pairs of Tatoeba, cannot be read, or none of them is asked for.
    """
    languages = _languages(spec, task)
    if task.task == TATOEBA:
        way = Protocol()
        asked = profile.Spec(
            model=spec.model,
            measures=task.metrics,
            pooling=way.pooling,
            special_tokens=way.special_tokens,
            max_length=way.max_length,
            limit=0,
            resamples=spec.resamples,
            dtype=spec.dtype,
        )
        pairs = labelled.opened(source, way.queries).tests
        own = [code for code in languages if code in pairs]
        _need(own, task, source, pairs)
        return [Run(profile, replace(asked, corpus=pairs[code].source), code) for code in own]
    if task.task in RETRIEVAL_KINDS:
        there = pools.opened(source).languages
        own = [code for code in there if code in languages]
        _need(own, task, source, there)
        asked_for = () if len(own) == len(there) else tuple(own)
        fused = (spec.fused,) if spec.fused else ()
        settings = {"languages": asked_for, "scores": ("cosine",), "resamples": spec.resamples, "dtype": spec.dtype}
        return [Run(retrieve, retrieve.Spec(dataset=source, model=spec.model, models=fused, **settings))]
    return [Run(transfer, made_from(spec, transfer.Spec, task=source, languages=languages if spec.languages else ()))]


def _need(own: Sequence[str], task: BenchmarkTask, source: str, there: Any) -> None:
    if not own:
        raise ValueError(
            f"{source} has {', '.join(there)}, and none of these is asked for. XTREME-R's {task.title} is over "
            f"{', '.join(task.languages)}."
        )


def _scored(spec: Spec, task: BenchmarkTask, source: str, progress: Progress) -> tuple[list[Cell], list[str]]:
    """The cells of one task, and what a reader of them should know."""
    runs = _runs(spec, task, source)
    results = [
        store.fetch(each.experiment, each.spec, part(progress, index, len(runs), each.language or source))
        for index, each in enumerate(runs)
    ]
    said = list(dict.fromkeys(warning for result in results for warning in result.meta["warnings"]))
    if task.task == TATOEBA:
        return [paired_cell(task, {each.language: result for each, result in zip(runs, results, strict=True)})], said
    if task.task in RETRIEVAL_KINDS:
        return list(retrieved_cells(task, runs[0].spec, results[0])), [*said, *_other_encoder(spec, results[0])]
    return list(trained_cells(task, runs[0].spec, results[0])), said


def _other_encoder(spec: Spec, result: retrieve.Result) -> list[str]:
    """Say where the fused state is that of another encoder."""
    name = models.full_name(spec.model)
    others = [about for about in result.meta["models"] if models.full_name(about["encoder"]) != name]
    return [
        f"{about['name']} is a model on {about['encoder']} and not on {spec.model}: its scores are the other encoder's."
        for about in others
    ]


def _about(spec: Spec) -> dict[str, Any]:
    return {
        "suite": spec.suite,
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "mode": spec.mode,
        "seeds": list(dict.fromkeys(spec.seeds)),
        "resamples": spec.resamples,
    }


def _result(cells: Sequence[Cell], meta: Mapping[str, Any], warnings: Sequence[str]) -> Result:
    present = {cell.task.task: cell.languages for cell in cells}
    reach = sum(map(len, present.values()))  # tells which of several results fills more of the table
    return Result(**frames_of(cells, present), meta={**meta, "reach": reach, "warnings": list(warnings)})
