"""How is a small multilingual encoder trained from text files and some translations?

Vocabulary and start come from the text itself (`models.vocabulary`, `models.ppmi_initialisation`); then every step adds
up two losses: masked-language-model (MLM) loss (in a sentence, or in a sentence beside its translation) and translation
ranking on the mean state of a middle block. The blocks above serve the MLM alone. Data, their order and all chance are
functions of the seed and the step, so that a run that was stopped goes on as if it had not been.

Instead of starting anew, training may go on from a model (`start`), and a lexicon may take part in it (`methods`, see
`pretrain.augmenting`).
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.text import open_text
from dlfa_core.experiments.pretrain.augmenting import (
    KINDS,
    LEAST_REPLACED,
    Augmenting,
    Controlled,
    check,
    lexicon_of,
    switcher_of,
)
from dlfa_core.experiments.pretrain.material import POSITIONS, Material, material_of, step_of, untrained
from dlfa_core.experiments.pretrain.prepared_text import forget_prepared_text, set_apart
from dlfa_core.experiments.pretrain.training_checks import (
    CKA,
    LOSS,
    RETRIEVAL,
    Rule,
    frame_of,
    measured_alignment,
    measured_loss,
)
from dlfa_core.experiments.sources import lexicons
from dlfa_core.runtime.ahead import ahead
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import silent, span
from dlfa_core.tables import Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "intact", "run"]
__all__ += [
    "LEAST_REPLACED",
    "Augmenting",
    "Controlled",
    "check",
    "lexicon_of",
    "switcher_of",
]  # what a lexicon does to a training
__all__ += ["forget_checkpoint", "set_apart"]

VERSION = 4
LATEST = "latest"  # subfolder of the model as it is, beside the best one so far


@dataclass(frozen=True, kw_only=True)
class Spec(Controlled):
    """Train a small 12-layer BERT, or go on training one.

    Attributes:
        out: folder for the model, and for what is needed to go on after a stop.
        text: folder of text files named by language (`en.txt.xz`), one sentence a line, also in subfolders; or
            `sample`, the sentences of the sample corpus that its task is not tested on.
        start: `demo`, a folder or a hub id of a BERT to go on from, with its subwords; empty to begin anew.
        parallel: corpora of aligned sentences, such as `table:ntrex128.tsv`.
        languages: to train on; all that have text or translations if none are named.
        text_limit: sentences of each language's text, its first ones; 0 takes all.
        dev_sentences: of these, evenly spaced ones that are not trained on: the masked-word loss is measured there.
        watch: aligned corpus on which retrieval and CKA are measured while training; never trained on. If empty,
            neither is measured, and the last model is kept instead of the best.
        watch_limit: sentences of it that are used.
        keep: the best model is the one with the highest retrieval, or with the lowest masked-word loss (mlm_loss) among
            those whose CKA is highest at neither end and whose retrieval reaches `least_retrieval` at some layer.
        least_retrieval: in [0, 1]; plays no part where the highest retrieval is kept.
        vocab_size: subwords to learn; this and the next four play no part where training goes on from a model.
        hidden_size: width of a state.
        layers: blocks.
        heads: attention heads of a block.
        intermediate_size: width of the feed-forward part.
        teacher: BERT of the same width whose states the lower blocks are held to, such as the one that `start` was
            shrunk from; a folder or a hub id, empty for none. It reads sentences, not translations side by side.
        teacher_blocks: states behind the first blocks are taught, up to this one.
        teacher_weight: of the teacher's loss beside the MLM loss.
        rank_layer: block on which translations are ranked; 0 leaves ranking out.
        rank_weight: of the ranking loss beside the MLM loss.
        steps: optimiser steps.
        tokens: tokens of a step's MLM batch, padding counted.
        pairs: translation pairs of a step's ranking batch.
        lr: highest learning rate; rises over the first 5 % of the steps, then falls as a cosine.
        embedding_rate: factor on it for the vectors of the subwords.
        taught_rate: factor on it for the blocks that the teacher teaches.
        mask_rate: share of tokens that are hidden.
        translated: share of the steps that hide words in a sentence beside its translation.
        exponent: smoothing of the languages' shares; 1 as the text is, 0 all alike.
        check_every: steps between measurements and between checkpoints.
        seed: of everything random.
    """

    out: str
    text: str
    start: str = ""
    parallel: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    text_limit: int = 0
    dev_sentences: int = 0
    watch: str = "sample"
    watch_limit: int = 300
    keep: str = "retrieval"
    least_retrieval: float = 0.0
    vocab_size: int = 40_000
    hidden_size: int = 192
    layers: int = 12
    heads: int = 3
    intermediate_size: int = 512
    teacher: str = ""
    teacher_blocks: int = 8
    teacher_weight: float = 1.0
    rank_layer: int = 8
    rank_weight: float = 1.0
    steps: int = 2_000
    tokens: int = 1_536
    pairs: int = 40
    lr: float = 1.5e-3
    embedding_rate: float = 0.3
    taught_rate: float = 1.0
    mask_rate: float = 0.15
    translated: float = 0.3
    exponent: float = 0.5
    check_every: int = 100
    seed: int = 0


Losses = Literal["mlm_loss", "ranking_loss", "valence_loss", "teacher_loss"]
Checks = Table[Literal["step", "layer", "value"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What happened on the way; the model itself lies in `folder`.

    Attributes:
        history: losses are means since the row before.
        retrieval: centred top-1 retrieval from English, mean over languages.
        cka: debiased linear CKA with English, mean over languages.
        dev_loss: masked-language-model loss (nats) of sentences that are not trained on, and `n`, the masked tokens
            that it is the mean of; 15 % are masked, the same ones at every step.
        folder: of the model.
        parameters: their number.
    """

    history: Table[Literal["step", "tokens", "seconds", Losses]]
    retrieval: Checks
    cka: Checks
    dev_loss: Table[Literal["step", "language", "value", "n"]]
    folder: str
    parameters: int


