"""Every pair of languages at one layer of a profile: language by language, and family by family."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.numbers import thousandths, with_interval
from dlfa_core.figures.sentences.profile import check_measures, label_of, layer_range
from dlfa_core.figures.theme import (
    NEUTRAL,
    blank,
    colourbar_above,
    faded,
    legend_above,
    named_rows,
    outlined,
    with_gaps,
)

if TYPE_CHECKING:
    from dlfa_core.experiments import profile

_CELL = 20  # pixels
_GAP = 0.2  # cells between two families


def heatmap(result: "profile.Result", measure: str, layer: int) -> go.Figure:
    """Language against language at one layer, relatives side by side; rows are sources, columns targets.

    The colour range covers all layers of the measure, so that it means the same at each.

    Raises:
        ValueError: the result does not hold the measure, or not this layer.
    """
    rows = _at(result, measure, layer)
    codes = lang.family_order(result.meta["languages"])
    families = groupby(codes, key=lambda code: lang.find(code).family)
    edges, cells = with_gaps([len(list(members)) for _, members in families], _GAP)
    centres = [(edges[cell] + edges[cell + 1]) / 2 for cell in cells]
    values = result.pairs[result.pairs["measure"] == measure]["value"]
    figure = blank(int(_CELL * edges[-1]) + 160)
    figure.add_heatmap(
        x=edges,
        y=edges,
        z=_spread(_square(rows, codes), cells, np.nan),
        customdata=_spread(_words(rows, codes), cells, ""),
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        zmin=min(0.0, values.min()),
        zmax=values.max(),
        colorbar=colourbar_above(150, nticks=4),
    )
    plain = {"showgrid": False, "ticks": "", "tickmode": "array", "tickvals": centres, "zeroline": False}
    names = [lang.find(code).name for code in codes]
    figure.update_xaxes(ticktext=names, tickangle=-90, tickfont_size=11, **plain)
    figure.update_yaxes(ticktext=names, tickfont_size=12, range=[edges[-1], 0], **plain)
    figure.update_layout(annotations=_family_names(codes, centres), margin_r=105)
    return figure


def families(result: "profile.Result", measure: str, layer: int) -> go.Figure:
    """Draw how close the languages of a family are to each other, and to those of other families, at one layer."""
    table = family_means(result, measure, layer)
    names = list(table.index)
    colours = [lang.FAMILIES[name].colour for name in names]
    symbols = [lang.FAMILIES[name].symbol for name in names]
    figure = blank(28 * len(names) + 120, legend=legend_above(1.01))
    links = table.dropna().reset_index()
    figure.add_scatter(
        x=np.stack([links["others"], links["within"], np.full(len(links), np.nan)], axis=1).ravel(),
        y=links["family"].repeat(3),
        mode="lines",
        line={"color": faded(NEUTRAL, 0.5), "width": 3},
        hoverinfo="skip",
        showlegend=False,
    )
    for column, said, suffix in (
        ("within", "within the family", ""),
        ("others", "with other families", "-open"),
    ):
        figure.add_scatter(
            x=table[column],
            y=names,
            mode="markers",
            marker=outlined(colours, [symbol + suffix for symbol in symbols], width=2),
            name=said,
            customdata=table[["languages"]],
            hovertemplate=f"<b>%{{y}}</b> (%{{customdata[0]}})<br>{said}: %{{x:.3f}}<extra></extra>",
        )
    figure.update_xaxes(title=f"{label_of(measure)},<br>mean over pairs at layer {layer}", rangemode="tozero")
    named_rows(figure, names)
    return figure


def family_means(result: "profile.Result", measure: str, layer: int) -> pd.DataFrame:
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


def _at(result: "profile.Result", measure: str, layer: int) -> "profile.Pairs":
    check_measures(result, [measure])
    rows = result.pairs[(result.pairs["measure"] == measure) & (result.pairs["layer"] == layer)]
    if rows.empty:
        first, last = layer_range(result)
        raise ValueError(f"the result has layers {first} to {last}, but {layer} was asked for.")
    return rows


def _square(rows: "profile.Pairs", codes: Sequence[str]) -> np.ndarray:
    """The pairs as (languages, languages) numbers; a measure stored one way only is mirrored."""
    order = list(codes)
    table = rows.copy().pivot(index="source", columns="target", values="value").reindex(index=order, columns=order)
    return table.combine_first(table.T).loc[order, order].to_numpy()


def _words(rows: "profile.Pairs", codes: Sequence[str]) -> list[list[str]]:
    """Say what the cell of two languages says when it is pointed at."""
    said = {
        (row["source"], row["target"]): f"{with_interval(row, thousandths)}<br>"
        f"chance reaches {thousandths(row['null_high'])}; n = {row['n']:,}"
        for row in rows.to_dict("records")
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


def _spread(table: np.ndarray | list[list[str]], cells: Sequence[int], empty: float | str) -> np.ndarray:
    """A square table with empty rows and columns where families part."""
    size = cells[-1] + 1
    spread = np.full((size, size), empty, dtype=object if empty == "" else float)
    spread[np.ix_(cells, cells)] = table
    return spread


def _family_names(codes: Sequence[str], centres: Sequence[float]) -> list[dict[str, Any]]:
    """Each family's name as an annotation beside its rows."""
    grouped = groupby(zip(codes, centres, strict=True), key=lambda item: lang.find(item[0]).family)
    beside: dict[str, Any] = {
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 8,
        "showarrow": False,
        "font": {"size": 11},
    }
    return [beside | {"text": name, "y": float(np.mean([y for _, y in rows]))} for name, rows in grouped]
