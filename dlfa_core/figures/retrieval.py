"""Retrieval from a pool in many languages: curves over layers, and which language finds its answers in which."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.layers import confidence_band, layer_axis
from dlfa_core.figures.sentences.numbers import percent, thousandths, with_interval
from dlfa_core.figures.sentences.retrieve import SCORE_LABELS, best_layer, measure_label
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, colourbar_above, legend_above, style_of

if TYPE_CHECKING:
    from dlfa_core.experiments import retrieve

HEIGHT, _CELL = 360, 34
Shown = Literal["value", "share"]


def pool_curves(result: "retrieve.Result", scores: Sequence[str], pool: str = "all") -> go.Figure:
    """The mean over query languages at every layer: a line per score with interval and chance, and fused states.

    Raises:
        ValueError: no score is given, or the result does not hold one of them for this part of the pool.
    """
    if not scores:
        raise ValueError(f"Choose at least one score: {', '.join(SCORE_LABELS)}.")
    figure = blank(HEIGHT, hovermode="closest", legend=legend_above())
    layer_axis(figure, 0, result.meta["n_states"] - 1)
    figure.update_yaxes(title=f"{measure_label(result)}, mean over languages", rangemode="tozero", gridcolor=GRID)
    for score in scores:
        best_layer(result, score, pool)  # which refuses what is not there
        figure.add_traces(list(_of_score(result, score, pool)))
    return figure


def language_heatmap(result: "retrieve.Result", score: str, layer: int, shown: Shown = "value") -> go.Figure:
    """Query language against answer language at one layer.

    Args:
        result: of `retrieve`.
        score: one of its scores.
        layer: of the encoder.
        shown: "value", mAP of the answer in that language alone; or "share", the share of the best candidates that are
            in it.

    Raises:
        ValueError: the result does not hold the score at this layer.
    """
    rows = result.pairs[(result.pairs["state"] == "layer") & (result.pairs["score"] == score)]
    rows = rows[rows["layer"] == layer]
    if rows.empty:
        raise ValueError(f"The result has no {score} at layer {layer}: it has {result.meta['n_states']} layers from 0.")
    asked, found = (lang.family_order(set(rows[name])) for name in ("query_language", "answer_language"))
    table = {(row["query_language"], row["answer_language"]): row for row in rows.to_dict("records")}
    cells = [[table.get((a, b)) for b in found] for a in asked]
    names = [[lang.find(code).name for code in codes] for codes in (found, asked)]
    figure = blank(heatmap_height(len(asked)))
    figure.add_heatmap(
        x=names[0],
        y=names[1],
        z=[[np.nan if cell is None else cell[shown] for cell in row] for row in cells],
        customdata=[["" if cell is None else _said(result, cell) for cell in row] for row in cells],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        zmin=0,
        colorbar=colourbar_above(150, nticks=4),
    )
    figure.update_xaxes(title="language of the answer", tickangle=-90, showgrid=False, ticks="")
    figure.update_yaxes(title="language of the question", autorange="reversed", showgrid=False, ticks="")
    return figure


def heatmap_height(n_languages: int) -> int:
    """Return how high the heat map of so many languages of questions is, in pixels."""
    return _CELL * n_languages + 190


def _of_score(result: "retrieve.Result", score: str, pool: str) -> Iterator[go.Scatter]:
    means = result.means[(result.means["language"] == "all") & (result.means["pool"] == pool)]
    means = means[means["score"] == score]
    rows, style = means[means["state"] == "layer"].sort_values("layer"), style_of(f"retrieval_{score}")
    x = rows["layer"].to_numpy(dtype=float)
    yield confidence_band(x, rows["null_mean"], rows["null_high"], NEUTRAL, legendgroup=score)
    if rows["ci_low"].notna().all():
        yield confidence_band(x, rows["ci_low"], rows["ci_high"], style.colour, legendgroup=score)
    said = [
        f"{with_interval(row, thousandths)}<br>by chance {thousandths(row['null_mean'])}; n = {row['n']:,}"
        for row in rows.to_dict("records")
    ]
    common: dict[str, Any] = {"legendgroup": score, "cliponaxis": False}
    yield go.Scatter(
        x=x,
        y=rows["value"],
        name=SCORE_LABELS[score],
        mode="lines+markers",
        line={"color": style.colour, "width": 2.4, "dash": style.dash},
        marker={"symbol": style.symbol, "size": 7},
        customdata=said,
        hovertemplate=f"<b>{SCORE_LABELS[score]}</b><br>layer %{{x}}: %{{customdata}}<extra></extra>",
        **common,
    )
    for row in means[means["state"] != "layer"].to_dict("records"):
        own = row["state"] == "own_last"
        layer = result.meta["n_states"] - 1 if own or pd.isna(row["layer"]) else row["layer"]
        state = "its last layer" if own else "fused"
        yield go.Scatter(
            x=[int(layer)],
            y=[row["value"]],
            name=f"{row['model']}, {state}",
            mode="markers",
            marker={
                "symbol": "diamond-tall-open" if own else "diamond-tall",
                "size": 12,
                "color": style.colour,
                "line_width": 2,
            },
            customdata=[with_interval(row, thousandths)],
            hovertemplate=f"<b>{row['model']}, {state}</b><br>{SCORE_LABELS[score]}: %{{customdata}}<extra></extra>",
            showlegend=False,  # three entries a model would leave no room for the curves
            **common,
        )


def _said(result: "retrieve.Result", cell: Any) -> str:
    """What a cell says when it is pointed at."""
    asked, found = (lang.find(cell[name]).name for name in ("query_language", "answer_language"))
    parts = [f"<b>asked in {asked}, answered in {found}</b>"]
    if cell["n"]:
        parts.append(f"{measure_label(result)} {with_interval(cell, thousandths)}, n = {cell['n']:,}")
    best = f"{percent(cell['share'])} of the best candidates, {percent(cell['expected'])} of the pool"
    return "<br>".join([*parts, best])
