"""Which layer should be fused for a task, how surely, and would a plainer choice do as well?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.experiments import profile, transfer
from dlfa_core.experiments.recommend import predictors
from dlfa_core.experiments.sources import corpora
from dlfa_core.experiments.transfer import CONFIGURATION, TransferStatistics
from dlfa_core.languages import find
from dlfa_core.measures.intervals import bounds
from dlfa_core.measures.selection import simultaneous_intervals
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Head, Interval, Table

__all__ = ["VERSION", "Choices", "Result", "Spec", "inputs", "inputs_at_hand", "run"]

VERSION = 2
BASELINE = "last"
RECOMMENDED = "dlfa"  # the fusion whose layer is chosen, where it was trained


@dataclass(frozen=True)
class Spec(transfer.Spec):
    """Train as `transfer` does, or take what it has stored, then weigh the best fused layer against plainer choices.

    Attributes:
        corpus: parallel sentences that tell how close the languages are at each layer, as in `profile`.
    """

    corpus: str = "sample"


Choices = Table[Literal["against", Head, "layers", Interval, "gain", "gain_low", "gain_high"]]
Predictors = Table[Literal["fusion", "weight", "level", "group", "predictor", Interval, "n_layers", "n_languages"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What a transfer says about the choice of a layer; small, as it holds no example's score.

    Attributes:
        means: as in `transfer.Result`.
        differences: as in `transfer.Result`.
        best: as in `transfer.Result`.
        choices: over the targets; `layers` are as a reader writes them. The first row, "chosen", is the best layer of
            DLFA. The others are what it is held against: "last" alone; "depth", a layer taken blindly from the upper
            third; "dev", the one that the source language's dev set would have chosen; each "control" at its best
            layer. A gain is the chosen one's score minus the row's; its interval is widened for the choice having been
            made on it.
        predictors: as `predictors.rank_correlations` gives them.
        configurations: a column of `replicates` each.
        replicates: float32 (resamples, configurations), the main measure's mean over the targets on each resample,
            so that other comparisons need no example's score.
        meta: that of the transfer, its `transfer` key, `together` (the group that the choice is made on), `fusions`
            (name -> label and explains), `similarity` (what the predictors were measured on, or None).
    """

    means: transfer.Means
    differences: transfer.Means
    best: transfer.Best
    choices: Choices
    predictors: Predictors
    configurations: Table[Head]
    replicates: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, the task's files and the corpus, and the versions of what is built on."""
    return {**inputs_at_hand(spec), **transfer.inputs(trained_as(spec))}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    compared = profile.inputs(_compared_as(spec))
    return {
        "model": compared["model"],
        "corpus": compared["corpus"],
        "transfer": str(transfer.VERSION),
        "profile": str(profile.SCORES_VERSION),
    }


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
    values, replicates = over_languages(gains, together)
    table = gains.configurations
    return Result(
        means=trained.means,
        differences=trained.differences,
        best=trained.best,
        choices=choices_of(table, values, replicates, trained.meta["n_layers"], dev_scores_of(trained.heads)),
        predictors=predictors.rank_correlations(trained, profiled, gains),
        configurations=table,
        replicates=replicates.astype(np.float32),
        meta={
            **trained.meta,
            "transfer": key,
            "together": together,
            "fusions": {name: _described(name) for name in dict.fromkeys(table["fusion"])},
            "similarity": profiled and {name: profiled.meta[name] for name in ("corpus", "corpus_name", "n")},
            "warnings": [*trained.meta["warnings"], *notes],
        },
    )


def trained_as(spec: transfer.Spec) -> transfer.Spec:
    """The transfer that a recommendation is made of."""
    return made_from(spec, transfer.Spec)


