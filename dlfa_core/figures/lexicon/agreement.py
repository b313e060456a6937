"""Does a word do what its translation does? Language against language."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.numbers import counted, with_interval
from dlfa_core.figures.sentences.systems import rows_of
from dlfa_core.figures.theme import blank, colourbar_above, diverging

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

_CELL = 22  # pixels


def pairs(result: "lexicon.Result", index: int) -> go.Figure:
    """Correlation of the scores of words and their translations, relatives side by side.

    Raises:
        ValueError: the result has one language, or no word stands beside a translation.
    """
    rows = rows_of(result, result.translations, index)
    rows = rows[(rows["measure"] == "correlation") & (rows["source"] != "all")]
    if rows.empty:
        raise ValueError("No word stands beside a translation: compare at least two languages with linked words.")
    codes = lang.family_order(result.meta["languages"])
    values = np.full((len(codes), len(codes)), np.nan)
    said = np.full(values.shape, "", dtype=object)
    for row in rows.dropna(subset="value").to_dict("records"):
        pair = row["source"], row["target"]
        for i, j in (pair, pair[::-1]):
            values[codes.index(i), codes.index(j)] = row["value"]
            said[codes.index(i), codes.index(j)] = (
                f"<b>{' and '.join(lang.find(code).name for code in pair)}</b><br>{with_interval(row)}<br>"
                f"{counted(row['count'], 'pair')} of words in {counted(row['n'], 'sentence')}"
            )
    names = [lang.find(code).name for code in codes]
    figure = blank(_CELL * len(codes) + 160)
    figure.add_heatmap(
        x=list(range(len(codes))),
        y=list(range(len(codes))),
        z=values,
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=diverging(),
        meta="diverging",
        zmin=-1,
        zmax=1,
        xgap=1,
        ygap=1,
        colorbar=colourbar_above(200, tickvals=[-1, 0, 1], ticktext=["−1", "0", "1"]),
    )
    plain = {"showgrid": False, "ticks": "", "tickvals": list(range(len(codes))), "zeroline": False, "fixedrange": True}
    figure.update_xaxes(ticktext=names, tickangle=-60, tickfont_size=11, **plain)
    figure.update_yaxes(ticktext=names, tickfont_size=12, range=[len(codes) - 0.5, -0.5], **plain)
    return figure
