"""Which layer should be fused for a task, how surely, and would a plainer choice do as well?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dlfa_core import models
from dlfa_core.experiments import profile, transfer
from dlfa_core.experiments.recommend import predictors
from dlfa_core.experiments.recommend.by_language import ByLanguage, by_language
from dlfa_core.experiments.recommend.contest import BASELINE, MARGIN, contest_of, upper_third
from dlfa_core.experiments.recommend.dev_choice import dev_best
from dlfa_core.experiments.sources import corpora
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, made_from
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Head, Interval, Table

__all__ = ["MARGIN", "VERSION", "Choices", "Result", "Spec", "inputs", "inputs_at_hand", "parts", "run"]
__all__ += ["ByLanguage", "by_language", "compared_as", "trained_as", "upper_third"]

VERSION = 3


@dataclass(frozen=True)
class Spec(transfer.Spec):
    """Train as `transfer` does, or take what it has stored, then weigh the best fused layer against plainer choices.

    Attributes:
        corpus: parallel sentences that tell how close the languages are at each layer, as in `profile`.
    """

    corpus: str = "sample"


Choices = Table[Literal["against", Head, "layers", Interval, "gain", "gain_low", "gain_high", "same"]]
Predictors = Table[Literal["fusion", "weight", "level", "group", "predictor", Interval, "p", "n_layers", "n_languages"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What a transfer says about the choice of a layer.

    Attributes:
        means: as in `transfer.Result`.
        differences: as in `transfer.Result`.
        best: as in `transfer.Result`.
        choices: over the targets; `layers` are as a reader writes them. The first row, "chosen", is DLFA of the layer
            that the source language's dev set points at: no test example had a say in it. The others are what it is
            held against: "oracle", the best layer on the test examples themselves; "languages", for each half of the
            targets the layer that the other half points at; "last" alone; "depth", a layer taken blindly from the
            upper third; "random", one taken blindly from all; each "control" with the layer that the dev set points at.
            A gain is the chosen one's score minus the row's; the intervals of all gains hold together, that of the
            oracle for every layer that might have been it. `same` is true where this interval lies within `MARGIN`
            of 0.
        dev_best: share of the resamples of dev examples and seeds in which a configuration is the one that is chosen.
        predictors: as `predictors.rank_correlations` gives them.
        configurations: what was trained, each once.
        meta: that of the transfer, its `transfer` key, `together` (the group that the choice is made on),
            `margin` (`MARGIN`), `late` (heads for which it is not known whether more training gives more, and how many
            there are), `fusions` (name -> label and explains), `similarity` (what the predictors were measured on, or
            None).
    """

    means: transfer.Means
    differences: transfer.Means
    best: transfer.Best
    choices: Choices
    dev_best: Table[Literal[Head, "share"]]
    predictors: Predictors
    configurations: Table[Head]
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, the task's files and the corpus, and the versions of what is built on."""
    return {**inputs_at_hand(spec), **transfer.inputs(trained_as(spec))}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    compared = profile.inputs(compared_as(spec))
    return {
        "model": compared["model"],
        "corpus": compared["corpus"],
        "transfer": str(transfer.VERSION),
        "profile": str(profile.SCORES_VERSION),
    }


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The training and, where the corpus has the language that is trained in, the profile.

    Raises:
        ValueError: the corpus or the language is not usable.
    """
    compared = find(spec.source_language).code in corpora.opened(spec.corpus).languages
    return [(transfer, trained_as(spec)), *([(profile, compared_as(spec))] if compared else [])]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Train and profile where that is not stored yet, then compare.

    Raises:
        ValueError: as `transfer.run` and `profile.run`; or `last` or every fusion with a layer is left out.
    """
    _check(spec)
    trained = store.fetch(transfer, trained_as(spec), span(progress, 0.0, 0.9))
    profiled, missing = _similarity(spec, trained.meta, span(progress, 0.9, 0.97))
    progress(0.97, "Comparing the layers")
    return compared(trained, profiled, key=store.key_of(transfer, trained_as(spec)), notes=missing)


def compared(
    trained: transfer.Result, profiled: profile.Result | None, key: str = "", notes: Sequence[str] = ()
) -> Result:
    """The recommendation that a transfer makes.

    Args:
        trained: with `last` and a fusion that has layers.
        profiled: of the same model, with the source language, or None.
        key: of the transfer in the store.
        notes: further warnings.
    """
    gains = transfer.gains_of(trained)
    together = "targets" if (trained.means["level"] == "targets").any() else "all"
    own = [code for code in gains.counts if together == "all" or code != gains.source_language]
    contest, table = contest_of(trained, gains, own), gains.configurations
    return Result(
        means=trained.means,
        differences=trained.differences,
        best=trained.best,
        choices=contest.table(),
        dev_best=dev_best(trained, gains, contest.candidates),
        predictors=predictors.rank_correlations(trained, profiled, gains),
        configurations=table,
        meta={
            **trained.meta,
            "transfer": key,
            "together": together,
            "margin": MARGIN,
            "late": (int(trained.heads["late"].sum()), len(trained.heads)),
            "fusions": {name: _described(name) for name in dict.fromkeys(table["fusion"])},
            "similarity": profiled and {name: profiled.meta[name] for name in ("corpus", "corpus_name", "n")},
            "warnings": [*trained.meta["warnings"], *notes],
        },
    )


def trained_as(spec: transfer.Spec) -> transfer.Spec:
    """The transfer that a recommendation is made of."""
    return made_from(spec, transfer.Spec)


def _check(spec: Spec) -> None:
    fusions = [models.find_fusion(name) for name in spec.fusions]
    if BASELINE not in spec.fusions:
        raise ValueError(
            f"A gain is one over the last layer alone, but fusions={spec.fusions} leaves it out: add last."
        )
    if not any(fusion.uses_lower for fusion in fusions):
        raise ValueError(f"None of fusions={spec.fusions} fuses a lower layer, so there is none to choose: add dlfa.")


def _described(name: str) -> dict[str, str]:
    fusion = models.find_fusion(name)
    return {"label": fusion.label, "explains": fusion.explains}


def compared_as(spec: Spec) -> profile.Spec:
    """The profile that says how close languages are."""
    return profile.Spec(model=spec.model, corpus=spec.corpus)


def _similarity(spec: Spec, meta: Mapping[str, Any], progress: Progress) -> tuple[profile.Result | None, list[str]]:
    """The profile of the same model, or None where it would say nothing on the source language, and why."""
    source = meta["source_language"]
    if source in corpora.opened(spec.corpus).languages:
        return store.fetch(profile, compared_as(spec), progress), []
    return None, [
        f"The parallel sentences lack {find(source).name}, which was trained on, so only depth could be tried as a "
        f"predictor. Choose a corpus that has it."
    ]
