"""How what passes the gate is distributed over words: by language, relatives side by side, and by class of word."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.word_classes import class_name
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, error_bars, faded, named_rows, outlined

if TYPE_CHECKING:
    from dlfa_core.experiments import gates


WORD_MEASURES = {
    "gate": "gate of a word",
    "weight": "weight of the lower layer",
    "change": "change, |fused − last| / |last|",
}
NOTHING = {"gate": 0.5, "weight": 0.0, "change": 0.0}  # neither opens nor closes; nothing passes; nothing moves
NOTHING_SAID = {"gate": "half open", "weight": "nothing passes", "change": "nothing moves"}
TENTH = 0.1  # how long the bar is that says what is large
TENTH_SAID = {"gate": "a tenth of its range", "weight": "0.1", "change": "a tenth of its length"}
ACCENT = "#2f8fa3"
_ROW = 26  # pixels


def by_language(result: "gates.Result", model: str, measure: str = "gate") -> go.Figure:
    """A row per language, ordered by family: the mean with its interval, and how words spread around it.

    Args:
        model: one of the result's models.
        measure: key in `WORD_MEASURES`.

    Raises:
        ValueError: the result has nothing on this model or measure.
    """
    rows = _rows(result, model, measure, "language").set_index("group")
    codes = lang.family_order(rows.index)
    rows = rows.loc[list(codes)]
    families = [lang.FAMILIES[lang.find(code).family] for code in codes]
    labels = [lang.find(code).name for code in codes]
    figure = _spread(rows, labels, [family.colour for family in families], [family.symbol for family in families])
    return _titled(figure, measure, rows, labels)


def by_class(result: "gates.Result", model: str, measure: str = "gate") -> go.Figure:
    """A row per class of words, that with the largest mean on top; the mean is over languages.

    Raises:
        ValueError: the result has nothing on this model or measure.
    """
    rows = _rows(result, model, measure, "class").sort_values("value", ascending=False)
    labels = [class_name(word_class) for word_class in rows["word_class"]]
    figure = _spread(rows.copy(), labels, [ACCENT] * len(rows), ["diamond"] * len(rows))
    return _titled(figure, measure, rows, labels)


def _rows(result: "gates.Result", model: str, measure: str, level: str) -> "gates.Means":
    means = result.means
    rows = means[(means["model"] == model) & (means["measure"] == measure) & (means["level"] == level)]
    if rows["value"].notna().sum() == 0:
        raise ValueError(f"the result has no {measure!r} of {model!r}: {_held(result)}.")
    return rows


def _held(result: "gates.Result") -> str:
    pairs = result.means.dropna(subset="value").groupby("model", sort=False)["measure"].unique()
    return "; ".join(f"{model} has {', '.join(measures)}" for model, measures in pairs.items())


def _spread(rows: pd.DataFrame, labels: list[str], colours: list[str], symbols: list[str]) -> go.Figure:
    """Thin lines hold 90 % of the words, thick ones half of them; marks are means with their intervals."""
    figure = blank(_ROW * (len(rows) + 2) + 100, legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"})
    for low, high, width, said in (("p05", "p95", 2, "90 % of the words"), ("p25", "p75", 8, "half of the words")):
        figure.add_scatter(
            x=np.stack([rows[low], rows[high], np.full(len(rows), np.nan)], axis=1).ravel(),
            y=np.repeat(labels, 3),
            mode="lines",
            line={"color": faded(NEUTRAL, 0.5), "width": width},
            hoverinfo="skip",
            name=said,
        )
    marks = pd.DataFrame({"label": labels, "colour": colours, "symbol": symbols}, index=rows.index)
    rare = rows["ci_low"].isna()
    figure.add_trace(_means(rows[~rare], marks[~rare], "mean and 95 % interval", ""))
    if rare.any():
        figure.add_trace(_means(rows[rare], marks[rare], "mean, in too few sentences for one", "-open"))
    return figure


def _means(rows: pd.DataFrame, marks: pd.DataFrame, said: str, open_: str) -> go.Scatter:
    interval = "" if open_ else " [%{customdata[0]:.3f}, %{customdata[1]:.3f}]"
    return go.Scatter(
        x=rows["value"],
        y=marks["label"],
        mode="markers",
        marker=outlined(marks["colour"], marks["symbol"] + open_),
        error_x=error_bars(rows, thickness=1.5, width=4, color=NEUTRAL),
        customdata=rows[["ci_low", "ci_high", "p05", "p95", "n_words", "n"]],
        hovertemplate=f"<b>%{{y}}</b><br>mean %{{x:.3f}}{interval}<br>"
        "90 % of words: %{customdata[2]:.3f} to %{customdata[3]:.3f}<br>"
        "%{customdata[4]:,} words, n = %{customdata[5]:,} sentences<extra></extra>",
        name=said,
    )


def _titled(figure: go.Figure, measure: str, rows: "gates.Means", labels: list[str]) -> go.Figure:
    """Name the axes; all of the whiskers and what says nothing are in sight, and a bar says how long 0.1 is."""
    nothing = NOTHING[measure]
    low = min(nothing, float(np.nanmin(rows.copy()[["p05", "ci_low"]].to_numpy(float))))
    high = max(nothing, float(np.nanmax(rows.copy()[["p95", "ci_high"]].to_numpy(float))), low + TENTH)
    margin = 0.03 * (high - low)
    figure.update_xaxes(
        title=WORD_MEASURES[measure], showgrid=True, gridcolor=GRID, range=[low - margin, high + margin]
    )
    figure.add_vline(x=nothing, line={"color": NEUTRAL, "width": 1.5, "dash": "dot"}, layer="below")
    rows_below = len(labels) + np.array([0.0, 0.9])
    said = {"showarrow": False, "font": {"size": 12}}
    figure.add_annotation(x=nothing, y=rows_below[0], text=NOTHING_SAID[measure], xanchor="left", xshift=4, **said)
    figure.add_shape(
        type="line",
        x0=high - TENTH,
        x1=high,
        y0=rows_below[1],
        y1=rows_below[1],
        line={"color": NEUTRAL, "width": 4},
    )
    figure.add_annotation(x=high - TENTH, y=rows_below[1], text=TENTH_SAID[measure], xanchor="right", xshift=-4, **said)
    named_rows(figure, labels, categoryorder="array")
    figure.update_yaxes(autorange=False, range=[rows_below[1] + 0.5, -0.6])
    return figure
