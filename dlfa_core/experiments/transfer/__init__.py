"""Trained in one language and tested in others, does a fused layer beat the last layer alone?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments import train, training
from dlfa_core.experiments.sources import labelled
from dlfa_core.experiments.training import CONFIGURATION, DIFFERENCES, DIFFERENT, SCORES, Grid, TransferStatistics
from dlfa_core.experiments.transfer import results
from dlfa_core.experiments.transfer.finetuned import one_head, train_finetuned
from dlfa_core.measures.stacked_counts import Counts
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Head, Interval, Table

__all__ = ["VERSION", "Best", "Differences", "Heads", "History", "Means", "Result", "Scores", "Spec"]
__all__ += ["inputs", "inputs_at_hand", "parts", "run"]
__all__ += ["CONFIGURATION", "DIFFERENCES", "DIFFERENT", "SCORES", "Grid"]  # for what is made of transfers
__all__ += ["TransferStatistics", "gains_of", "tested_on"]

VERSION = 6


@dataclass(frozen=True)
class Spec(Grid):
    """Train classifiers on one language and test them on others.

    With a frozen encoder, heads of all fusions, layers, weights and seeds learn side by side from one pass of it. Where
    all weights are trained, each of them is trained apart, and is kept, so that a run that was stopped goes on.

    Attributes:
        task: `sentiment:sample`, or a kind and a place: xnli:PATH, pawsx:PATH, ner:PATH, pos:PATH, sentiment:PATH,
            sentence:PATH, pair:PATH, xcopa:PATH, choice:PATH, xquad:PATH, mlqa:PATH, tydiqa:PATH, qa:PATH, or xnli:hub,
            qa:sample, xcopa:sample and the like.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        source_language: code or name of the language to train in.
        mode: frozen trains heads alone, on the encoder as it is; finetune trains all weights. They answer different
            questions.
        norm: inside the gate: batch, layer, or none.
    """

    task: str = "sentiment:sample"
    model: str = "demo"
    source_language: str = "eng"
    mode: str = "frozen"
    norm: str = "batch"


Scores = Table[Literal["model", "task", Head, "seed", "language", "measure", Interval, "n"]]
Means = Table[Literal["model", "task", "measure", Head, "level", "group", Interval, "n", "n_languages"]]
Differences = Table[
    Literal[
        "model",
        "task",
        "measure",
        Head,
        "level",
        "group",
        Interval,
        "joint_low",
        "joint_high",
        "sign",
        "n",
        "n_languages",
    ]
]
Best = Table[Literal["model", "task", "measure", "fusion", "weight", "level", "layer", "share"]]
History = Table[Literal[Head, "seed", "epoch", "loss", "dev_score"]]
Heads = Table[Literal[Head, "seed", "epoch", "dev_score", "late"]]
Examples = Table[Literal["language", "id"]]


@dataclass(frozen=True, eq=False)
class Result:
    """Scores on every test set, and what can be said about them.

    A head is a fusion with its layer (missing where it reads none or all), its weight ("" where it has none) and a
    seed. Groups of languages have a level: "all", "targets" (without the source), "family" (of targets), "language".

    Attributes:
        scores: of every head in every language.
        means: over seeds and the group's languages; intervals over examples and seeds.
        differences: as `TransferStatistics.differences` gives them: of the score minus that of `last`.
        best: share of the resamples in which this layer is best.
        history: epoch (with the part of one that was done, where the dev set was looked at in between), loss (mean
            cross-entropy in nats since the row before), dev_score; as long as each learnt.
        heads: epoch that was chosen, late (whether more epochs might have made it better, as in `Trained`); a row of
            `hits` each.
        examples: a column of `hits` each.
        hits, predicted, gold: int (heads, examples), the same, and (examples,): what the task's own metric adds up,
            2 * hits / (predicted + gold), so that other statistics need no training. Of questions, hits are float
            scores in [0, 1], and the others 1.
        dev_hits, dev_predicted, dev_gold: the same of the dev set that epochs were chosen on.
        meta: what was trained and how, with `mode`, and `warnings`, sentences that a reader of the numbers should
            know.
    """

    scores: Scores
    means: Means
    differences: Differences
    best: Best
    history: History
    heads: Heads
    examples: Examples
    hits: np.ndarray
    predicted: np.ndarray
    gold: np.ndarray
    dev_hits: np.ndarray
    dev_predicted: np.ndarray
    dev_gold: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and of the task's files, and the version of what trains all weights."""
    return {**inputs_at_hand(spec), "task": labelled.fingerprint(spec.task)}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    named = {"model": models.fingerprint(spec.model)}
    return {**named, "train": str(train.VERSION)} if spec.mode == "finetune" else named


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """Where all weights are trained, the training of each head; heads on a frozen encoder learn from one pass of it.

    Raises:
        ValueError: as `run`, of the model, a fusion or a layer.
    """
    if spec.mode == "frozen":
        return []
    plans = training.plans_of(spec, models.load_config(spec.model).num_hidden_layers, spec.mode)
    return [(train, one_head(spec, plan)) for plan in plans]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Train on the source language, choose epochs on its dev set, score every test set once.

    Raises:
        ValueError: the task, the model, a language, a layer or a setting is not usable; the message says which.
    """
    schedule, norm = training.schedule_of(spec, spec.mode, spec.task), training.checked_norm(spec.norm)
    progress(0.0, f"Reading {spec.task}")
    task = tested_on(spec)
    progress(0.02, f"Loading the model {spec.model}")
    config, dtype = models.load_config(spec.model), models.choose_dtype(spec.dtype, models.choose_device())
    plans = training.plans_of(spec, config.num_hidden_layers, spec.mode)
    heads, notes = (
        training.frame_of(plans),
        [*task.notes, *training.left_out(spec, config.num_hidden_layers, spec.mode)],
    )
    draws = training.Resamples.of(
        {code: test.ids for code, test in task.tests.items()}, len(set(spec.seeds)), spec.resamples
    )
    meta, part = results.about(spec, schedule, task, config, dtype, notes), span(progress, 0.03, 0.97)
    if spec.mode == "frozen":
        encoder = models.Encoder.from_pretrained(spec.model, dtype=spec.dtype)
        trained = training.train_frozen(encoder, task, plans, training.recipe_of(spec, schedule, norm), part)
    else:  # every head has an encoder of its own
        trained = train_finetuned(spec, task, plans, part)
    progress(0.97, "Resampling test examples")
    counts = results.counts_of(task, trained)
    warnings = results.training_cautions(spec.model, task, trained, schedule, spec.max_length, len(set(spec.seeds)))
    return Result(
        **results.frames_of(spec, task, heads, counts, draws),
        history=trained.history.join(heads, on="head")[[*heads.columns, "epoch", "loss", "dev_score"]],
        heads=heads.assign(epoch=trained.epochs, dev_score=trained.dev_scores, late=trained.late),
        examples=results.examples_of(task),
        **results.arrays_of([by_measure[task.metric] for by_measure in counts.values()]),
        **results.arrays_of([training.counted(task.metric, task.dev, trained.dev_classes)], "dev_"),
        meta={**meta, "warnings": [*notes, *warnings]},
    )


def tested_on(spec: Spec) -> Task:
    """Return the task of a spec with the languages and examples that it asks for.

    Raises:
        ValueError: no such task or language, broken files, no dev set, or a task that trains nothing.
    """
    return training.chosen_task(spec, spec.task, spec.source_language)


def gains_of(
    *stored: Result, resamples: int | None = None, sets: Mapping[str, np.ndarray] | None = None
) -> TransferStatistics:
    """The statistics of stored results, to ask more of them; from their counts.

    Args:
        stored: results on the same examples; their heads count as if they had been trained in one run.
        resamples: those of the spec if not given.
        sets: name -> numbers of the examples that are scored together; by language if not given.
    """
    first = stored[0]
    by_language = first.examples.groupby("language", sort=False)
    indices = sets or {code: rows.index.to_numpy() for code, rows in by_language}
    hits, predicted = (np.concatenate([getattr(one, name) for one in stored]) for name in ("hits", "predicted"))
    counts = {code: Counts(hits[:, rows], predicted[:, rows], first.gold[rows]) for code, rows in indices.items()}
    ids = {code: tuple(first.examples["id"][rows]) for code, rows in indices.items()}
    heads = pd.concat([result.heads.copy() for result in stored], ignore_index=True)
    resamples = first.meta["resamples"] if resamples is None else resamples
    draws = training.Resamples.of(ids, heads["seed"].nunique(), resamples)
    return TransferStatistics(heads, counts, draws, first.meta["source_language"])
