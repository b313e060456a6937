"""One sentence as a heatmap: its words in reading order, what passes through the gate below each."""

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.gates import model_names
from dlfa_core.figures.sentences.numbers import counted, plain, signed, thousandths
from dlfa_core.figures.sentences.word_classes import class_name
from dlfa_core.figures.theme import FONT, INK, NUMBERED, SEQUENTIAL, WIDE, blank, evenly

if TYPE_CHECKING:
    from dlfa_core.experiments import gates
    from dlfa_core.tables import Record

LINE = 122  # letters in a line as wide as a page; what is longer goes on in the next
SHORT = 60  # letters that a line is at least wide, so that words of short sentences are not stretched
ROW = 16  # pixels
PERCENTILES = {"mean": "gate", "95 %": "p95", "75 %": "p75", "median": "p50", "25 %": "p25", "5 %": "p05"}
_ABOVE, _BELOW = 1.5, 0.4  # rows that a line's words take, and the gap to the next line


def sentences_of(result: "gates.Result") -> list[str]:
    """Ids of the sentences whose words are kept, in their order."""
    return list(dict.fromkeys(result.words["id"]))


def range_of_words(result: "gates.Result") -> tuple[float, float]:
    """Return what nearly all words lie in, 98 % of them: the range of colours for mean gates."""
    low, high = result.words["gate"].quantile([0.01, 0.99])
    return float(low), float(max(high, low + 1e-3))


def sentence_heatmap(result: "gates.Result", language: str, sent_id: str) -> go.Figure:
    """The words of a sentence as their readers read them: from right to left where the script runs so.

    With one model the rows are the mean gate and its percentiles over dimensions, with several the mean gate of
    each model's layer, the highest on top. The widths of cells follow the words.

    Args:
        language: one of `result.meta["languages"]`.
        sent_id: one of `sentences_of(result)`.

    Raises:
        ValueError: the result keeps no words of this sentence in this language.
    """
    words = result.words[(result.words["language"] == language) & (result.words["id"] == sent_id)]
    if words.empty:
        raise ValueError(f"the result keeps no words of sentence {sent_id!r} in {lang.find(language).name}.")
    rows = _by_percentile(words) if words["model"].nunique() == 1 else _by_model(result, words)
    first = words[words["model"] == words["model"].iloc[0]]
    right_to_left = lang.find(language).direction == "rtl"
    lines = list(_lines([_width(word) for word in first["word"]]))
    across = max(SHORT, *(edges[-1] for _, edges in lines))
    step = len(rows) + _ABOVE + _BELOW
    figure = blank(int(ROW * (step * len(lines) - _BELOW)) + 4, meta=WIDE)
    figure.update_layout(margin={"t": 2, "b": 2})
    low, high = (0.0, 1.0) if words["model"].nunique() == 1 else range_of_words(result)
    ticks, labels = [], []
    for index, (numbers, edges) in enumerate(lines):
        top = index * step + _ABOVE
        side = [across - edge for edge in reversed(edges)] if right_to_left else edges
        order = numbers[::-1] if right_to_left else numbers
        figure.add_trace(_cells(rows.iloc[:, order], first.iloc[order], side, top, (low, high)))
        for number, left, right in zip(order, side, side[1:], strict=False):
            figure.add_annotation(
                x=(left + right) / 2,
                y=top - 0.1,
                text=escape(first["word"].iloc[number], quote=False),
                showarrow=False,
                yanchor="bottom",
                font={"size": 13},
            )
        ticks += [top + row + 0.5 for row in range(len(rows))]
        labels += list(rows.index)
    figure.update_xaxes(range=[0, across], visible=False, fixedrange=True)
    figure.update_yaxes(
        range=[step * len(lines) - _BELOW, 0],
        tickvals=ticks,
        ticktext=labels,
        showgrid=False,
        ticks="",
        tickfont_size=11,
        side="right" if right_to_left else "left",
        fixedrange=True,
    )
    return figure


def _cells(
    rows: pd.DataFrame, words: pd.DataFrame, x: Sequence[float], top: float, colours: tuple[float, float]
) -> go.Heatmap:
    """Draw one line of words.

    Args:
        rows: a row of cells each, the columns in the order on the screen.
        words: in the same order, for the hover.
        x: the edges of the columns.
        top: where the first row begins.
        colours: the values of the ends of the scale.
    """
    values = rows.to_numpy()
    return go.Heatmap(
        x=x,
        y=[top + row for row in range(len(rows) + 1)],
        z=values,
        text=[[f"{value:.2f}".lstrip("0") for value in row] for row in values],
        texttemplate="%{text}",
        textfont={"size": 11, "family": FONT, "color": INK},
        colorscale=evenly(SEQUENTIAL[NUMBERED]),
        meta="numbered",
        hovertext=[
            [_hover(label, words.iloc[k], value) for k, value in enumerate(row)]
            for label, row in zip(rows.index, values, strict=True)
        ],
        hoverinfo="text",
        zmin=colours[0],
        zmax=colours[1],
        xgap=2,
        ygap=2,
        showscale=False,
    )


def _by_percentile(words: "gates.Words") -> pd.DataFrame:
    """Rows are the mean and the percentiles, columns the words."""
    return pd.DataFrame({label: words.copy()[column].to_numpy() for label, column in PERCENTILES.items()}).T


def _by_model(result: "gates.Result", words: "gates.Words") -> pd.DataFrame:
    """Rows are the models, the highest layer on top, columns the words."""
    layers = {about["name"]: about["layer"] for about in result.meta["models"]}
    order = sorted(model_names(result), key=lambda name: -(layers[name] or 0))
    distinct = len(set(layers.values())) == len(layers)
    titles = {
        name: f"layer {layer}" if distinct else f"{name.rpartition('/')[2]}, layer {layer}"
        for name, layer in layers.items()
    }
    return pd.DataFrame({titles[name]: words.loc[words["model"] == name, "gate"].to_numpy() for name in order}).T


def _lines(widths: Sequence[float]) -> Iterator[tuple[list[int], list[float]]]:
    """Numbers of the words of each line, and the edges of their cells, in letters."""
    numbers: list[int] = []
    edges = [0.0]
    for number, width in enumerate(widths):
        if numbers and edges[-1] + width > LINE:
            yield numbers, edges
            numbers, edges = [], [0.0]
        numbers, edges = [*numbers, number], [*edges, min(edges[-1] + width, LINE)]
    yield numbers, edges


def _width(word: str) -> float:
    """Return how many letters wide a word is drawn: marks take no room, Chinese characters that of two."""
    letters = sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in word
    )
    return max(letters, 2) + 1.5


def _hover(row: str, word: "Record[gates.Word]", value: float) -> str:
    said = f"<b>{escape(word['word'], quote=False)}</b>"
    if word["word_class"]:
        said += f", {escape(class_name(word['word_class']), quote=False)}"
    return (
        f"{said}<br>{row}: {thousandths(value)}<br>mean {thousandths(word['gate'])}, 90 % of dimensions in "
        f"{plain(word['p05'])} to {plain(word['p95'])}<br>moved by {plain(word['change'])} of its length<br>"
        f"vote of the sentence {signed(word['global_logit'], 2)}, of the word {signed(word['local_logit'], 2)}; "
        f"{counted(word['subwords'], 'subword')}"
    )
