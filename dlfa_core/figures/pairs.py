"""Every pair of languages at one layer of a profile: language by language, and family by family."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.answers import check_measures, label_of, layer_range
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, faded

_CELL = 20  # pixels
_GAP = 0.2  # cells between two families
_BAR_ABOVE = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.01,
    "yanchor": "bottom",
    "lenmode": "pixels",
    "len": 150,
    "thickness": 8,
    "nticks": 4,
    "tickangle": 0,
    "tickfont": {"size": 11},
    "outlinewidth": 0,
}


def heatmap(result, measure: str, layer: int) -> go.Figure:
    """Language against language at one layer, relatives side by side; rows are sources, columns targets.

    The colour range covers all layers of the measure, so that it means the same at each.

    Raises:
        ValueError: the result does not hold the measure, or not this layer.
    """
    rows = _at(result, measure, layer)
    codes = lang.family_order(result.meta["languages"])
    edges, cells = _positions(codes)
    centres = [(edges[cell] + edges[cell + 1]) / 2 for cell in cells]
    values = result.pairs.loc[result.pairs["measure"] == measure, "value"]
    figure = blank(int(_CELL * edges[-1]) + 120)
    figure.add_trace(
        go.Heatmap(
            x=edges,
            y=edges,
            z=_spread(_square(rows, codes).to_numpy(), cells, np.nan),
            customdata=_spread(_words(rows, codes), cells, ""),
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            xgap=1,
            ygap=1,
            zmin=min(0.0, values.min()),
            zmax=values.max(),
            colorbar=_BAR_ABOVE,
        )
    )
    plain = {"showgrid": False, "ticks": "", "tickmode": "array", "tickvals": centres, "zeroline": False}
    figure.update_xaxes(ticktext=codes, tickangle=-90, tickfont_size=11, **plain)
    names = [lang.find(code).name for code in codes]
    figure.update_yaxes(ticktext=names, tickfont_size=12, range=[edges[-1], 0], **plain)
    figure.update_layout(annotations=_family_names(codes, centres), margin_r=105)
    return figure


def families(result, measure: str, layer: int) -> go.Figure:
    """How close the languages of a family are to each other, and to those of other families, at one layer."""
    table = family_means(result, measure, layer)
    names = list(table.index)
    colours = [lang.FAMILIES[name].colour for name in names]
    symbols = [lang.FAMILIES[name].symbol for name in names]
    figure = blank(28 * len(names) + 120, legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"})
    links = table.dropna().reset_index()
    figure.add_trace(
        go.Scatter(
            x=np.stack([links["others"], links["within"], np.full(len(links), np.nan)], axis=1).ravel(),
            y=links["family"].repeat(3),
            mode="lines",
            line={"color": faded(NEUTRAL, 0.5), "width": 3},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    for column, said, suffix in (
        ("within", "within the family", ""),
        ("others", "with other families", "-open"),
    ):
        marker = {
            "color": colours,
            "symbol": [symbol + suffix for symbol in symbols],
            "size": 11,
            "line": {"color": colours, "width": 2},
        }
        figure.add_trace(
            go.Scatter(
                x=table[column],
                y=names,
                mode="markers",
                marker=marker,
                name=said,
                customdata=table[["languages"]],
                hovertemplate=f"<b>%{{y}}</b> (%{{customdata[0]}})<br>{said}: %{{x:.3f}}<extra></extra>",
            )
        )
    figure.update_xaxes(title=f"{label_of(measure)}, mean over pairs at layer {layer}", rangemode="tozero")
    figure.update_yaxes(
        autorange="reversed", showgrid=True, gridcolor=GRID, ticks="", categoryarray=names, tickfont_size=12
    )
    return figure


def family_means(result, measure: str, layer: int) -> pd.DataFrame:
    """One row per family: mean value `within` it and with `others`, and its number of `languages`.

    `within` is NaN for a family with one language, `others` where there is one family.

    Raises:
        ValueError: the result does not hold the measure, or not this layer.
    """
    rows = _at(result, measure, layer)
    family = {code: lang.find(code).family for code in lang.family_order(result.meta["languages"])}
    source, target = rows["source"].map(family), rows["target"].map(family)
    order = list(dict.fromkeys(family.values()))
    return pd.DataFrame(
        {
            "within": [rows.loc[(source == name) & (target == name), "value"].mean() for name in order],
            "others": [rows.loc[(source == name) ^ (target == name), "value"].mean() for name in order],
            "languages": [list(family.values()).count(name) for name in order],
        },
        index=pd.Index(order, name="family"),
    )


def _at(result, measure: str, layer: int) -> pd.DataFrame:
    check_measures(result, [measure])
    rows = result.pairs[(result.pairs["measure"] == measure) & (result.pairs["layer"] == layer)]
    if rows.empty:
        first, last = layer_range(result)
        raise ValueError(f"the result has layers {first} to {last}, but {layer} was asked for.")
    return rows


def _square(rows: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """The pairs as a (languages, languages) table; a measure stored one way only is mirrored."""
    table = rows.pivot(index="source", columns="target", values="value").reindex(index=codes, columns=codes)
    return table.combine_first(table.T).loc[list(codes), list(codes)]


def _words(rows: pd.DataFrame, codes: Sequence[str]) -> list[list[str]]:
    """What the cell of two languages says when it is pointed at."""
    said = {
        (row.source, row.target): f"{row.value:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]<br>"
        f"chance reaches {row.null_high:.3f}; n = {row.n:,}"
        for row in rows.itertuples()
    }
    known = [lang.find(code) for code in codes]
    return [
        [
            f"<b>{a.name} to {b.name}</b><br>{a.family}, {b.family}<br>"
            + (said.get((a.code, b.code)) or said.get((b.code, a.code), ""))
            for b in known
        ]
        for a in known
    ]


def _positions(codes: Sequence[str]) -> tuple[list[float], list[int]]:
    """Edges of all cells along one axis, gaps between families included, and which cells are languages."""
    edges, cells = [0.0], []
    for _, members in groupby(codes, key=lambda code: lang.find(code).family):
        if cells:
            edges.append(edges[-1] + _GAP)
        for _ in members:
            cells.append(len(edges) - 1)
            edges.append(edges[-1] + 1)
    return edges, cells


def _spread(table, cells: Sequence[int], empty) -> np.ndarray:
    """A square table with empty rows and columns where families part."""
    size = cells[-1] + 1
    spread = np.full((size, size), empty, dtype=object if empty == "" else float)
    spread[np.ix_(cells, cells)] = table
    return spread


def _family_names(codes: Sequence[str], centres: Sequence[float]) -> list[dict]:
    """Each family's name as an annotation beside its rows."""
    grouped = groupby(zip(codes, centres, strict=True), key=lambda item: lang.find(item[0]).family)
    beside = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": 11}}
    return [beside | {"text": name, "y": float(np.mean([y for _, y in rows]))} for name, rows in grouped]
