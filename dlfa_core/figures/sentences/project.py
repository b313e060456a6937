"""What a projection says in words, and how far its picture can be trusted."""

from collections.abc import Iterable, Iterator, Mapping
from math import isnan, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dlfa_core.figures.sentences.numbers import (
    counted,
    percent,
    percent_with_interval,
    plain,
    signed,
    thousandths,
    with_interval,
)
from dlfa_core.measures.corrections import holm
from dlfa_core.tables import highest, lowest

if TYPE_CHECKING:
    from dlfa_core.experiments import project

METHODS = {"umap": "UMAP", "pca": "Principal components", "tsne": "t-SNE"}
LEVEL = 0.05  # of tests
_SHORT = METHODS | {"pca": "PCA"}
ALIGNMENTS = {
    "aligned": "each layer started from its neighbour",
    "independent": "every layer on its own",
    "aligned_umap": "layers joined by AlignedUMAP",
}
COLUMNS = {
    "translation_nearest": "Translation is nearest",
    "probe_linear": "Language, linear probe",
    "probe_control": "Control task, linear probe",
    "selectivity": "Selectivity of the probe",
    "probe_nearest": "Language, nearest neighbour",
    "silhouette_language": "Silhouette, language",
    "silhouette_family": "Silhouette, family",
    "silhouette_sentence": "Silhouette, sentence",
    "tree_agreement": "Family tree agrees",
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "drift": "Drift",
}


class Number(NamedTuple):
    """One measure at one layer; NaN where there is no such thing."""

    value: float
    ci_low: float
    ci_high: float
    null_mean: float
    null_high: float
    p_value: float
    n: int


def number(result: "project.Result", measure: str, layer: int) -> Number | None:
    """A measure of a `project.Result` at a layer, or None where it was not taken."""
    rows = result.quality[(result.quality["measure"] == measure) & (result.quality["layer"] == layer)]
    rows = rows.dropna(subset="value")
    return None if rows.empty else Number(*rows.copy()[list(Number._fields)].iloc[0])


def meeting_layer(result: "project.Result") -> int:
    """The layer at which a translation is most often the nearest point; the last one where that was not taken."""
    rows = result.quality[result.quality["measure"] == "translation_nearest"].dropna(subset="value")
    return int(highest(rows, rows["value"])["layer"]) if len(rows) else result.coordinates.shape[0] - 1


def map_answer(result: "project.Result") -> str:
    """One sentence: where translations are neighbours."""
    meta, last = result.meta, result.coordinates.shape[0] - 1
    n = f"n = {counted(meta['n'], 'sentence')} in {counted(len(meta['languages']), 'language')}"
    best = number(result, "translation_nearest", layer := meeting_layer(result))
    if best is None:
        shown = f"{counted(meta['n_points'], 'sentence')} at {counted(last + 1, 'layer')}"
        return f"This map shows {shown}; no two of them are translations."
    ends = [
        f"{percent(at.value)} at layer {k}"
        for k in (0, last)
        if k != layer and (at := number(result, "translation_nearest", k)) is not None
    ]
    also = f"; {', '.join(ends)}" if ends else ""
    return (
        f"At layer {layer} the nearest neighbour of {percent_with_interval(best._asdict())} of the sentences is a "
        f"translation{also} ({n})."
    )


def told_apart(result: "project.Result") -> str:
    """Say at which layer a probe finds languages hardest to tell apart, and how well it still does; "" unmeasured."""
    rows = result.quality[result.quality["measure"] == "probe_linear"].dropna(subset="value")
    if rows.empty:
        return ""
    worst = lowest(rows, rows["value"])
    chance = rows["null_mean"].max()
    beside = "" if isnan(chance) else f" (chance: {percent(chance)})"
    layer = int(worst["layer"])
    return (
        f"A linear probe tells the languages apart with {percent(worst['value'])} even at layer {layer}, where it "
        f"finds it hardest{beside}{_selective(result, layer)}."
    )


def _selective(result: "project.Result", layer: int) -> str:
    control, selectivity = (number(result, measure, layer) for measure in ("probe_control", "selectivity"))
    if control is None or selectivity is None:
        return ""
    return (
        f"; labels that each sentence got at random it finds with {percent(control.value)}, which is a selectivity of "
        f"{with_interval(selectivity._asdict(), signed)}"
    )


