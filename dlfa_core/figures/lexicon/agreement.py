"""Does a word do what its translation does? Language against language."""

import numpy as np
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.lexicon.systems import rows_of
from dlfa_core.figures.theme import DIVERGING, blank

_CELL = 22  # pixels


def pairs(result, place: int) -> go.Figure:
    """Correlation of the scores of words and their translations, relatives side by side.

    Raises:
        ValueError: the result has one language, or no word stands beside a translation.
    """
    rows = rows_of(result, result.translations, place)
    rows = rows[(rows["measure"] == "correlation") & (rows["source"] != "all")]
    if rows.empty:
        raise ValueError("No word stands beside a translation: compare at least two languages with linked words.")
    codes = lang.family_order(result.meta["languages"])
    values = np.full((len(codes), len(codes)), np.nan)
    said = np.full(values.shape, "", dtype=object)
    for row in rows.dropna(subset="value").itertuples():
        names = [lang.find(code).name for code in (row.source, row.target)]
        interval = "" if np.isnan(row.ci_low) else f" [{_number(row.ci_low)}, {_number(row.ci_high)}]"
        for i, j in ((row.source, row.target), (row.target, row.source)):
            place_of = codes.index(i), codes.index(j)
            values[place_of] = row.value
            said[place_of] = (
                f"<b>{' and '.join(names)}</b><br>{_number(row.value)}{interval}<br>{row.count:,} pairs of words in "
                f"{row.n:,} sentences"
            )
    names = [lang.find(code).name for code in codes]
    figure = blank(_CELL * len(codes) + 130)
    figure.add_trace(
        go.Heatmap(
            x=list(range(len(codes))),
            y=list(range(len(codes))),
            z=values,
            customdata=said,
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=[[i / (len(DIVERGING) - 1), colour] for i, colour in enumerate(DIVERGING)],
            meta="diverging",
            zmin=-1,
            zmax=1,
            xgap=1,
            ygap=1,
            colorbar={
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.01,
                "yanchor": "bottom",
                "lenmode": "pixels",
                "len": 200,
                "thickness": 8,
                "tickvals": [-1, 0, 1],
                "ticktext": ["−1", "0", "1"],
                "tickangle": 0,
                "tickfont": {"size": 11},
                "outlinewidth": 0,
            },
        )
    )
    plain = {"showgrid": False, "ticks": "", "tickvals": list(range(len(codes))), "zeroline": False, "fixedrange": True}
    figure.update_xaxes(ticktext=list(codes), tickangle=-90, tickfont_size=11, **plain)
    figure.update_yaxes(ticktext=names, tickfont_size=12, range=[len(codes) - 0.5, -0.5], **plain)
    return figure


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