def over_languages(gains: TransferStatistics, together: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the languages of a group, "targets" or "all": (configurations,), (resamples, configurations)."""
    values, replicates = gains.replicates()
    own = [index for index, code in enumerate(gains.counts) if together == "all" or code != gains.source_language]
    return values[:, own].mean(axis=1), replicates[:, :, own].mean(axis=2)


def dev_scores_of(heads: transfer.Heads) -> np.ndarray:
    """(configurations,) mean over seeds of the score on the source language's dev set, in the order of the heads."""
    keys = [heads[name].astype("str").fillna("") for name in CONFIGURATION]
    return heads.groupby(keys, sort=False)["dev_score"].mean().to_numpy()


def upper_third(n_layers: int) -> tuple[int, int]:
    """The first and the last layer of "take a high one": 8 to 11 of an encoder with 12 blocks."""
    return n_layers - max(1, round(n_layers / 3)), n_layers - 1


def choices_of(
    configurations: pd.DataFrame, values: np.ndarray, replicates: np.ndarray, n_layers: int, dev_scores: np.ndarray
) -> pd.DataFrame:
    """`Result.choices`.

    Args:
        configurations: fusion, layer, weight.
        values: (configurations,) scores.
        replicates: (resamples, configurations).
        n_layers: blocks of the encoder.
        dev_scores: (configurations,).
    """
    candidates = _candidates(configurations)
    chosen = candidates[values[candidates].argmax()]
    rows = [("chosen", [chosen], _numbered(configurations["layer"][chosen]))]
    rows += [("last", [index], "") for index in np.flatnonzero(configurations["fusion"] == BASELINE)]
    first, last = upper_third(n_layers)
    alike = (configurations[["fusion", "weight"]] == configurations.loc[chosen, ["fusion", "weight"]]).all(axis=1)
    high = np.flatnonzero(alike & configurations["layer"].between(first, last).fillna(False).astype(bool))
    if len(high) > 1:
        rows.append(
            ("depth", list(high), f"{configurations['layer'][high].min()} to {configurations['layer'][high].max()}")
        )
    by_dev = candidates[dev_scores[candidates].argmax()]
    rows.append(("dev", [by_dev], _numbered(configurations["layer"][by_dev])))
    others = ~configurations.index.isin(candidates) & (configurations["fusion"] != BASELINE)
    for _, own in configurations[others].groupby(["fusion", "weight"], sort=False):
        index = own.index[int(values[own.index].argmax())]
        rows.append(("control", [index], _numbered(configurations["layer"][index])))
    return pd.DataFrame(
        [
            {
                "against": against,
                **configurations.loc[indices[0]].to_dict(),
                "layer": configurations["layer"][indices[0]] if len(indices) == 1 else pd.NA,
                "layers": layers,
                **_held_against(values, replicates, candidates, chosen, indices),
            }
            for against, indices, layers in rows
        ]
    ).astype({"layer": "Int64"})


def _check(spec: Spec) -> None:
    fusions = [models.find_fusion(name) for name in spec.fusions]
    if BASELINE not in spec.fusions:
        raise ValueError(
            f"A gain is one over the last layer alone, but fusions={spec.fusions} leaves it out: add last."
        )
    if not any(fusion.uses_lower for fusion in fusions):
        raise ValueError(f"None of fusions={spec.fusions} fuses a lower layer, so there is none to choose: add dlfa.")


def _candidates(configurations: pd.DataFrame) -> np.ndarray:
    """Indices of what is chosen among: DLFA at every layer, or every fusion with a layer where there is no DLFA."""
    fused = configurations["layer"].notna()
    ours = fused & (configurations["fusion"] == RECOMMENDED)
    return np.flatnonzero(ours if ours.any() else fused)


def _held_against(
    values: np.ndarray, replicates: np.ndarray, candidates: np.ndarray, chosen: int, indices: list[int]
) -> dict[str, float]:
    """Score of some configurations together, and how far the chosen one is above it."""
    value, drawn = values[indices].mean(), replicates[:, indices].mean(axis=1)
    ci_low, ci_high = bounds(value, drawn)
    found = {"value": value, "ci_low": ci_low, "ci_high": ci_high, "gain": values[chosen] - value}
    if len(replicates) < 2:
        return {**found, "gain_low": np.nan, "gain_high": np.nan}
    low, high = simultaneous_intervals(values[candidates] - value, replicates[:, candidates] - drawn[:, None])
    index = int(np.flatnonzero(candidates == chosen)[0])
    same = indices == [chosen]  # nothing is above itself, whatever the others do
    return {**found, "gain_low": 0.0 if same else float(low[index]), "gain_high": 0.0 if same else float(high[index])}


def _numbered(layer: Any) -> str:
    return "" if pd.isna(layer) else str(layer)


def _described(name: str) -> dict[str, str]:
    fusion = models.find_fusion(name)
    return {"label": fusion.label, "explains": fusion.explains}


def _compared_as(spec: Spec) -> profile.Spec:
    return profile.Spec(model=spec.model, corpus=spec.corpus)


def _similarity(spec: Spec, meta: Mapping[str, Any], progress: Progress) -> tuple[profile.Result | None, list[str]]:
    """The profile of the same model, or None where it would say nothing on the source language, and why."""
    source = meta["source_language"]
    if source in corpora.opened(spec.corpus).languages:
        return store.fetch(profile, _compared_as(spec), progress), []
    return None, [
        f"The parallel sentences lack {find(source).name}, which was trained on, so only depth could be tried as a "
        f"predictor. Choose a corpus that has it."
    ]