def reliability(result: "project.Result", layer: int) -> str:
    """The line on the figure: how faithful this layer's picture is, what is shown of what, and what was removed."""
    meta = result.meta
    parts = []
    for measure in ("trustworthiness", "continuity"):
        if (at := number(result, measure, layer)) is not None:
            parts.append(f"{measure} {plain(at.value)}")
    if (at := number(result, "drift", layer)) is not None:
        parts.append(f"points moved {plain(at.value)} of the spread since layer {layer - 1}")
    faithful = f"Layer {layer}: {', '.join(parts)}. " if parts else ""
    shown = f"{meta['n_points']:,} of {meta['n_points_available']:,} points shown. "
    return f"{faithful}{shown}{meta['removed'] or 'Nothing was removed.'} {_how(meta)}"


def tree_answer(result: "project.Result") -> str:
    """Say in words whether the trees agree with the accepted one better than with languages shuffled; "" untested."""
    rows = result.quality[result.quality["measure"] == "tree_agreement"].dropna(subset="p_value")
    if rows.empty:
        return ""
    corrected = holm(rows["p_value"].astype(float).to_numpy())
    layers = [int(layer) for layer, p in zip(rows["layer"], corrected, strict=True) if p < LEVEL]
    smallest = f"p = {corrected.min():.2g}, corrected for {counted(len(rows), 'layer')}"
    if not layers:
        return (
            "No sign of it: at no layer does the tree agree with the accepted families more than trees of shuffled "
            f"languages do (smallest {smallest})."
        )
    where = f"all {len(rows)} layers" if len(layers) == len(rows) else f"layer{'s'[: len(layers) != 1]} {spans(layers)}"
    return (
        f"In part: at {where} the tree agrees with the accepted families more than trees of shuffled languages do "
        f"(smallest {smallest})."
    )


def spans(numbers: Iterable[int]) -> str:
    """Return whole numbers in their order, runs of them as "3 to 7"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def tree_words(result: "project.Result", layer: int) -> str:
    """Say how well the tree of a layer agrees with the accepted one, and what shuffled languages reach."""
    agreement = number(result, "tree_agreement", layer)
    if agreement is None:
        return f"Layer {layer}."
    shuffled, p = "", ""
    if not isnan(agreement.null_high):
        mean, high = (percent(value) for value in (agreement.null_mean, agreement.null_high))
        shuffled = f"; with languages shuffled that is {mean}, and above {high} in one of twenty draws"
    if not isnan(agreement.p_value):
        p = f" (p = {agreement.p_value:.3g})"
    return (
        f"Layer {layer}: of every three languages of which the classification says which two are closest, the tree "
        f"joins the same two first in {percent(agreement.value)}{shuffled}{p}."
    )


def summary(result: "project.Result") -> Iterator[str]:
    """Yield what was laid out, and how far it can be trusted."""
    meta = result.meta
    means = result.quality.groupby("measure")["value"].mean()
    yield (
        f"{counted(meta['n_points'], 'point')} at {counted(meta['n_states'], 'layer')} by {_SHORT[meta['method']]}: "
        f"{meta['n']:,} of {counted(meta['n_available'], 'sentence')} in {counted(len(meta['languages']), 'language')}."
    )
    yield (
        f"Mean over layers: trustworthiness {thousandths(means['trustworthiness'])}, continuity "
        f"{thousandths(means['continuity'])}, drift {plain(means.get('drift', nan))} of the spread."
    )
    yield meta["removed"]


def layer_table(result: "project.Result") -> pd.DataFrame:
    """One row per layer, one column per measure that was taken, headed as a reader calls it."""
    wide = result.quality.copy().pivot_table(index="layer", columns="measure", values="value")
    return wide[[name for name in COLUMNS if name in wide]].rename(columns=COLUMNS)


def _how(meta: Mapping[str, Any]) -> str:
    layout = METHODS.get(meta["method"], meta["method"])
    words = [f"{layout} in {meta['dims']} dimensions"]
    if meta["method"] != "pca":
        words.append(f"{meta['metric']} neighbours")
    words.append(ALIGNMENTS.get(meta["alignment"], meta["alignment"]))
    return f"{', '.join(words)}."