def inputs(spec: Spec) -> dict[str, str]:
    """Digests of the text and of every corpus, and of model and lexicon where there are any."""
    corpora = {source: open_corpus(source).digest for source in (*spec.parallel, spec.watch) if source}
    start = {name: models.fingerprint(own) for name in ("start", "teacher") if (own := getattr(spec, name))}
    lexicon = {"lexicon": lexicons.fingerprint(spec.lexicon)} if spec.lexicon else {}
    return {"text": open_text(spec.text, spec.languages).digest, **corpora, **start, **lexicon}


def intact(result: Result) -> bool:
    """Tell whether the model that the result tells of is still where it was written."""
    return (Path(result.folder) / "model.safetensors").is_file()


def run(spec: Spec, progress: Callable[[float, str], None] = silent) -> Result:
    """Train, or go on training, and leave the best model so far in `spec.out`.

    What is best, `spec.keep` says; it is measured every `check_every` steps.

    Raises:
        ValueError: the rank layer is no block of the model, the text holds none of the languages, or the best model
            cannot be told from what is measured.
    """
    check(spec)
    _check_rule(spec)
    if spec.rank_layer and not spec.parallel:
        raise ValueError(f"rank_layer={spec.rank_layer} ranks translations, but parallel names none: set rank_layer=0.")
    folder = Path(spec.out)
    material = material_of(spec, folder, span(progress, 0.0, 0.1))
    model = material.model or untrained(spec, material)
    valence_outputs = KINDS[spec.valence_kind] if "valence" in spec.methods else 0
    training = models.Pretraining(
        model=model,
        tokenizer=material.tokenizer,
        recipe=made_from(spec, models.PretrainingRecipe, valence_outputs=valence_outputs),
        teacher=_teacher(spec, model, material.tokenizer),
    )
    training.resume(folder)
    if training.measured < training.step:  # it was stopped while the last checkpoint was being measured
        training.note(folder, _exported(training, spec, material))
    report = span(progress, 0.1, 1.0)

    def prepared(step: int) -> "models.Batch":
        return training.prepare(step_of(spec, material, step), step)

    with closing(ahead(prepared, range(training.step, spec.steps))) as batches:
        for batch in batches:
            training.advance(batch)
            report(training.step / spec.steps, training.describe())
            if training.step % spec.check_every == 0 or training.step == spec.steps:
                training.keep(folder)
                training.note(folder, _exported(training, spec, material))
    checks = training.measurements
    return Result(
        history=pd.DataFrame(training.history),
        retrieval=frame_of(checks, RETRIEVAL, ("step", "layer", "value")),
        cka=frame_of(checks, CKA, ("step", "layer", "value")),
        dev_loss=frame_of(checks, LOSS, ("step", "language", "value", "n")),
        folder=str(folder),
        parameters=sum(weight.numel() for weight in training.model.parameters()),
    )


def _teacher(spec: Spec, model: Any, tokenizer: Any) -> "models.Teacher | None":
    return models.Teacher.from_pretrained(spec.teacher, model, tokenizer, spec.teacher_blocks) if spec.teacher else None


def _check_rule(spec: Spec) -> None:
    Rule(spec.keep, spec.least_retrieval)
    if spec.keep == "mlm_loss" and not (spec.dev_sentences and spec.watch):
        raise ValueError(
            f"keep='mlm_loss' weighs the loss on held-out sentences and the alignment of a watched corpus, but "
            f"dev_sentences={spec.dev_sentences} and watch={spec.watch!r}: set both."
        )


def _exported(training: "models.Pretraining", spec: Spec, material: Material) -> list[dict[str, Any]]:
    """Write the model where it belongs, and say what was measured on it."""
    folder = Path(spec.out)
    measured = measured_loss(training, material.text.dev, POSITIONS - 2)
    if not spec.watch:
        training.export(folder)
        return measured
    training.export(folder / LATEST)
    measured += measured_alignment(folder / LATEST, spec.watch, spec.watch_limit, spec.seed)
    rule = Rule(spec.keep, spec.least_retrieval)
    if rule.score(measured) >= max(map(rule.score, _by_step(training.measurements)), default=(-np.inf,)):
        training.export(folder)
    return measured


def forget_checkpoint(spec: Spec) -> None:
    """Delete what a finished run kept to go on from; it is several times as large as the model."""
    for name in (models.CHECKPOINT, models.MEASUREMENTS):
        (Path(spec.out) / name).unlink(missing_ok=True)
    forget_prepared_text(Path(spec.out))


def _by_step(measurements: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [list(rows) for _, rows in groupby(measurements, key=itemgetter("step"))]
