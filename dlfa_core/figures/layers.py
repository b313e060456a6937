"""The curves of a layer profile: how close the languages are at every layer of an encoder."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core.figures.published import curves_behind
from dlfa_core.figures.sentences.numbers import between, counted, thousandths
from dlfa_core.figures.sentences.profile import check_measures, label_of, meeting
from dlfa_core.figures.theme import GRID, LAYER_AXIS, NEUTRAL, Style, blank, faded, legend_above, style_of
from dlfa_core.tables import INTERVAL, Interval, Table

if TYPE_CHECKING:
    from dlfa_core.experiments import profile

_HEIGHT = 390
Numbers = np.ndarray | pd.Series
_EVERY_LAYER = 14  # up to which each layer gets its tick


def curves(
    result: "profile.Result", measures: Sequence[str], second: "profile.Result | None" = None, published: bool = False
) -> go.Figure:
    """The mean over language pairs at every layer: a line per measure with interval, chance and best layer.

    Args:
        measures: names to draw; each must be in `result.means`.
        second: of another model, drawn dotted beside the first.
        published: draw the range of what others measured with mBERT behind, where it is the same quantity.

    Raises:
        ValueError: no measure is given, or the result does not hold one of them.
    """
    check_measures(result, measures)
    last = max(each.meta["n_states"] for each in (result, second) if each is not None) - 1
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    layer_axis(figure, 0, last)
    figure.update_yaxes(title="similarity, mean over language pairs", rangemode="tozero", gridcolor=GRID)
    if published:
        figure.add_traces([trace for name in measures for trace in _published(name)])
    figure.add_traces([trace for name in measures for trace in _own(result, name, named=second is not None)])
    if second is not None:
        shared = [name for name in measures if name in set(second.means["measure"])]
        figure.add_traces([trace for name in shared for trace in _beside(second, name)])
    return figure


def _own(result: "profile.Result", name: str, named: bool) -> list[go.Scatter]:
    """Chance, interval, line and best layer of one measure, from back to front."""
    rows, style = _rows(result, name), style_of(name)
    best = meeting(result, name)
    ring = go.Scatter(
        x=[best.layer],
        y=[best.value],
        mode="markers",
        marker={"symbol": "circle-open", "size": 17, "color": style.colour, "line_width": 1.8},
        cliponaxis=False,
        legendgroup=name,
        showlegend=False,
        hoverinfo="skip",
    )
    chance = confidence_band(rows["layer"], 2 * rows["null_mean"] - rows["null_high"], rows["null_high"], NEUTRAL)
    band = confidence_band(rows["layer"], rows["ci_low"], rows["ci_high"], style.colour)
    label = f"{label_of(name)}, {result.meta['model']}" if named else label_of(name)
    line = _line(rows, label, name, color=style.colour, width=2.4, dash=style.dash)
    return [chance, band, line.update(marker={"symbol": style.symbol, "size": 7}), ring]


def _beside(result: "profile.Result", name: str) -> list[go.Scatter]:
    """Interval and line of one measure for the second model."""
    rows, style = _rows(result, name), style_of(name)
    label = f"{label_of(name)}, {result.meta['model']}"
    line = _line(rows, label, f"{name} beside", color=style.colour, width=1.8, dash="dot")
    band = confidence_band(rows["layer"], rows["ci_low"], rows["ci_high"], style.colour, opacity=0.09)
    return [band, line.update(marker={"symbol": style.symbol, "size": 5})]


def _line(rows: "profile.Means", label: str, group: str, **line: Any) -> go.Scatter:
    return go.Scatter(
        x=rows["layer"],
        y=rows["value"],
        name=label,
        legendgroup=group,
        mode="lines+markers",
        line=line,
        cliponaxis=False,
        customdata=rows[["ci_low", "ci_high", "null_high", "n"]],
        hovertemplate=f"<b>{label}</b><br>"
        "layer %{x}: %{y:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}]<br>"
        "chance reaches %{customdata[2]:.3f}; n = %{customdata[3]:,}<extra></extra>",
    )


def layer_axis(figure: go.Figure, first: int, last: int) -> None:
    """Give a figure an axis of layers, with a tick for each or, of a deep encoder, every other."""
    figure.update_xaxes(title=LAYER_AXIS, range=[first - 0.4, last + 0.4], dtick=1 if last < _EVERY_LAYER else 2)


def confidence_band(
    x: Numbers,
    low: Numbers,
    high: Numbers,
    colour: str,
    opacity: float = 0.16,
    legendgroup: str | None = None,
) -> go.Scatter:
    """The area between two curves, without an entry in the legend; it hides with the group that it belongs to."""
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=faded(colour, opacity),
        line_width=0,
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=legendgroup,
    )


def over_layers(
    rows: Table[Literal["layer", Interval]], layers: Sequence[int], label: str, style: Style, main: bool
) -> Iterator[go.Scatter]:
    """Yield interval and line of one fusion over the lower layers that it fuses; without any, a level line.

    Args:
        rows: by layer.
        layers: all that the figure shows.
        main: whether it is drawn more strongly than others.
    """
    level = rows["layer"].isna().any()
    x = np.array([layers[0] - 0.4, layers[-1] + 0.4]) if level else rows["layer"].to_numpy(dtype=float)
    value, low, high = (np.resize(rows[column].to_numpy(float), len(x)) for column in INTERVAL)
    if np.isfinite(low).all() and (high > low).any():
        yield confidence_band(x, low, high, style.colour, 0.13 if main else 0.06, label)
    where = "no layer to choose" if level else "layer %{x}"
    yield go.Scatter(
        x=x,
        y=value,
        name=label,
        legendgroup=label,
        mode="lines" if level else "lines+markers",
        line={"color": style.colour, "width": 2.4 if main else 1.5, "dash": style.dash},
        marker={"symbol": style.symbol, "size": 8 if main else 6},
        cliponaxis=False,
        customdata=[between(*ends, thousandths) for ends in zip(low, high, strict=True)],
        hovertemplate=f"<b>{label}</b><br>{where}: %{{y:.3f}}%{{customdata}}<extra></extra>",
    )


def _published(name: str) -> list[go.Scatter]:
    """Range and median over pairs of what others published for mBERT by one measure; nothing where nobody did."""
    rows = curves_behind(name)
    if rows.empty:
        return []
    by_layer = rows.groupby("layer")["value"].agg(["min", "median", "max"]).reset_index()
    label = f"{label_of(name)}, published for mBERT ({counted(rows['pair'].nunique(), 'pair')})"
    group, colour = f"{name} published", style_of(name).colour
    band = confidence_band(by_layer["layer"], by_layer["min"], by_layer["max"], colour, 0.1, group)
    line = go.Scatter(
        x=by_layer["layer"],
        y=by_layer["median"],
        mode="lines",
        line={"color": colour, "width": 1.2, "dash": "dot"},
        name=label,
        legendgroup=group,
        legendrank=2000,  # after our own, although drawn first
        customdata=by_layer[["min", "max"]],
        hovertemplate=f"<b>{label}</b><br>layer %{{x}}: median %{{y:.2f}}, from %{{customdata[0]:.2f}} to "
        f"%{{customdata[1]:.2f}}<br>{'; '.join(_cited(rows))}<extra></extra>",
    )
    return [band, line]


def _cited(rows: pd.DataFrame) -> list[str]:
    """Who published these rows, each once."""
    return list(dict.fromkeys(rows["source"].str.partition(",")[0]))


def _rows(result: "profile.Result", measure: str) -> "profile.Means":
    return result.means[result.means["measure"] == measure].sort_values("layer")
