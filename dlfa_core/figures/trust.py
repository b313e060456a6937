"""What a projection says in words, and how far its picture can be trusted."""

from math import isnan
from typing import NamedTuple

import pandas as pd

METHODS = {"umap": "UMAP", "pca": "Principal components", "tsne": "t-SNE"}
ALIGNMENTS = {
    "aligned": "each layer started from its neighbour",
    "independent": "every layer on its own",
    "aligned_umap": "layers joined by AlignedUMAP",
}
COLUMNS = {
    "translation_nearest": "Translation is nearest",
    "probe_linear": "Language, linear probe",
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


def number(result, measure: str, layer: int) -> Number | None:
    """A measure of a `project.Result` at a layer, or None where it was not taken."""
    rows = result.quality[(result.quality["measure"] == measure) & (result.quality["layer"] == layer)]
    if rows.empty or isnan(rows["value"].iloc[0]):
        return None
    return Number(*rows[list(Number._fields)].iloc[0])


def meeting_layer(result) -> int:
    """The layer at which a translation is most often the nearest point; the last one where that was not taken."""
    rows = result.quality[result.quality["measure"] == "translation_nearest"].dropna(subset=["value"])
    return int(rows.loc[rows["value"].idxmax(), "layer"]) if len(rows) else result.coordinates.shape[0] - 1


def map_answer(result) -> str:
    """One or two sentences: where translations are neighbours, and whether languages can still be told apart."""
    meta, last = result.meta, result.coordinates.shape[0] - 1
    n = f"n = {meta['n']:,} sentences in {len(meta['languages'])} languages"
    best = number(result, "translation_nearest", layer := meeting_layer(result))
    if best is None:
        return f"This map shows {meta['n_points']:,} sentences at {last + 1} layers; no two of them are translations."
    ends = [
        f"{_percent(at)} at layer {k}"
        for k in (0, last)
        if k != layer and (at := number(result, "translation_nearest", k)) is not None
    ]
    also = f"; {', '.join(ends)}" if ends else ""
    said = (
        f"At layer {layer} the nearest neighbour of {_percent(best)}{_interval(best)} of the sentences is a translation"
        f"{also} ({n})."
    )
    return f"{said} {_told_apart(result)}".strip()


def _told_apart(result) -> str:
    rows = result.quality[result.quality["measure"] == "probe_linear"].dropna(subset=["value"])
    if rows.empty:
        return ""
    worst = rows.loc[rows["value"].idxmin()]
    chance = rows["null_mean"].max()
    beside = "" if isnan(chance) else f" (chance: {100 * chance:.0f} %)"
    return (
        f"A linear probe tells the languages apart with {100 * worst['value']:.0f} % even at layer "
        f"{int(worst['layer'])}, where it finds it hardest{beside}."
    )


def honesty(result, layer: int) -> str:
    """The line on the figure: how faithful this layer's picture is, what is shown of what, and what was removed."""
    meta = result.meta
    parts = []
    for measure, said in (("trustworthiness", "trustworthiness {:.2f}"), ("continuity", "continuity {:.2f}")):
        if (at := number(result, measure, layer)) is not None:
            parts.append(said.format(at.value))
    if (at := number(result, "drift", layer)) is not None:
        parts.append(f"points moved {at.value:.2f} of the spread since layer {layer - 1}")
    faithful = f"Layer {layer}: {', '.join(parts)}. " if parts else ""
    shown = f"{meta['n_points']:,} of {meta['n_points_available']:,} points shown. "
    return f"{faithful}{shown}{meta['removed'] or 'Nothing was removed.'} {_how(meta)}"


def layer_table(result) -> pd.DataFrame:
    """One row per layer, one column per measure that was taken, headed as a reader calls it."""
    wide = result.quality.pivot_table(index="layer", columns="measure", values="value")
    return wide[[name for name in COLUMNS if name in wide]].rename(columns=COLUMNS)


def _how(meta) -> str:
    layout = METHODS.get(meta["method"], meta["method"])
    words = [f"{layout} in {meta['dims']} dimensions"]
    if meta["method"] != "pca":
        words.append(f"{meta['metric']} neighbours")
    words.append(ALIGNMENTS.get(meta["alignment"], meta["alignment"]))
    return f"{', '.join(words)}."


def _percent(at: Number) -> str:
    return f"{100 * at.value:.0f} %"


def _interval(at: Number) -> str:
    return "" if isnan(at.ci_low) else f" [{100 * at.ci_low:.0f}, {100 * at.ci_high:.0f}]"
