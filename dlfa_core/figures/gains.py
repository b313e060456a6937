"""Where a fusion helps, by language, family and bucket of examples; how sure the best layer is; what foretells it."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.fusion import Fusion, fused_layers
from dlfa_core.figures.sentences import buckets as said
from dlfa_core.figures.sentences.numbers import counted, signed, with_interval
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.figures.sentences.recommend import fusion_label, score_label
from dlfa_core.figures.theme import (
    INK,
    NARROW_LAYER_AXIS,
    NEUTRAL,
    NUMBERED,
    SEQUENTIAL,
    blank,
    evenly,
    faded,
    fusion_style,
    named_rows,
    outlined,
    signed_cells,
    with_gaps,
)
from dlfa_core.tables import Interval, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import buckets, recommend, transfer

_CELL = 22  # pixels
_GAP = 0.35  # rows between two families
DEPTH = "depth"


class _Row(NamedTuple):
    level: str
    group: str
    label: str
    about: str


def heatmap(result: "recommend.Result", fusion: Fusion) -> go.Figure:
    """The gain over the last layer alone, language by layer; relatives side by side below their family's mean.

    A cell that stands out from 0, corrected for how many cells there are, carries the sign of its gain.

    Args:
        fusion: name and weight of a fusion with a layer.

    Raises:
        ValueError: the result does not hold it.
    """
    rows = _gains(result, fusion)
    layers, blocks = fused_layers(result), list(_blocks(result))
    edges, cells = with_gaps([len(block) for block in blocks], _GAP)
    listed = [row for block in blocks for row in block]
    found = {(row["level"], row["group"], row["layer"]): row for row in rows.to_dict("records")}
    values = np.full((len(edges) - 1, len(layers)), np.nan)
    text, words = np.full((2, *values.shape), "", dtype=object)
    for cell, row in zip(cells, listed, strict=True):
        for column, layer in enumerate(layers):
            if (one := found.get((row.level, row.group, layer))) is not None:
                values[cell, column] = one["value"]
                text[cell, column] = {1: "+", -1: "−"}.get(one["sign"], "")
                words[cell, column] = (
                    f"<b>{row.about}</b><br>layer {layer}: {with_interval(one, signed)}<br>n = {one['n']:,}"
                )
    figure = blank(int(_CELL * edges[-1]) + 130)
    title = f"gain of {fusion_label(result, *fusion)}, {score_label(result)}"
    figure.add_trace(signed_cells(layers, edges, values, text, words, title, size=15))
    centres = [(edges[cell] + edges[cell + 1]) / 2 for cell in cells]
    figure.update_xaxes(title=NARROW_LAYER_AXIS, dtick=1, ticks="", showgrid=False)
    figure.update_yaxes(
        tickmode="array",
        tickvals=centres,
        ticktext=[row.label for row in listed],
        range=[edges[-1], 0],
        ticks="",
        showgrid=False,
        tickfont_size=12,
    )
    return figure


def families(result: "recommend.Result", fusion: Fusion, layer: int) -> go.Figure:
    """The gain at one layer: mean over each family's target languages, and over all, with intervals.

    Raises:
        ValueError: the result does not hold the fusion at this layer.
    """
    rows = _gains(result, fusion)
    rows = rows[rows["layer"] == layer]
    if rows.empty:
        raise ValueError(
            f"{fusion_label(result, *fusion)} was fused with {fused_layers(result)}, but not layer {layer}."
        )
    order = [name for name in lang.FAMILIES if name in set(rows.loc[rows["level"] == "family", "group"])]
    together = rows[rows["level"] == result.meta["together"]].iloc[0]
    figure = blank(30 * (len(order) + 1) + 110, showlegend=False)
    names = [*order, "all of them"]
    for name in names:
        row = together if name == names[-1] else rows[(rows["level"] == "family") & (rows["group"] == name)].iloc[0]
        family = lang.FAMILIES.get(name)
        colour, symbol = (family.colour, family.symbol) if family else (NEUTRAL, "circle")
        about = f"{name} ({counted(row['n_languages'], 'language')})"
        figure.add_trace(_point(row, name, colour, symbol, f"<b>{about}</b><br>{with_interval(row, signed)}"))
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.update_xaxes(title=f"gain of {fusion_label(result, *fusion)} at layer {layer}")
    named_rows(figure, names)
    return figure


def bucket_points(result: "buckets.Result", name: str) -> go.Figure:
    """The gain of the head that the dev set points at in each bucket of a property, and over all examples, with the
    interval that holds for all buckets of all properties at once; n beside each bucket.

    Args:
        name: of a property that has buckets.

    Raises:
        ValueError: the result has none of it.
    """
    rows = said.rows_of(result, name)
    if not rows:
        known = ", ".join(result.meta["properties"])
        raise ValueError(f"No example is in a bucket of {name!r}: choose one of {known}.")
    head = result.meta["chosen"]
    style = fusion_style(head["fusion"], head["weight"])
    figure, names = blank(30 * (len(rows) + 1) + 110, showlegend=False), []
    for row in (*rows, *said.rows_of(result, said.ALL)):
        together = row["property"] == said.ALL
        label = "all of them" if together else said.bucket_label(row)
        names.append(f"{label} (n = {row['n']:,})")
        joint = {"value": row["value"], "ci_low": row["joint_low"], "ci_high": row["joint_high"]}
        words = f"<b>{label}</b><br>{with_interval(joint, signed)}<br>n = {row['n']:,}, score {row['score']:.3f}<br>"
        words += counted(row["n_languages"], "language")
        look = (NEUTRAL, "circle") if together else (style.colour, style.symbol)
        figure.add_trace(_point(joint, names[-1], *look, words))
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.update_xaxes(title=f"gain of {said.chosen_label(result)}, {said.score_label(result)}")
    named_rows(figure, names, title=said.property_label(result, name))
    return figure


def best_shares(result: "recommend.Result") -> go.Figure:
    """Draw how often each layer is the best when test examples and seeds are drawn again, fusion by fusion."""
    rows = result.best[result.best["measure"] == result.meta["metric"]]
    layers = fused_layers(result)
    fusions = list(dict.fromkeys(zip(rows["fusion"], rows["weight"], strict=True)))
    table = rows.set_index(["fusion", "weight", "layer"])["share"]
    shares = np.array([[table.get((*fusion, layer), np.nan) for layer in layers] for fusion in fusions])
    figure = blank(34 * len(fusions) + 120)
    figure.add_heatmap(
        x=layers,
        y=[fusion_label(result, *fusion) for fusion in fusions],
        z=shares,
        text=[[f"{100 * share:.0f}" if share >= 0.005 else "" for share in row] for row in shares],
        texttemplate="%{text}",
        hovertemplate="<b>%{y}</b><br>layer %{x} is the best in %{z:.1%} of the draws<extra></extra>",
        textfont={"color": INK, "size": 13},
        colorscale=evenly(SEQUENTIAL[NUMBERED]),
        meta="numbered",
        xgap=1,
        ygap=1,
        zmin=0,
        zmax=1,
        showscale=False,
    )
    figure.update_xaxes(title=NARROW_LAYER_AXIS, dtick=1, ticks="", showgrid=False)
    figure.update_yaxes(autorange="reversed", ticks="", showgrid=False, tickfont_size=12)
    return figure


def predictor_points(result: "recommend.Result", fusion: Fusion) -> go.Figure:
    """Rank correlation over the layers of each predictor with the score on the targets, with its interval."""
    rows = predictor_table(result, fusion)
    figure = blank(32 * len(rows) + 110, showlegend=False)
    style = fusion_style(*fusion)
    for row in rows.to_dict("records"):
        symbol = style.symbol if row["predictor"] != DEPTH else f"{style.symbol}-open"
        words = f"<b>{row['label']}</b><br>{with_interval(row)}<br>p = {row['p']:.3f}"
        figure.add_trace(_point(row, row["label"], style.colour, symbol, words))
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.update_xaxes(title=f"rank correlation with {fusion_label(result, *fusion)} over layers", range=[-1.05, 1.05])
    named_rows(figure, list(rows["label"]))
    return figure


def predictor_table(result: "recommend.Result", fusion: Fusion) -> pd.DataFrame:
    """One row per predictor of a fusion on the target languages: predictor, label, value, ci_low, ci_high, p,
    n_layers, n_languages."""
    rows = result.predictors
    rows = rows[(rows["fusion"] == fusion[0]) & (rows["weight"] == fusion[1]) & (rows["level"] == "targets")]
    labels = ["Depth" if name == DEPTH else label_of(name) for name in rows["predictor"]]
    columns = ["predictor", "label", "value", "ci_low", "ci_high", "p", "n_layers", "n_languages"]
    return rows.assign(label=labels)[columns].reset_index(drop=True)


def _gains(result: "recommend.Result", fusion: Fusion) -> "transfer.Differences":
    table = result.differences
    rows = table[
        (table["fusion"] == fusion[0])
        & (table["weight"] == fusion[1])
        & (table["measure"] == result.meta["metric"])
        & table["layer"].notna()
    ]
    if rows.empty:
        raise ValueError(f"The result holds no fused layer of {' '.join(fusion).rstrip()!r}: choose another fusion.")
    return rows


def _blocks(result: "recommend.Result") -> Iterator[list[_Row]]:
    """The rows of the heatmap in blocks: what was trained on, then family by family with its mean above."""
    source = result.meta["source_language"]
    codes = result.meta["languages"]
    if source in codes:
        name = lang.find(source).name
        yield [_Row("language", source, f"{name} (trained on)", f"{name}, which was trained on")]
    targets = lang.family_order([code for code in codes if code != source])
    for family, members in groupby(targets, key=lambda code: lang.find(code).family):
        own = [_Row("language", code, lang.find(code).name, f"{lang.find(code).name}, {family}") for code in members]
        mean = _Row("family", family, f"<b>{family}, mean</b>", f"{family}, mean over {len(own)} languages")
        yield [mean, *own] if len(own) > 1 else own


def _point(row: Record[Interval], name: str, colour: str, symbol: str, words: str) -> go.Scatter:
    """One row of a dot plot."""
    value, low, high = row["value"], row["ci_low"], row["ci_high"]
    bars = {"type": "data", "symmetric": False, "thickness": 2, "width": 0, "color": faded(colour, 0.55)}
    return go.Scatter(
        x=[value],
        y=[name],
        mode="markers",
        marker=outlined(colour, symbol, width=2),
        error_x=bars | {"array": [max(high - value, 0.0)], "arrayminus": [max(value - low, 0.0)]}
        if np.isfinite(low)
        else None,
        cliponaxis=False,
        hovertemplate=f"{words}<extra></extra>",
    )
