"""Classifiers that are explained beside each other: task models, or heads that are trained here on one frozen encoder.

Heads of all fusions and layers share every pass of the encoder, so methods that take out words cost about as much for
all of them as for one. Methods with gradients go back through the encoder once for each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments.training import FrozenRecipe, fit_frozen
from dlfa_core.runtime.progress import Progress, part


@dataclass(frozen=True)
class System:
    """One classifier: a model's name, and its fusion with lower layer and weight, where it has them."""

    model: str
    fusion: str = ""
    layer: int | None = None
    weight: str = ""
    dev_score: float = np.nan


@dataclass(frozen=True)
class Asked:
    """What is asked of every text; fields as in `attribute.Spec`, but that a baseline's name is its own."""

    method: str
    layer: int | None
    target: str
    against: str
    baseline: str
    steps: int | None
    max_length: int
    seed: int


@dataclass(frozen=True, eq=False)
class Scored:
    """One text as some systems explain it.

    Attributes:
        reading: its subwords and words.
        scores: float64 (systems, n_words), NaN for words that were not read.
        values: (systems,) what is explained.
        predicted: (systems,) class numbers.
    """

    reading: Any
    scores: np.ndarray
    values: np.ndarray
    predicted: np.ndarray


@dataclass(frozen=True, eq=False)
class Bench:
    """Systems that share a pass: one model, or many heads on one encoder.

    Attributes:
        explainer: of all of them.
        systems: in the order of the scores.
        alone: explainers of each of them, where there are several.
    """

    explainer: "models.Explainer"
    systems: tuple[System, ...]
    alone: tuple["models.Explainer", ...] = field(default=())

    def leans(self, asked: Asked) -> dict[str, float]:
        """Return what the systems say of texts without content, as `Explainer.leans` does; all share a baseline."""
        return self.explainer.leans(self.explainer.question(asked.target, asked.against))

    def explain(self, texts: Sequence[str], asked: Asked, progress: Progress) -> list[Scored]:
        """Scores of every text, by all systems."""
        if self.alone and not models.find_method(asked.method).gradients:
            return self._together(texts, asked, progress)
        each = self.alone or (self.explainer,)
        found = [
            explainer.explain(texts, **vars(asked), progress=part(progress, number, len(each)))
            for number, explainer in enumerate(each)
        ]
        labels = list(self.explainer.labels)
        return [
            Scored(
                own[0].reading,
                np.stack([one.word_scores for one in own]),
                np.array([one.value for one in own]),
                np.array([labels.index(one.predicted) for one in own]),
            )
            for own in zip(*found, strict=True)
        ]

    def _together(self, texts: Sequence[str], asked: Asked, progress: Progress) -> list[Scored]:
        explainer = self.explainer
        explainer.subject.cut(asked.layer)  # refuses a layer
        question = explainer.question(asked.target, asked.against)
        readings = explainer.read(texts, asked.max_length)
        found = explainer.word_scores(
            readings,
            question,
            method=asked.method,
            baseline=asked.baseline,
            steps=asked.steps,
            seed=asked.seed,
            progress=progress,
        )
        return [
            Scored(
                reading,
                each.scores,
                question.values(each.whole, question.targets(each.whole)).double().numpy(),
                each.whole.argmax(-1).numpy(),
            )
            for reading, each in zip(readings, found, strict=True)
        ]


def task_model_bench(name: str) -> Bench:
    """One task model.

    Raises:
        ModelError: the model is missing, damaged, or has no classification head.
        ValueError: it labels no texts.
    """
    explainer = models.Explainer.from_pretrained(name)
    config = explainer.subject.model.config
    fusion = getattr(config, "fusion", "")
    weight = config.weight if fusion and models.find_fusion(fusion).weighted else ""
    return Bench(explainer, (System(name, fusion, getattr(config, "layer", None), weight),))


def heads_bench(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadSpec"], recipe: FrozenRecipe, progress: Progress
) -> Bench:
    """Heads trained on a frozen encoder in float32; those that differ in their seed only are one system, of their mean.

    Raises:
        ValueError: the encoder, a layer or a setting is not usable.
    """
    fitted = fit_frozen(encoder, task, plans, recipe, progress)
    configurations = list(dict.fromkeys((plan.fusion, plan.layer, plan.weight) for plan in plans))
    member = np.array([[(p.fusion, p.layer, p.weight) == each for p in plans] for each in configurations])
    shares = member / member.sum(1, keepdims=True)
    subject = models.StackedSubject(encoder, fitted.heads, task.labels, shares)
    systems = tuple(
        System(encoder.name, fusion, layer, weight or "", float(score))
        for (fusion, layer, weight), score in zip(configurations, shares @ fitted.dev_scores, strict=True)
    )
    explainers = (subject, *(subject.alone(number) for number in range(len(systems))))
    whole, *alone = (models.Explainer(each, encoder.tokenizer, encoder.name) for each in explainers)
    return Bench(whole, systems, tuple(alone))


def frame_of(systems: Sequence[System]) -> pd.DataFrame:
    """model, fusion, layer (missing where there is none), weight, dev_score: a row for each."""
    return pd.DataFrame(list(systems)).astype({"layer": "Int64", "dev_score": float})


def named(systems: pd.DataFrame, frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Frames of each system, one after the other, with the system's columns before theirs."""

    def parts() -> Iterator[pd.DataFrame]:
        for system, frame in zip(systems.drop(columns="dev_score").to_dict("records"), frames, strict=True):
            about = pd.DataFrame({name: [value] * len(frame) for name, value in system.items()})
            yield pd.concat([about.astype({"layer": "Int64"}), frame.reset_index(drop=True)], axis=1)

    return pd.concat(parts(), ignore_index=True)
