"""Do the scores point at what the model reads? Words erased by their scores, beside random ones."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core.figures.sentences.numbers import between, percent, signed
from dlfa_core.figures.sentences.systems import rows_of
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, error_bars, legend_above

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

MEASURES = {
    "comprehensiveness": ("highest scores erased", "#d55e00", "triangle-up"),
    "sufficiency": ("all but the highest erased", "#0072b2", "square"),
}


def erased(result: "lexicon.Result", index: int, group: str = "all") -> go.Figure:
    """Draw how far the probability of the answer falls: filled marks by score with 95 % intervals, open ones at random.

    Args:
        index: of the classifier among `result.systems`.
        group: "all", or the code of a language.

    Raises:
        ValueError: faithfulness was not measured for this group.
    """
    rows = rows_of(result, result.faithfulness, index) if len(result.faithfulness) else result.faithfulness
    rows = rows[rows["group"] == group] if len(rows) else rows
    if not len(rows):
        raise ValueError(f"Faithfulness was not measured for {group!r}: ask for draws of random rankings.")
    figure = blank(360, hovermode="closest", legend=legend_above())
    for measure in MEASURES:
        figure.add_traces(list(_pair(rows[rows["measure"] == measure].sort_values("share"), measure)))
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1, "dash": "dot"}, layer="below")
    shares = sorted(rows["share"].astype(float).unique())
    figure.update_xaxes(
        title="share of the words that count as highest",
        tickvals=shares,
        ticktext=[percent(share) for share in shares],
        fixedrange=True,
    )
    figure.update_yaxes(title="fall of the answer's probability", gridcolor=GRID, fixedrange=True)
    return figure


def _pair(rows: "lexicon.Faithfulness", measure: str) -> Iterator[go.Scatter]:
    name, colour, symbol = MEASURES[measure]
    common = {"x": rows["share"], "legendgroup": measure, "cliponaxis": False}
    yield go.Scatter(
        y=rows["value"],
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2.2},
        marker={"symbol": symbol, "size": 9},
        error_y=error_bars(rows, thickness=1.5, width=3),
        customdata=[
            [row["gain"], between(row["gain_low"], row["gain_high"], signed), row["n"]]
            for row in rows.to_dict("records")
        ],
        hovertemplate=f"<b>{name}</b>, %{{x:.0%}}<br>falls by %{{y:.3f}}<br>better than at random by "
        "%{customdata[0]:+.3f}%{customdata[1]}<br>n = %{customdata[2]} texts"
        "<extra></extra>",
        **common,
    )
    yield go.Scatter(
        y=rows["random"],
        name=f"{name}, at random",
        mode="lines+markers",
        line={"color": colour, "width": 1.2, "dash": "dot"},
        marker={"symbol": f"{symbol}-open", "size": 8},
        hovertemplate=f"<b>{name}, at random</b>, %{{x:.0%}}<br>falls by %{{y:.3f}}<extra></extra>",
        **common,
    )
