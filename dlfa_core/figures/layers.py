"""The curves of a layer profile: how close the languages are at every layer of an encoder."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.published import curves_behind
from dlfa_core.figures.sentences.numbers import between, thousandths
from dlfa_core.figures.sentences.profile import check_measures, label_of, meeting
from dlfa_core.figures.theme import GRID, LAYER_AXIS, NEUTRAL, Style, blank, faded, legend_above, style_of
from dlfa_core.tables import INTERVAL, Interval, Table

if TYPE_CHECKING:
    from dlfa_core.experiments import profile

_HEIGHT = 460
Numbers = np.ndarray | pd.Series
_EVERY_LAYER = 14  # up to which each layer gets its tick


def curves(
    result: "profile.Result", measures: Sequence[str], second: "profile.Result | None" = None, published: bool = True
) -> go.Figure:
    """The mean over language pairs at every layer: a line per measure with interval, chance and best layer.

    Args:
        measures: names to draw; each must be in `result.means`.
        second: of another model, drawn dotted beside the first.
        published: draw what others measured with mBERT behind, where it is the same quantity.

    Raises:
        ValueError: no measure is given, or the result does not hold one of them.
    """
    check_measures(result, measures)
    last = max(each.meta["n_states"] for each in (result, second) if each is not None) - 1
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    layer_axis(figure, 0, last)
    figure.update_yaxes(title="similarity, mean over language pairs", rangemode="tozero", gridcolor=GRID)
    if published:
        figure.add_traces(_hairlines(measures))
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
    chance = ribbon(rows["layer"], 2 * rows["null_mean"] - rows["null_high"], rows["null_high"], NEUTRAL)
    band = ribbon(rows["layer"], rows["ci_low"], rows["ci_high"], style.colour)
    label = f"{label_of(name)}, {result.meta['model']}" if named else label_of(name)
    line = _line(rows, label, name, color=style.colour, width=2.4, dash=style.dash)
    return [chance, band, line.update(marker={"symbol": style.symbol, "size": 7}), ring]


def _beside(result: "profile.Result", name: str) -> list[go.Scatter]:
    """Interval and line of one measure for the second model."""
    rows, style = _rows(result, name), style_of(name)
    label = f"{label_of(name)}, {result.meta['model']}"
    line = _line(rows, label, f"{name} beside", color=style.colour, width=1.8, dash="dot")
    band = ribbon(rows["layer"], rows["ci_low"], rows["ci_high"], style.colour, opacity=0.09)
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


def ribbon(
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
        yield ribbon(x, low, high, style.colour, 0.13 if main else 0.06, label)
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


def _hairlines(measures: Sequence[str]) -> list[go.Scatter]:
    """What others published: one faint trace per measure, broken between pairs; one legend entry for all."""
    drawn = [(name, rows) for name in measures if not (rows := curves_behind(name)).empty]
    return [_hairline(name, rows, showlegend=not place) for place, (name, rows) in enumerate(drawn)]


def _hairline(name: str, rows: pd.DataFrame, showlegend: bool) -> go.Scatter:
    ends = rows["pair"] != rows["pair"].shift(-1)
    broken = pd.concat([rows, rows[ends].assign(value=np.nan)]).sort_values(["pair", "layer"], kind="stable")
    sources = broken["source"].str.partition(",")[0]
    return go.Scatter(
        x=broken["layer"],
        y=broken["value"],
        mode="lines",
        line={"color": faded(style_of(name).colour, 0.36), "width": 1},
        customdata=np.stack([broken["pair"].map(_pair_name), sources], axis=1),
        hovertemplate=f"published for mBERT, %{{customdata[0]}}<br>{label_of(name)}, layer %{{x}}: %{{y:.2f}}"
        "<br>%{customdata[1]}<extra></extra>",
        name="published for mBERT",
        legendgroup="published",
        legendrank=2000,  # after our own, although drawn first
        showlegend=showlegend,
    )


def _pair_name(pair: str) -> str:
    source, target = ("any" if code == "und" else lang.find(code).name for code in pair.split("-"))
    return f"{source} to {target}"


def _rows(result: "profile.Result", measure: str) -> "profile.Means":
    return result.means[result.means["measure"] == measure].sort_values("layer")
