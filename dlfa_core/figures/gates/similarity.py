"""Gates against how close languages are: language by language at one layer, or layer by layer."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.gates.groups import WORD_MEASURES
from dlfa_core.figures.mark_names import axis_range, spots_on_axes
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.figures.theme import GRID, LAYER_AXIS, NEUTRAL, blank, error_bars, legend_above, style_of

if TYPE_CHECKING:
    from dlfa_core.experiments import gates

_HEIGHT = 430
_ROOM = (720.0, 370.0)  # pixels between the axes, on a screen of usual width; the height without the axis


def similarity(result: "gates.Result", model: str, measure: str, word_measure: str = "gate") -> go.Figure:
    """A mark per language: how close it is to the pivot at the fused layer, and what its words let through.

    Args:
        model: one of the result's models.
        measure: a measure in `result.close`.
        word_measure: key in `WORD_MEASURES`.

    Raises:
        ValueError: the result does not say how close languages are by this measure.
    """
    near = result.close[(result.close["model"] == model) & (result.close["measure"] == measure)].set_index("language")
    if near.empty:
        held = ", ".join(result.close["measure"].unique()) or "none"
        raise ValueError(f"the result has the similarity {held} of {model!r}, but {measure} was asked for.")
    means = result.means[(result.means["model"] == model) & (result.means["level"] == "language")]
    opened = means[means["measure"] == word_measure].set_index("group")
    codes = [code for code in lang.family_order(near.index) if code in opened.index]
    known = [lang.find(code) for code in codes]
    families = [lang.FAMILIES[language.family] for language in known]
    opened, near = opened.loc[codes], near.loc[codes]
    across, up = axis_range(near["value"]), axis_range(opened["value"], opened["ci_low"], opened["ci_high"])
    names = [language.name for language in known]
    spots = spots_on_axes(near["value"], opened["value"], names, across, up, _ROOM)
    figure = blank(_HEIGHT, showlegend=False)
    figure.add_scatter(
        x=near["value"],
        y=opened["value"],
        mode="markers+text",
        text=[name if spot else "" for name, spot in zip(names, spots, strict=True)],
        textposition=[spot or "middle right" for spot in spots],
        textfont={"size": 12},
        marker={
            "color": [family.colour for family in families],
            "symbol": [family.symbol for family in families],
            "size": 11,
        },
        error_y=error_bars(opened, thickness=1, width=3, color=NEUTRAL),
        customdata=[(language.name, language.family) for language in known],
        hovertemplate="<b>%{customdata[0]}</b>, %{customdata[1]}<br>"
        f"{label_of(measure)} %{{x:.3f}}<br>{word_measure} %{{y:.3f}}<extra></extra>",
    )
    pivot = lang.find(result.meta["pivot"]).name
    figure.update_xaxes(
        title=f"similarity to {pivot} ({label_of(measure)})", showgrid=True, gridcolor=GRID, range=across
    )
    figure.update_yaxes(title=f"{WORD_MEASURES[word_measure].partition(',')[0]}, mean", gridcolor=GRID, range=up)
    return figure


def by_layer(result: "gates.Result", measure: str, word_measure: str = "gate") -> go.Figure:
    """For models of several layers: the mean gate at each, and how close languages are there.

    Raises:
        ValueError: fewer than two layers were fused.
    """
    means = result.means[(result.means["level"] == "all") & (result.means["measure"] == word_measure)]
    means = means.dropna(subset="layer").sort_values("layer")
    if means["layer"].nunique() < 2:
        raise ValueError("a curve over layers needs models of two layers or more.")
    near = result.close[result.close["measure"] == measure].groupby("layer")["value"].mean()
    figure = blank(_HEIGHT, legend=legend_above())
    style = style_of("anc")
    figure.add_scatter(
        x=means["layer"],
        y=means["value"],
        mode="lines+markers",
        name=f"{WORD_MEASURES[word_measure].partition(',')[0]}, mean",
        line={"color": style.colour, "width": 2.4},
        marker={"symbol": style.symbol, "size": 9},
        error_y=error_bars(means, thickness=1.2, width=3),
    )
    other = style_of(measure)
    if len(near):
        figure.add_scatter(
            x=near.index,
            y=near,
            mode="lines+markers",
            name=f"similarity to {lang.find(result.meta['pivot']).name} ({label_of(measure)})",
            line={"color": other.colour, "width": 2, "dash": "dash"},
            marker={"symbol": f"{other.symbol}-open", "size": 9},
        )
    figure.update_xaxes(title=f"fused {LAYER_AXIS}", dtick=1)
    figure.update_yaxes(gridcolor=GRID)
    return figure
