"""Which dimensions a gate opens: all of them sorted, and how far languages differ in each."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.gates.groups import ACCENT
from dlfa_core.figures.layers import confidence_band
from dlfa_core.figures.sentences.gates import model_names
from dlfa_core.figures.theme import GRID, blank, legend_above

if TYPE_CHECKING:
    from dlfa_core.experiments import gates


def dimensions(result: "gates.Result", model: str) -> go.Figure:
    """The mean gate of each dimension over words, the widest open first; the band holds all languages.

    Args:
        model: one of the result's models.
    """
    opened = result.dimensions[model_names(result).index(model)].astype(np.float64)
    mean = opened.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    rank = np.arange(1, len(mean) + 1)
    low, high = opened[:, order].min(axis=0), opened[:, order].max(axis=0)
    figure = blank(360, legend=legend_above())
    band = confidence_band(rank, low, high, ACCENT, opacity=0.25)
    figure.add_trace(band.update(name="from the lowest to the highest language", showlegend=True))
    figure.add_scatter(
        x=rank,
        y=mean[order],
        mode="lines",
        line={"color": ACCENT, "width": 2.2},
        name="mean over languages",
        customdata=np.stack([order, low, high], axis=1),
        hovertemplate="dimension %{customdata[0]:.0f}<br>mean gate %{y:.3f}, languages "
        "%{customdata[1]:.3f} to %{customdata[2]:.3f}<extra></extra>",
    )
    figure.update_xaxes(title=f"dimensions, sorted (1 to {len(mean)})", range=[0, len(mean) + 1])
    figure.update_yaxes(title="gate, mean over words", range=[0, 1], gridcolor=GRID)
    return figure
