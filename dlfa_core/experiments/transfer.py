"""Trained in one language and tested in others, does a fused layer beat the last layer alone?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments import cautions, labelled
from dlfa_core.experiments.frozen import Recipe, train_frozen
from dlfa_core.experiments.gains import Draws, Gains
from dlfa_core.experiments.trained import Trained, counted
from dlfa_core.languages import find
from dlfa_core.measures.stacked_counts import Counts
from dlfa_core.runtime.progress import Progress, silent, span

VERSION = 1


@dataclass(frozen=True)
class Spec:
    """Train classifiers on one language and test them on others, the encoder's own weights left as they are.

    Heads of all fusions, layers, weights and seeds learn side by side from one pass of the encoder.

    Attributes:
        task: `sentiment:sample`, or a kind and a place: xnli:PATH, pawsx:PATH, ner:PATH, pos:PATH, sentiment:PATH,
            sentence:PATH, pair:PATH, or xnli:hub and the like.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        source_language: code or name of the language to train in.
        languages: codes or names to test on; all of the task if none are given.
        fusions: dlfa and its controls; differences are taken to `last`.
        layers: lower layers to fuse with the last; 1 to the last but one if none are given.
        weights: of the lower layer in dlfa and se: literal (the paper's equations), gate (a convex mix), or both.
        norm: inside the gate: batch, layer, or none.
        reduction: of the gate's width.
        seeds: of the heads' start.
        epochs: over the training set; the best on the dev set is kept, head by head.
        lr: of AdamW at the start; it falls to 0 in a line.
        batch_size: texts, or tagged sentences, in a step.
        max_length: pieces; longer texts are cut, longer tagged sentences split.
        train_limit: examples to train on, drawn at random; 0 takes all.
        test_limit: examples to test on in each language; 0 takes all.
        dev_share: part of the training set to choose epochs on, where the task has no dev set.
        resamples: of examples and seeds, for the intervals; 0 leaves them out.
        dtype: of the encoder: float32, bfloat16, float16, or auto for what is fastest here.
    """

    task: str = "sentiment:sample"
    model: str = "demo"
    source_language: str = "eng"
    languages: tuple[str, ...] = ()
    fusions: tuple[str, ...] = tuple(models.FUSIONS)
    layers: tuple[int, ...] = ()
    weights: tuple[str, ...] = ("literal", "gate")
    norm: str = "batch"
    reduction: int = 4
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = 10
    lr: float = 1e-3
    batch_size: int = 32
    max_length: int = 128
    train_limit: int = 0
    test_limit: int = 0
    dev_share: float = 0.0
    resamples: int = 500
    dtype: str = "auto"


@dataclass(frozen=True, eq=False)
class Result:
    """Scores on every test set, and what can be said about them.

    A head is a fusion with its layer (missing where it reads none or all), its weight ("" where it has none) and a
    seed. Groups of languages have a level: "all", "targets" (without the source), "family" (of targets), "language".

    Attributes:
        scores: model, task, fusion, layer, weight, seed, language, measure, value, ci_low, ci_high, n.
        means: model, task, measure, fusion, layer, weight, level, group, value, ci_low, ci_high, n, n_languages: the
            mean over seeds and the group's languages; intervals over examples and seeds.
        differences: as `means`, of the score minus that of `last` on the same examples and seeds.
        best: model, task, measure, fusion, weight, level, layer, share of the resamples in which this layer is best.
        history: fusion, layer, weight, seed, epoch, loss (mean cross-entropy, nats), dev_score.
        heads: fusion, layer, weight, seed, epoch that was chosen, dev_score; a row of `hits` each.
        examples: language, id; a column of `hits` each.
        hits, predicted, gold: int (heads, examples), the same, and (examples,): what the task's own metric adds up,
            2 * hits / (predicted + gold), so that other statistics need no training.
        meta: what was trained, and `warnings`, sentences that a reader of the numbers should know.
    """

    scores: pd.DataFrame
    means: pd.DataFrame
    differences: pd.DataFrame
    best: pd.DataFrame
    history: pd.DataFrame
    heads: pd.DataFrame
    examples: pd.DataFrame
    hits: np.ndarray
    predicted: np.ndarray
    gold: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and of the task's files."""
    return {"model": models.fingerprint(spec.model), "task": labelled.fingerprint(spec.task)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Train on the source language, choose epochs on its dev set, score every test set once.

    Raises:
        ValueError: the task, the model, a language, a layer or a setting is not usable; the message says which.
    """
    _check(spec)
    progress(0.0, f"Reading {spec.task}")
    task = _task(spec)
    draws = Draws.of({code: test.ids for code, test in task.tests.items()}, len(spec.seeds), spec.resamples)
    progress(0.02, f"Loading the model {spec.model}")
    encoder = models.Encoder.from_pretrained(spec.model, dtype=spec.dtype)
    plans = plans_of(spec, encoder.n_states - 1)
    trained = train_frozen(encoder, task, plans, _recipe(spec), span(progress, 0.03, 0.97))
    progress(0.97, "Resampling test examples")
    counts = {
        code: {name: counted(name, test, trained.classes[code]) for name in (task.metric, *task.beside)}
        for code, test in task.tests.items()
    }
    heads = pd.DataFrame(
        {
            "fusion": [plan.fusion for plan in plans],
            "layer": pd.array([plan.layer for plan in plans], dtype="Int64"),
            "weight": [plan.weight or "" for plan in plans],
            "seed": [plan.seed for plan in plans],
        }
    )
    return Result(
        **frames_of(spec, task, heads, counts, draws),
        history=trained.history.join(heads, on="head")[[*heads.columns, "epoch", "loss", "dev_score"]],
        heads=heads.assign(epoch=trained.epochs, dev_score=trained.dev_scores),
        examples=_examples(task),
        **_arrays([by_measure[task.metric] for by_measure in counts.values()]),
        meta=_meta(spec, task, encoder, trained),
    )


def plans_of(spec: Spec, n_layers: int) -> list["models.HeadPlan"]:
    """One head for every fusion, layer, weight and seed that differ, for an encoder with `n_layers` blocks.

    Raises:
        ValueError: unknown fusion, a layer that the encoder lacks, or an encoder with one block where a lower
            layer is fused.
    """
    plans = []
    for fusion in map(models.find_fusion, dict.fromkeys(spec.fusions)):
        lower = list(spec.layers or range(1, n_layers)) or [None]
        for layer in dict.fromkeys(lower if fusion.uses_lower else [None]):
            fusion.needs(layer, n_layers)
            weights = spec.weights if fusion.uses_lower and fusion.gated else [None]
            plans += [
                models.HeadPlan(fusion.name, layer, weight, seed)
                for weight in dict.fromkeys(weights)
                for seed in dict.fromkeys(spec.seeds)
            ]
    return plans


def gains_of(result: Result) -> Gains:
    """The statistics of a stored result, to ask more of them; from its counts, with the resamples of its spec."""
    places = {code: rows.index.to_numpy() for code, rows in result.examples.groupby("language", sort=False)}
    counts = {
        code: Counts(result.hits[:, rows], result.predicted[:, rows], result.gold[rows])
        for code, rows in places.items()
    }
    ids = {code: tuple(result.examples["id"][rows]) for code, rows in places.items()}
    draws = Draws.of(ids, result.heads["seed"].nunique(), result.meta["resamples"])
    return Gains(result.heads, counts, draws, result.meta["source_language"])


def summary(result: Result) -> str:
    """The best layer of every fusion that has one, against the last layer alone, and what to know about it."""
    return "\n".join(_sentences(result))


def frames_of(
    spec: Spec, task: Task, heads: pd.DataFrame, counts: Mapping[str, Mapping[str, Counts]], draws: Draws
) -> dict[str, pd.DataFrame]:
    """`scores`, `means`, `differences` and `best` over the measures of a task."""
    found: dict[str, list[pd.DataFrame]] = {"scores": [], "means": [], "differences": [], "best": []}
    for measure in (task.metric, *task.beside):
        own = {code: by_measure[measure] for code, by_measure in counts.items()}
        gains = Gains(heads, own, draws, task.source_language)
        for name, frames in found.items():
            about = {"model": spec.model, "task": spec.task, "measure": measure}
            frame = getattr(gains, name)().assign(**about)
            frames.append(frame[[*about, *(column for column in frame if column not in about)]])
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}


def _check(spec: Spec) -> None:
    """Refuse what would otherwise fail only after minutes, or mean something else."""
    for name in ("epochs", "lr", "batch_size"):
        if getattr(spec, name) <= 0:
            raise ValueError(f"{name}={getattr(spec, name)} trains nothing: give a number above 0.")
    for name in ("fusions", "weights", "seeds"):
        if not getattr(spec, name):
            raise ValueError(f"{name} is empty, so there is nothing to train: name at least one.")
    if spec.norm not in ("batch", "layer", "none"):
        raise ValueError(f"norm={spec.norm!r} is unknown: use 'batch', 'layer' or 'none'.")


def _task(spec: Spec) -> Task:
    task = labelled.opened(spec.task, spec.source_language, spec.dev_share)
    if task.kind == "retrieval":
        raise ValueError(
            f"{task.name} trains nothing, so there is no layer to fuse: "
            f"compare its languages with `profile --corpus tatoeba:PATH`."
        )
    return task.select(spec.languages, spec.train_limit, spec.test_limit)


def _recipe(spec: Spec) -> Recipe:
    return Recipe(
        reduction=spec.reduction,
        norm=None if spec.norm == "none" else spec.norm,
        epochs=spec.epochs,
        lr=spec.lr,
        batch_size=spec.batch_size,
        max_length=spec.max_length,
    )


def _examples(task: Task) -> pd.DataFrame:
    rows = [(code, name) for code, test in task.tests.items() for name in test.ids]
    return pd.DataFrame(rows, columns=["language", "id"])


def _arrays(counts: list[Counts]) -> dict[str, np.ndarray]:
    """Counts of all languages side by side, in the smallest numbers that hold them."""
    whole = {
        "hits": np.concatenate([count.hits for count in counts], axis=1),
        "predicted": np.concatenate([count.predicted for count in counts], axis=1),
        "gold": np.concatenate([count.gold for count in counts]),
    }
    return {name: array.astype(np.min_scalar_type(int(array.max()))) for name, array in whole.items()}


def _meta(spec: Spec, task: Task, encoder: "models.Encoder", trained: Trained) -> dict[str, Any]:
    return {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "task": spec.task,
        "task_name": task.name,
        "kind": task.kind,
        "metric": task.metric,
        "beside": list(task.beside),
        "labels": list(task.labels),
        "licence": task.licence,
        "source_language": task.source_language,
        "languages": list(task.languages),
        "n_train": len(task.train),
        "n_dev": len(task.dev),
        "n_test": {code: len(test) for code, test in task.tests.items()},
        "n_layers": encoder.n_states - 1,
        "hidden_size": encoder.hidden_size,
        "mode": "frozen",
        "seeds": list(dict.fromkeys(spec.seeds)),
        "resamples": spec.resamples,
        "dtype": str(encoder.model.dtype).removeprefix("torch."),
        "notes": list(task.notes),
        "warnings": [*task.notes, *_cautions(spec, task, trained)],
    }


def _cautions(spec: Spec, task: Task, trained: Trained) -> Iterator[str]:
    yield from cautions.unseen_languages(spec.model, task.languages)
    for code, cut in trained.truncated.items():
        if cut:
            yield (
                f"{cut:,} of {len(task.tests[code]):,} test examples in {find(code).name} were cut at "
                f"{spec.max_length} pieces. A larger max_length reads them whole."
            )
    last = int((trained.epochs == spec.epochs).sum())
    if last > len(trained.epochs) / 2 and spec.epochs > 1:
        yield f"{last} of {len(trained.epochs)} heads were best in the last epoch: more epochs may give more."
    if len(set(spec.seeds)) < 3:
        yield "Fewer than three seeds say little about how much a score moves when training is repeated."


def _sentences(result: Result) -> Iterator[str]:
    measure = result.meta["metric"]
    level = "targets" if (result.means["level"] == "targets").any() else "all"
    means, differences = (
        frame[(frame["measure"] == measure) & (frame["level"] == level)] for frame in (result.means, result.differences)
    )
    n = f"{means['n_languages'].iloc[0]} {'target languages' if level == 'targets' else 'languages'}"
    yield f"{result.meta['task_name']}, {measure}, mean over {n} and {len(result.meta['seeds'])} seeds:"
    for _, rows in means.groupby(["fusion", "weight"], sort=False):
        best = rows.loc[rows["value"].idxmax()]
        where = "" if pd.isna(best["layer"]) else f", best at layer {best['layer']} of {len(rows)}"
        gain = differences.loc[differences.index.intersection([best.name])]
        against = "".join(
            f"; {row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}] against the last layer alone"
            for row in gain.itertuples()
            if row.fusion != "last"
        )
        label = f"{models.find_fusion(best['fusion']).label} {best['weight']}".rstrip()
        yield f"{label}: {best['value']:.3f}{where}{against}"
    yield from (f"Note: {warning}" for warning in result.meta["warnings"])
