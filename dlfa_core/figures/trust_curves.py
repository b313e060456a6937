"""The numbers beside a map as curves over the layers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import plotly.graph_objects as go

from dlfa_core.figures.layers import confidence_band, layer_axis
from dlfa_core.figures.sentences.project import COLUMNS
from dlfa_core.figures.theme import GRID, NEUTRAL, STYLES, Style, blank, legend_above
from dlfa_core.tables import Interval, Table

if TYPE_CHECKING:
    from dlfa_core.experiments import project

_HEIGHT = 380
_COLOURS = {name: style.colour for name, style in STYLES.items()}
GROUPS = {
    "languages": (
        "translation_nearest",
        "probe_linear",
        "probe_control",
        "selectivity",
        "probe_nearest",
        "tree_agreement",
    ),
    "clusters": ("silhouette_sentence", "silhouette_family", "silhouette_language"),
    "trust": ("trustworthiness", "continuity", "drift"),
}
_AXES = {
    "languages": "share",
    "clusters": "silhouette (1 = tight clusters, 0 = none)",
    "trust": "share, or movement over spread",
}
_STYLES = {
    "translation_nearest": Style(_COLOURS["cka"], "solid", "circle"),
    "probe_linear": Style(_COLOURS["retrieval_cosine"], "solid", "square"),
    "probe_control": Style(_COLOURS["svcca"], "dot", "x"),
    "selectivity": Style(_COLOURS["cosine_gap"], "dash", "triangle-up-open"),
    "probe_nearest": Style(_COLOURS["retrieval_cosine"], "dash", "square-open"),
    "tree_agreement": Style(_COLOURS["anc"], "solid", "diamond"),
    "silhouette_sentence": Style(_COLOURS["cka"], "solid", "circle"),
    "silhouette_family": Style(_COLOURS["anc"], "solid", "diamond"),
    "silhouette_language": Style(_COLOURS["retrieval_cosine"], "solid", "square"),
    "trustworthiness": Style(_COLOURS["cka"], "solid", "circle"),
    "continuity": Style(_COLOURS["svcca"], "dash", "pentagon"),
    "drift": Style(_COLOURS["cosine_gap"], "solid", "triangle-up"),
}


def trust_curves(result: "project.Result", group: str) -> go.Figure:
    """Measures of a `project.Result` at every layer, each with its interval and what chance gives.

    Args:
        group: `languages` (neighbours and probes), `clusters` (silhouettes) or `trust` (how faithful the map is).

    Raises:
        KeyError: there is no such group.
    """
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    layer_axis(figure, 0, result.coordinates.shape[0] - 1)
    figure.update_yaxes(title=_AXES[group], rangemode="tozero", gridcolor=GRID)
    for measure in GROUPS[group]:
        rows = result.quality[result.quality["measure"] == measure].dropna(subset="value").sort_values("layer")
        if len(rows):
            figure.add_traces(list(_traces(rows, measure)))
    return figure


def _traces(
    rows: Table[Literal["layer", Interval, "null_mean", "null_high", "n"]], measure: str
) -> Iterator[go.Scatter]:
    style = _STYLES[measure]
    if rows["null_high"].notna().all():
        yield confidence_band(rows["layer"], rows["null_mean"], rows["null_high"], NEUTRAL, 0.2)
    elif rows["null_mean"].notna().all():
        yield go.Scatter(
            x=rows["layer"],
            y=rows["null_mean"],
            mode="lines",
            line={"color": style.colour, "width": 1, "dash": "dot"},
            showlegend=False,
            hovertemplate="chance: %{y:.3f}<extra></extra>",
        )
    if rows["ci_low"].notna().all():
        yield confidence_band(rows["layer"], rows["ci_low"], rows["ci_high"], style.colour)
    yield go.Scatter(
        x=rows["layer"],
        y=rows["value"],
        name=COLUMNS[measure],
        mode="lines+markers",
        line={"color": style.colour, "width": 2.4, "dash": style.dash},
        marker={"symbol": style.symbol, "size": 7},
        cliponaxis=False,
        customdata=rows[["n"]],
        hovertemplate=f"<b>{COLUMNS[measure]}</b><br>layer %{{x}}: %{{y:.3f}}; n = %{{customdata[0]:,}}<extra></extra>",
    )
