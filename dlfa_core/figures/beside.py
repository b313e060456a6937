"""Two models beside each other: how far one is above the other, layer by layer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core.figures.fusion import Fusion, rows_of
from dlfa_core.figures.layers import layer_axis, over_layers
from dlfa_core.figures.sentences.beside import Curve, difference_table
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.figures.sentences.recommend import fusion_label, score_label
from dlfa_core.figures.theme import NEUTRAL, Style, blank, fusion_style, legend_above, style_of

if TYPE_CHECKING:
    from dlfa_core.experiments import profile, recommend

_HEIGHT = 320
Pairs = Mapping[str, tuple[Curve, Curve, Style]]


def similarity_pairs(first: "profile.Result", second: "profile.Result", measures: Sequence[str]) -> Pairs:
    """Return the curves of two encoders for `difference_curves`, of those measures that both results hold."""
    pairs = {}
    for name in measures:
        one, two = (each.means[each.means["measure"] == name] for each in (first, second))
        if len(one) and len(two):
            pairs[label_of(name)] = (one, two, style_of(name))
    return pairs


def score_pairs(first: "recommend.Result", second: "recommend.Result", fusions: Sequence[Fusion]) -> Pairs:
    """Return the scores of two encoders on one task, as `similarity_pairs` does, of those fusions that both have."""
    pairs = {}
    for fusion in fusions:
        one, two = (rows_of(each, each.means, fusion) for each in (first, second))
        if len(one) and len(two):
            pairs[fusion_label(first, *fusion)] = (one, two, fusion_style(*fusion))
    return pairs


def similarity_differences(first: "profile.Result", second: "profile.Result", measures: Sequence[str]) -> go.Figure:
    """Draw how much more alike translations are for the first encoder than for the second, layer by layer."""
    return difference_curves(similarity_pairs(first, second, measures), "difference of similarity")


def score_differences(first: "recommend.Result", second: "recommend.Result", fusions: Sequence[Fusion]) -> go.Figure:
    """Draw how much better fusions of the first encoder do than those of the second, at every fused layer."""
    return difference_curves(score_pairs(first, second, fusions), f"difference of {score_label(first)}")


def difference_curves(curves: Pairs, title: str) -> go.Figure:
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
