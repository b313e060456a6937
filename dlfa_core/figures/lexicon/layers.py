"""Lexicon words layer by layer: does fusing another layer change what the words do?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core.experiments.lexicon import FUSION_LABELS
from dlfa_core.figures.layers import over_layers
from dlfa_core.figures.lexicon.languages import NAMES, quantity_of
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, fusion_style, legend_above
from dlfa_core.tables import Table

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

_HEIGHT = 430
_SPARSE = "1px,6px"  # unlike the dots of negative words, whose line may be as grey
DASHES = {"positive": "solid", "negative": "dot", "both": "solid"}
SYMBOLS = {"positive": "triangle-up", "negative": "triangle-down", "both": "circle"}


def by_layer(result: "lexicon.Result", language: str, quantity: str) -> go.Figure:
    """A line per fusion over the lower layer that it fuses, with 95 % intervals; neutral words are left out.

    Positive words are solid with triangles up, negative ones dotted with triangles down; what fuses no layer is level.

    Args:
        result: of several layers.
        language: its code, or "all".
        quantity: key in `QUANTITIES`.

    Raises:
        ValueError: no classifier of the result fuses a layer, or there is no such quantity.
    """
    about = quantity_of(quantity)
    rows = result.scores[(result.scores["measure"] == quantity) & (result.scores["language"] == language)]
    layers = sorted(int(layer) for layer in rows["layer"].dropna().unique())
    if not layers:
        raise ValueError("No classifier of this result fuses a lower layer, so there is no curve over layers.")
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    traces = [
        trace
        for (fusion, weight), own in rows.groupby(["fusion", "weight"], sort=False)
        for polarity in about.polarities
        if polarity in DASHES
        for trace in _line(own[own["polarity"] == polarity], fusion, weight, polarity, layers)
    ]
    figure.add_traces(sorted(traces, key=lambda trace: trace.fill != "toself"))  # no band over a line
    if (nothing := about.nothing) is not None:
        figure.add_hline(y=nothing, line={"color": NEUTRAL, "width": 1, "dash": _SPARSE}, layer="below")
    figure.update_xaxes(
        title="fused lower layer (k = output of block k)",
        range=[layers[0] - 0.5, layers[-1] + 0.5],
        dtick=1 if len(layers) < 16 else 2,
        fixedrange=True,
    )
    figure.update_yaxes(title=about.axis.replace(", share", ",<br>share"), gridcolor=GRID, fixedrange=True)
    return figure


def _line(
    rows: "Table[lexicon.Score]", fusion: str, weight: str, polarity: str, layers: list[int]
) -> Iterator[go.Scatter]:
    rows = rows.dropna(subset="value").sort_values("layer")
    if rows.empty:
        return
    style = fusion_style(fusion, weight)._replace(dash=DASHES[polarity], symbol=SYMBOLS[polarity])
    label = FUSION_LABELS.get(fusion, fusion) + ("" if polarity == "both" else f", {NAMES[polarity]}")
    yield from over_layers(rows, layers, label, style, main=fusion == "dlfa")
