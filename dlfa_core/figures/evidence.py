"""All that is known about the layers of an encoder for a task: rows one under the other on one axis of layers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core.figures.fusion import Fusion, first_drawn, fusions_of
from dlfa_core.figures.layers import confidence_band, layer_axis
from dlfa_core.figures.mark_names import axis_range, spots_on_axes
from dlfa_core.figures.sentences import profile as similarity
from dlfa_core.figures.sentences import structure as probes
from dlfa_core.figures.sentences.evidence import Evidence, balance_table, gains_of_chosen, gate_rows
from dlfa_core.figures.sentences.numbers import between, plain, signed, thousandths
from dlfa_core.figures.sentences.recommend import chosen_row, fusion_label
from dlfa_core.figures.theme import (
    GRID,
    INK,
    NEUTRAL,
    STYLES,
    WIDE,
    Style,
    blank,
    faded,
    fusion_style,
    outlined,
    style_of,
)
from dlfa_core.tables import INTERVAL, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend, structure

ROW, GAP, AXIS = 62, 12, 56  # pixels: a row, the space between two, and the axis of layers below
_PICTURE = (520.0, 310.0)  # pixels of the plot of the balance on a screen of usual width
_KEY = {"x": 1.005, "xanchor": "left", "yanchor": "top", "font_size": 11, "tracegroupgap": 0, "itemwidth": 30}
_STYLES = {
    "word_selectivity": Style(STYLES["cka"].colour, "solid", "circle"),
    "language_selectivity": Style(STYLES["retrieval_cosine"].colour, "dash", "square"),
    "distance_to_last": Style(STYLES["svcca"].colour, "solid", "pentagon"),
}
_GATE = Style(STYLES["cosine_gap"].colour, "solid", "triangle-up")


@dataclass(frozen=True)
class _Null:
    """A level line: what a row shows where there is nothing to be seen."""

    value: float
    label: str


@dataclass(frozen=True, eq=False)
class _Row:
    """One row of the figure: its title, its curves from back to front, and its null."""

    title: str
    traces: Sequence[go.Scatter]
    null: _Null
    range: tuple[float, float] | None = None  # of its axis, where that of the measure is to be seen whole


def evidence_rows(evidence: Evidence, layer: int) -> go.Figure:
    """Draw every signal against the layer, a row each on one shared axis, with intervals and nulls.

    Rows are similarity, structure, difference to the last layer, gates and gains, as far as there is a result of each.
    A dotted line through all rows stands at the layer that the dev set chose, a full one at `layer`.

    Args:
        layer: that the cursor stands at.
    """
    figure = _stacked(list(_rows(evidence)), evidence.last)
    chosen = chosen_row(evidence.trained)["layer"]
    if pd.notna(chosen):
        _cursor(figure, int(chosen), dash="dot", width=1.5, color=NEUTRAL)
    _cursor(figure, layer, width=6, color=faded(NEUTRAL, 0.3))
    return figure


def probe_rows(result: "structure.Result") -> go.Figure:
    """Draw what probes read in each layer, and how far it is from the last one, as the rows of `evidence_rows`."""
    return _stacked(list(_probe_rows(result)), int(result.scores["layer"].max()))


def balance(evidence: Evidence, measure: str, layer: int) -> go.Figure:
    """Draw the layers as a path between two goods: grammar to the right, similarity of translations upwards.

    A ring marks a layer that no other one is above in both, by the values; a layer is faint where some other one lies
    above it in both with the whole of its intervals.

    Args:
        measure: of similarity, one of `evidence.measures`.
        layer: that the cursor stands at.
    """
    table = balance_table(evidence, measure)
    figure = blank(380, showlegend=False, hovermode="closest")
    figure.update_xaxes(title="selectivity of the probe for parts of speech, test languages", showgrid=True)
    figure.update_yaxes(title=f"{similarity.label_of(measure)}, mean over language pairs", gridcolor=GRID)
    colour = STYLES["cka"].colour
    figure.add_scatter(
        x=table["x"], y=table["y"], mode="lines", line={"color": faded(NEUTRAL, 0.5), "width": 1}, hoverinfo="skip"
    )
    across, up = (axis_range(*(table[f"{name}{end}"] for end in ("", "_low", "_high"))) for name in "xy")
    figure.update_xaxes(range=across)
    figure.update_yaxes(range=up)
    numbers = table["layer"].astype(str).tolist()
    spots = spots_on_axes(table["x"], table["y"], numbers, across, up, _PICTURE, size=13, mark=7)
    for row, spot in zip(table.to_dict("records"), spots, strict=True):
        figure.add_trace(_dot(row, colour, row["layer"] == layer, spot or "middle center"))
    return figure


def _stacked(rows: Sequence[_Row], last: int) -> go.Figure:
    """Draw rows one under the other on one axis of layers, from 0 to `last`."""
    height = len(rows) * ROW + (len(rows) - 1) * GAP
    figure = blank(height + AXIS, hovermode="x unified", hoversubplots="axis", meta=WIDE)
    layer_axis(figure, 0, last)
    figure.update_xaxes(anchor="free", position=0, showspikes=True, spikemode="across", spikethickness=1)
    figure.update_xaxes(unifiedhovertitle_text="layer %{x}")
    for index, row in enumerate(rows):
        top = 1 - index * (ROW + GAP) / height
        axis, number = f"y{index + 1}" if index else "y", "" if index == 0 else str(index + 1)
        figure.update_layout(
            {
                f"yaxis{number}": {
                    "domain": [max(top - ROW / height, 0.0), top],
                    "anchor": "x",
                    "nticks": 4,
                    "range": row.range,
                    "gridcolor": GRID,
                    "tickfont": {"size": 11},
                    "zeroline": False,
                    "automargin": True,
                },
                f"legend{number}": {
                    **_KEY,
                    "y": top,
                    "title": {"text": f"<b>{row.title}</b>", "font": {"size": 12, "color": INK}},
                },
            }
        )
        figure.add_traces([trace.update(yaxis=axis, legend=f"legend{number}") for trace in row.traces])
        figure.add_trace(_level(row.null, last).update(yaxis=axis))
        figure.add_annotation(
            x=last + 0.4,
            y=row.null.value,
            yref=axis,
            text=row.null.label,
            showarrow=False,
            xanchor="right",
            yanchor="top" if row.range else "bottom",
            font={"size": 10, "color": NEUTRAL},
        )
    return figure


def _rows(evidence: Evidence) -> Iterator[_Row]:
    if evidence.profiled is not None and evidence.measures:
        means = evidence.profiled.means.copy()
        curves = [(similarity.label_of(m), style_of(m), means[means["measure"] == m]) for m in evidence.measures]
        null = float(means.loc[means["measure"].isin(evidence.measures), "null_high"].max())
        traces = [trace for label, style, rows in curves for trace in _curve(rows, label, style)]
        yield _Row("Translations are alike", traces, _Null(null, "unrelated sentences"))
    if evidence.probed is not None:
        yield from _probe_rows(evidence.probed)
    if points := list(gate_rows(evidence.gated)):
        yield _Row(
            "How far gates open",
            [_gate(*point) for point in points],
            _Null(0.5, "neither layer preferred"),
            (-0.15, 1.15),
        )
    yield _Row("Gain when fused", list(_gains(evidence.trained)), _Null(0.0, "last layer alone"))


def _probe_rows(result: "structure.Result") -> Iterator[_Row]:
    traces = [trace for measure in _STYLES for trace in _probed(result, measure) if "selectivity" in measure]
    yield _Row("A probe reads (selectivity)", traces, _Null(0.0, "no more than its control"))
    far = list(_probed(result, "distance_to_last"))
    yield _Row("Differs from the last layer", far, _Null(1.0, "unrelated layers"), (0.0, 1.08))


def _probed(result: "structure.Result", measure: str) -> Iterator[go.Scatter]:
    yield from _curve(probes.curve(result, measure).copy(), probes.LABELS[measure], _STYLES[measure])


def _gains(result: "recommend.Result") -> Iterator[go.Scatter]:
    """Yield the gains of the chosen fusion, and of the controls that ask the hardest questions."""
    chosen = chosen_row(result)
    label = fusion_label(result, chosen["fusion"], chosen["weight"])
    ours = gains_of_chosen(result).assign(
        ci_low=lambda rows: rows["joint_low"], ci_high=lambda rows: rows["joint_high"]
    )
    for fusion in _controls(result):
        yield from _control(result, fusion)
    yield from _curve(ours, label, fusion_style(chosen["fusion"], chosen["weight"]), signed)


def _controls(result: "recommend.Result") -> list[Fusion]:
    shown = first_drawn(result)
    return [
        fusion
        for fusion in fusions_of(result)
        if fusion_label(result, *fusion) in shown and fusion[0] not in ("dlfa", "last")
    ]


def _control(result: "recommend.Result", fusion: Fusion) -> Iterator[go.Scatter]:
    rows = result.differences.copy()
    own = (rows["fusion"] == fusion[0]) & (rows["weight"] == fusion[1]) & (rows["measure"] == result.meta["metric"])
    rows = rows[own & (rows["level"] == result.meta["together"])].sort_values("layer")
    if rows["layer"].isna().any():
        fused = gains_of_chosen(result)["layer"]
        rows = pd.concat([rows] * len(fused)).assign(layer=fused.to_numpy())
    yield from _curve(rows, fusion_label(result, *fusion), fusion_style(*fusion), signed, main=False)


def _curve(
    rows: pd.DataFrame, label: str, style: Style, write: Any = thousandths, main: bool = True
) -> Iterator[go.Scatter]:
    """Yield interval and line of one signal over layers."""
    rows = rows.dropna(subset=["value"]).sort_values("layer")
    if rows.empty:
        return
    layers = rows["layer"].to_numpy(dtype=float)
    value, low, high = (rows[column].to_numpy(dtype=float) for column in INTERVAL)
    if np.isfinite(low).all() and (high > low).any():
        yield confidence_band(layers, low, high, style.colour, 0.18 if main else 0.08, label)
    yield go.Scatter(
        x=layers,
        y=value,
        name=label,
        legendgroup=label,
        mode="lines+markers" if main else "lines",
        line={"color": style.colour, "width": 2 if main else 1.3, "dash": style.dash},
        marker={"symbol": style.symbol, "size": 5},
        cliponaxis=False,
        customdata=[f"{write(v)}{between(a, b, write)}" for v, a, b in zip(value, low, high, strict=True)],
        hovertemplate=f"{label}: %{{customdata}}<extra></extra>",
    )


def _gate(model: str, layer: int, row: Record[Any]) -> go.Scatter:
    """Draw the mean gate of a task model at the layer that it fuses."""
    value, low, high = row["value"], row["ci_low"], row["ci_high"]
    return go.Scatter(
        x=[layer],
        y=[value],
        name=f"a model that fuses layer {layer}",
        mode="markers",
        marker=outlined(_GATE.colour, _GATE.symbol, size=9),
        error_y={"type": "data", "symmetric": False, "array": [high - value], "arrayminus": [value - low], "width": 4},
        cliponaxis=False,
        customdata=[f"{thousandths(value)}{between(low, high, thousandths)}"],
        hovertemplate=f"mean gate of {model}: %{{customdata}}<extra></extra>",
    )


def _level(null: _Null, last: int) -> go.Scatter:
    return go.Scatter(
        x=[-0.4, last + 0.4],
        y=[null.value, null.value],
        mode="lines",
        name=null.label,
        showlegend=False,
        line={"color": NEUTRAL, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
    )


def _cursor(figure: go.Figure, layer: int, **line: Any) -> None:
    """Draw an upright line through all rows."""
    figure.add_shape(type="line", x0=layer, x1=layer, xref="x", y0=0, y1=1, yref="paper", line=line, layer="below")


def _dot(row: Record[Any], colour: str, here: bool, spot: str) -> go.Scatter:
    """Draw a layer in the balance with its intervals, its number at a spot beside it."""
    strength = 0.35 if row["surely_dominated"] else 1.0
    bars = {"type": "data", "symmetric": False, "thickness": 1, "width": 0, "color": faded(colour, 0.45 * strength)}
    why = (
        "no other layer is above in both"
        if row["best"]
        else "another layer is surely above in both"
        if row["surely_dominated"]
        else "another layer is above in both, but intervals overlap"
    )
    return go.Scatter(
        x=[row["x"]],
        y=[row["y"]],
        mode="markers+text",
        text=[f"<b>{row['layer']}</b>" if here else str(row["layer"])],
        textposition=spot,
        textfont={"size": 13},
        marker={
            "size": 18 if here else 12,
            "color": faded(colour, 0.55 + 0.45 * strength) if strength == 1 else NEUTRAL,
            "line": {"color": STYLES["retrieval_cosine"].colour, "width": 2.5 if row["best"] else 0},
        },
        error_x=bars | {"array": [_reach(row, "x_high", "x")], "arrayminus": [_reach(row, "x", "x_low")]},
        error_y=bars | {"array": [_reach(row, "y_high", "y")], "arrayminus": [_reach(row, "y", "y_low")]},
        cliponaxis=False,
        hovertemplate=f"<b>layer {row['layer']}</b>: {why}<br>"
        f"grammar {plain(row['x'])}{between(row['x_low'], row['x_high'])}<br>"
        f"similarity {plain(row['y'])}{between(row['y_low'], row['y_high'])}<extra></extra>",
    )


def _reach(row: Record[Any], far: str, near: str) -> float:
    reach = row[far] - row[near]
    return max(reach, 0.0) if np.isfinite(reach) else 0.0
