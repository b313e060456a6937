"""Scores of fused layers, and their gain over the last layer alone, against the layer."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.chance import chance, mark_chance
from dlfa_core.figures.layers import layer_axis, over_layers
from dlfa_core.figures.published import published_gains
from dlfa_core.figures.sentences.recommend import fusion_label, score_label
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, fusion_style, legend_above

if TYPE_CHECKING:
    import pandas as pd

    from dlfa_core.experiments import recommend, transfer

_HEIGHT = 390
_FIRST_DRAWN = ("dlfa", "average", "last", "extra", "half_frozen")

Fusion = tuple[str, str]  # name and weight


def fusions_of(result: "recommend.Result") -> list[Fusion]:
    """Name and weight of every fusion in a `recommend.Result`, those with a layer first."""
    fused = result.configurations["layer"].notna()
    return list(dict.fromkeys([*_named(result, fused), *_named(result, ~fused)]))


def layered_fusions(result: "recommend.Result") -> list[Fusion]:
    """Those of them that fuse a layer which has to be chosen."""
    return _named(result, result.configurations["layer"].notna())


def _named(result: "recommend.Result", rows: "pd.Series[bool]") -> list[Fusion]:
    own = result.configurations[rows]
    return list(dict.fromkeys(zip(own["fusion"], own["weight"], strict=True)))


def first_drawn(result: "recommend.Result") -> list[str]:
    """Return what the figure shows at first, as a reader calls it: DLFA, and the controls that ask the hardest
    questions.
    """
    return [fusion_label(result, *fusion) for fusion in fusions_of(result) if fusion[0] in _FIRST_DRAWN]


def has_published(result: "recommend.Result") -> bool:
    """Tell whether `gain_curves` draws what others report."""
    return bool(_published(result))


def fused_layers(result: "recommend.Result") -> list[int]:
    """The lower layers that were fused, ascending."""
    return sorted({int(layer) for layer in result.configurations["layer"].dropna()})


def score_curves(result: "recommend.Result", shown: Sequence[Fusion]) -> go.Figure:
    """The score of every fused layer, the mean over the target languages; what has no layer is a level line.

    What guessing reaches is marked where it is known.

    Args:
        shown: name and weight of the fusions to draw.
    """
    figure = _curves(result, result.means, shown, f"{score_label(result)}, mean over {_together(result)}")
    low, high = figure.layout.yaxis.range
    if (level := chance(result.meta)) is not None:
        mark_chance(figure, result.meta)
        figure.update_yaxes(range=[min(low, level - 0.06 * (high - low)), high])
    return figure


def gain_curves(result: "recommend.Result", shown: Sequence[Fusion]) -> go.Figure:
    """As `score_curves`, minus the score of the last layer alone on the same examples and seeds.

    Behind, faintly: the gain over their own baseline that the authors of DLFA report for this kind of task. Their
    scores are of other models and data, and only differences compare.
    """
    title = f"gain over the last layer alone, {score_label(result)}"
    figure = _curves(result, result.differences, shown, title, _published(result))
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    return figure


def _curves(
    result: "recommend.Result",
    table: "transfer.Means",
    shown: Sequence[Fusion],
    title: str,
    behind: Sequence[go.Scatter] = (),
) -> go.Figure:
    layers = fused_layers(result)
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    layer_axis(figure, 1, result.meta["n_layers"] - 1)
    figure.add_traces(behind)
    drawn = [trace for fusion in shown for trace in _fusion(result, table, fusion, layers)]
    figure.add_traces(sorted(drawn, key=lambda trace: trace.fill != "toself"))  # no band over a line
    heights = np.concatenate([np.asarray(trace.y, dtype=float) for trace in figure.data] or [np.array([0.0, 1.0])])
    low, high = np.nanmin(heights), np.nanmax(heights)
    margin = 0.06 * max(high - low, 1e-3)
    figure.update_yaxes(title=title, range=[low - margin, high + margin], gridcolor=GRID)
    return figure


def _fusion(
    result: "recommend.Result", table: "transfer.Means", fusion: Fusion, layers: list[int]
) -> Iterator[go.Scatter]:
    """Interval and line of one fusion."""
    name, weight = fusion
    rows = rows_of(result, table, fusion)
    if rows.empty:
        return
    label = fusion_label(result, name, weight)
    yield from over_layers(rows, layers, label, fusion_style(name, weight), main=name == "dlfa")


def rows_of(result: "recommend.Result", table: "transfer.Means", fusion: Fusion) -> "transfer.Means":
    """Return the rows of one fusion in `means` or `differences`, by the task's measure over all targets, by layer."""
    name, weight = fusion
    own = (table["fusion"] == name) & (table["weight"] == weight)
    return table[
        own & (table["level"] == result.meta["together"]) & (table["measure"] == result.meta["metric"])
    ].sort_values("layer")


def _published(result: "recommend.Result") -> list[go.Scatter]:
    rows = published_gains(result.meta["task"].partition(":")[0], result.meta["n_layers"])
    if rows.empty:
        return []
    return [
        go.Scatter(
            x=rows["layer"].astype(float),
            y=rows["gain"],
            name="DLFA as published (mBERT, fine-tuned)",
            mode="lines+markers",
            line={"color": NEUTRAL, "width": 1},
            marker={"symbol": "circle-open", "size": 5},
            legendrank=2000,
            customdata=rows["source"],
            hovertemplate="published, layer %{x} against its own baseline: %{y:+.3f}<br>%{customdata}<extra></extra>",
        )
    ]


def _together(result: "recommend.Result") -> str:
    return "the target languages" if result.meta["together"] == "targets" else "all languages"
