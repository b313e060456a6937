"""Two models beside each other: how far one is above the other, layer by layer."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dlfa_core.figures.layers import layer_axis, over_layers
from dlfa_core.figures.sentences.beside import Curve, difference_table
from dlfa_core.figures.theme import NEUTRAL, Style, blank, legend_above

_HEIGHT = 320


def difference_curves(curves: Mapping[str, tuple[Curve, Curve, Style]], title: str) -> go.Figure:
    """First model minus second at every layer that both have, a curve for each quantity; 0 is no difference.

    Args:
        curves: what a quantity is called -> its curves in the first and in the second model, and how it is drawn.
        title: of the upright axis.
    """
    tables = {name: difference_table(first, second) for name, (first, second, _) in curves.items()}
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    layers = sorted({int(layer) for table in tables.values() for layer in table["layer"]})
    layer_axis(figure, layers[0] if layers else 0, layers[-1] if layers else 0)
    for name, table in tables.items():
        if len(table):
            figure.add_traces(list(over_layers(table, layers, name, curves[name][2], main=True)))
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    figure.update_yaxes(title=title)
    return figure
