"""The two branches of AIF side by side: what the sentence says, and what the word says."""

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dlfa_core import languages as lang
from dlfa_core.figures.theme import GRID, NEUTRAL, WIDE, blank, error_bars, legend_above, outlined

if TYPE_CHECKING:
    from dlfa_core.experiments import gates

_ROW = 26  # pixels
_GLOBAL, _LOCAL = "#d55e00", "#0072b2"


def branches(result: "gates.Result", model: str) -> go.Figure:
    """Left, what each branch votes on average; right, the local one's share of what differs. A row per language.

    A gate is the sigmoid of both logits' sum, so a positive logit opens it and a negative one closes it.

    Args:
        model: one of the result's models.
    """
    means = result.means[(result.means["model"] == model) & (result.means["level"] == "language")]
    codes = list(lang.family_order(result.meta["languages"]))
    labels = [lang.find(code).name for code in codes]
    quantities = ["← closes   vote   opens →", "the word’s part of what differs"]
    panels = make_subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06, column_titles=quantities)
    figure = blank(_ROW * len(codes) + 130, legend=legend_above(1.06), meta=WIDE)
    panels.update_layout(figure.layout)
    of_words = {measure: rows.set_index("group").loc[codes] for measure, rows in means.groupby("measure")}
    shares = result.shares[result.shares["model"] == model].set_index("language").loc[codes]
    for column, rows, said, colour, symbol in (
        (1, of_words["global_logit"], "vote of the sentence", _GLOBAL, "square-open"),
        (1, of_words["local_logit"], "vote of the word", _LOCAL, "circle"),
        (2, shares, "the word’s part, from word to word", _LOCAL, "diamond"),
        (2, of_words["local_share"], "the word’s part, between dimensions of one word", _LOCAL, "diamond-open"),
    ):
        panels.add_trace(_marks(rows, labels, said, colour, symbol), row=1, col=column)
    panels.add_vline(x=0, line={"color": NEUTRAL, "width": 1, "dash": "dot"}, row=1, col=1)
    panels.update_xaxes(showgrid=True, gridcolor=GRID)
    panels.update_yaxes(autorange="reversed", categoryarray=labels, gridcolor=GRID, ticks="", tickfont_size=12)
    return panels


def _marks(rows: pd.DataFrame, labels: list[str], said: str, colour: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=rows["value"],
        y=labels,
        mode="markers",
        name=said,
        marker=outlined(colour, symbol, size=10, width=1.8),
        error_x=error_bars(rows, thickness=1.2, width=3, color=colour),
        customdata=rows[["ci_low", "ci_high", "n"]],
        hovertemplate=f"<b>%{{y}}</b>, {said}<br>%{{x:.3f}} [%{{customdata[0]:.3f}}, %{{customdata[1]:.3f}}]"
        "; n = %{customdata[2]:,}<extra></extra>",
    )
