"""Train one task model, and keep it: what does a fusion learn in one language, and how far does it carry?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments.sources import cautions, labelled
from dlfa_core.experiments.train.task_training import Chosen, TaskTraining
from dlfa_core.experiments.training import (
    Resamples,
    Schedule,
    TrainingSettings,
    TransferStatistics,
    about_task,
    check_fusion,
    checked_norm,
    chosen_task,
    counted,
    cut_said,
    schedule_of,
)
from dlfa_core.languages import find
from dlfa_core.runtime.launch import is_main_process
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "inputs_at_hand", "intact", "name_of", "run"]

VERSION = 4


@dataclass(frozen=True)
class Spec(TrainingSettings):
    """Train a fusion and a classifier on one language, choose on its dev set, and score every test language.

    Attributes:
        out: folder for the model: config.json, model.safetensors, tokenizer and card; without it only the scores are
            kept.
        task: `sentiment:sample`, or a kind and a place: xnli:PATH, pawsx:PATH, ner:PATH, pos:PATH, sentiment:PATH,
            sentence:PATH, pair:PATH, xcopa:PATH, choice:PATH, xquad:PATH, mlqa:PATH, tydiqa:PATH, qa:PATH, or xnli:hub,
            qa:sample, xcopa:sample and the like.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        source_language: code or name of the language to train in.
        mode: frozen trains the head alone, on the encoder as it is; finetune trains all weights.
        fusion: dlfa or one of its controls.
        layer: lower layer to fuse with the last; left out for fusions that read none.
        weight: of the lower layer in dlfa and se: literal (the paper's equations) or gate (a convex mix).
        norm: inside the gate: batch, layer, or none.
        seed: of the head's start, and of the order of the data when all weights are trained.
        compact: save only what differs from the encoder, which is then needed beside it, with its tokenizer.
        half: save matrices in half precision; scores are those of the model as it was saved.
        resamples: of test examples, for the intervals; 0 leaves them out.
    """

    out: str = ""
    task: str = "sentiment:sample"
    model: str = "demo"
    source_language: str = "eng"
    mode: str = "frozen"
    fusion: str = "dlfa"
    layer: int | None = None
    weight: str = "literal"
    norm: str = "batch"
    seed: int = 0
    compact: bool = False
    half: bool = False
    resamples: int = 500


@dataclass(frozen=True, eq=False)
class Result:
    """Scores of the model, and what happened on the way; the model itself lies in `meta["folder"]`, where kept.

    Attributes:
        scores: intervals over test examples.
        history: loss is the mean cross-entropy in nats since the row before.
        classes: int (m,): class numbers of all labels of all test sets, in the order of `meta["n_labels"]`; of
            questions as in `Trained.classes`.
        dev_classes: int: those of the dev set.
        meta: what was trained, `epoch` and `dev_score` of the weights that were kept, `late` (whether there might be
            better ones with more epochs, as in `Trained`), `steps` where all weights learnt, `n_labels` of each test
            language, and `warnings`.
    """

    scores: Table[Literal["language", "measure", Interval, "n"]]
    history: Table[Literal["epoch", "loss", "dev_score"]]
    classes: np.ndarray
    dev_classes: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the encoder and of the task's files."""
    return {**inputs_at_hand(spec), "task": labelled.fingerprint(spec.task)}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    return {"model": models.fingerprint(spec.model)}


def intact(result: Result) -> bool:
    """Tell whether the model that the result tells of is still where it was saved."""
    folder = result.meta["folder"]
    return not folder or (Path(folder) / "model.safetensors").is_file()


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Train, choose the best weights on the source's dev set, save them, and score every test set once.

    A run that was stopped while all weights are trained goes on from its last checkpoint.

    Raises:
        ValueError: the task, the model, the layer or a setting is not usable; the message says which.
    """
    schedule = schedule_of(spec, spec.mode, spec.task)
    checked_norm(spec.norm)
    check_fusion(spec.fusion, spec.mode)
    progress(0.0, f"Reading {spec.task}")
    task = chosen_task(spec, spec.task, spec.source_language)
    progress(0.02, f"Loading the model {spec.model}")
    encoder = models.Encoder.from_pretrained(spec.model, dtype=spec.dtype if spec.mode == "frozen" else "float32")
    training = TaskTraining(spec, schedule, task, encoder)
    fit = training.fit_head if spec.mode == "frozen" else training.fit_all
    model, chosen = fit(span(progress, 0.03, 0.8))
    if spec.out:
        model = training.saved(model)
    classes, truncated = training.read_tests(model, span(progress, 0.8, 1.0))
    scores = _scores(task, classes, spec.resamples)
    if spec.out and is_main_process():
        rows = scores.to_dict("records")
        model.config.scores = {f"{row['measure']}, {find(row['language']).name}": row["value"] for row in rows}
        model.write_card(spec.out)
    columns = ["epoch", "loss", "dev_score"]
    return Result(
        scores=scores,
        history=chosen.history[columns].astype(dict.fromkeys(columns, float)),
        classes=np.concatenate([classes[code] for code in task.tests]),
        dev_classes=training.read_dev(model),
        meta={
            "name": name_of(training.plan),
            "folder": spec.out,
            **about_task(spec, task),
            "mode": spec.mode,
            **vars(schedule),
            "epoch": chosen.epoch,
            "dev_score": chosen.dev_score,
            "late": chosen.late,
            "steps": chosen.steps,
            "n_labels": {code: len(classes[code]) for code in task.tests},
            "truncated": truncated,
            "warnings": [
                *task.notes,
                *cautions.unseen_languages(spec.model, task.languages),
                *cut_said(task, truncated, spec.max_length),
                *cautions.rising_only(schedule.warmup, chosen.steps),
                *_late(chosen, schedule),
            ],
        },
    )


def name_of(plan: "models.HeadSpec") -> str:
    """A head in words: "DLFA gate of layer 8"."""
    name = " ".join(filter(None, [models.find_fusion(plan.fusion).label, plan.weight]))
    return name if plan.layer is None else f"{name} of layer {plan.layer}"


def _scores(task: Task, classes: Mapping[str, np.ndarray], resamples: int) -> pd.DataFrame:
    draws = Resamples.of({code: test.ids for code, test in task.tests.items()}, 1, resamples)
    head = pd.DataFrame({"fusion": [""], "layer": pd.array([None], dtype="Int64"), "weight": [""], "seed": [0]})
    frames = []
    for measure in (task.metric, *task.beside):
        counts = {code: counted(measure, test, classes[code][None]) for code, test in task.tests.items()}
        frames.append(TransferStatistics(head, counts, draws, task.source_language).scores().assign(measure=measure))
    return pd.concat(frames, ignore_index=True)[["language", "measure", "value", "ci_low", "ci_high", "n"]]


def _late(chosen: Chosen, schedule: Schedule) -> Iterator[str]:
    if chosen.late and schedule.patience:
        yield f"The model may not have reached its best after {schedule.epochs} epochs: more epochs may give more."
    elif chosen.late and schedule.epochs > 1:
        yield "The last epoch was the best: more epochs may give more."
