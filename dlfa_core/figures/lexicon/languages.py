"""Lexicon words language by language: positive, neutral and negative ones, relatives side by side."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.numbers import between, thousandths
from dlfa_core.figures.sentences.systems import rows_of
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, error_bars, legend_above, outlined
from dlfa_core.tables import Table

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

_ROW = 30  # pixels


class Quantity(NamedTuple):
    """What can be drawn of lexicon words.

    Attributes:
        label: on the page.
        axis: title of the axis.
        polarities: that have it.
        nothing: the value that says nothing, or None.
        reads: one sentence for a reader.
    """

    label: str
    axis: str
    polarities: tuple[str, ...]
    nothing: float | None
    reads: str


QUANTITIES = {
    "attribution": Quantity(
        "Mean score",
        "mean score of a word",
        ("positive", "neutral", "negative"),
        0.0,
        "A word to the right of 0 speaks for the positive answer, to the left against it. The wider positive and "
        "negative words lie apart, the more of the sentiment they carry; where all lean to one side, so does the text "
        "without words that they are held against.",
    ),
    "order": Quantity(
        "Order",
        "positive words that score above a negative one, share of pairs",
        ("both",),
        0.5,
        "Of all pairs of a positive and a negative word, how often the positive one scores higher; 0.5 is chance. "
        "A lean of all words to one side plays no part.",
    ),
    "agreement": Quantity(
        "Sign",
        "words whose sign is that of the lexicon, share",
        ("positive", "negative"),
        0.5,
        "How many words push the answer where the lexicon says they should. If all words lean to one side, one kind "
        "agrees and the other does not.",
    ),
    "share": Quantity(
        "Weight",
        "part of all scores of the sentence",
        ("positive", "neutral", "negative"),
        None,
        "How much of what moves the answer in a sentence, for and against, is this one word.",
    ),
}


class Look(NamedTuple):
    """How words of a polarity are drawn: colour, form and place are three ways to tell them apart."""

    colour: str
    symbol: str
    offset: float


LOOKS = {
    "positive": Look("#d55e00", "triangle-right", -0.22),
    "neutral": Look(NEUTRAL, "circle-open", 0.0),
    "negative": Look("#0072b2", "triangle-left", 0.22),
    "both": Look("#2f8fa3", "diamond", 0.0),
}
NAMES = {
    "positive": "positive words",
    "neutral": "neutral words",
    "negative": "negative words",
    "both": "positive and negative words",
}


def quantity_of(name: str) -> Quantity:
    """Return what goes by this name.

    Raises:
        ValueError: nothing does.
    """
    if name not in QUANTITIES:
        raise ValueError(f"Lexicon words have no {name!r}: choose from {', '.join(QUANTITIES)}.")
    return QUANTITIES[name]


def by_language(result: "lexicon.Result", index: int, quantity: str) -> go.Figure:
    """A row per language, ordered by family, and one for all: means with 95 % intervals for every polarity.

    Args:
        index: of the classifier among `result.systems`.
        quantity: key in `QUANTITIES`.

    Raises:
        ValueError: there is no such quantity.
    """
    about = quantity_of(quantity)
    rows = rows_of(result, result.scores, index)
    rows = rows[rows["measure"] == quantity]
    codes = ["all", *lang.family_order(result.meta["languages"])]
    labels = ["<b>All languages</b>", *(lang.find(code).name for code in codes[1:])]
    figure = blank(_ROW * len(codes) + 90, hovermode="closest", legend=legend_above(1.01))
    figure.add_traces([*_random(rows, codes, about), *_means(rows, codes, about)])
    if about.nothing is not None:
        figure.add_vline(x=about.nothing, line={"color": NEUTRAL, "width": 1, "dash": "dot"}, layer="below")
    figure.update_xaxes(title=about.axis, showgrid=True, gridcolor=GRID, fixedrange=True)
    figure.update_yaxes(
        range=[len(codes) - 0.45, -0.55],
        tickvals=list(range(len(codes))),
        ticktext=labels,
        showgrid=False,
        ticks="",
        tickfont_size=12,
        fixedrange=True,
    )
    figure.add_shape(  # sets the row of all apart
        type="line", x0=0, x1=1, xref="paper", y0=0.5, y1=0.5, line={"color": GRID, "width": 1}
    )
    return figure


def _random(rows: "Table[lexicon.Score]", codes: list[str], about: Quantity) -> Iterator[go.Scatter]:
    """Grey lines behind the means: the central 95 % of random words in the place of the lexicon's."""
    for number, polarity in enumerate(about.polarities):
        own = rows[rows["polarity"] == polarity].set_index("language").reindex(codes)
        own = own.assign(y=np.arange(len(codes)) + (LOOKS[polarity].offset if len(about.polarities) > 1 else 0.0))
        own = own.dropna(subset=["null_low", "null_high"])
        if not len(own):
            continue
        ends = [(low, high, None) for low, high in zip(own["null_low"], own["null_high"], strict=True)]
        said = [
            f"{thousandths(row['null'])}{between(row['null_low'], row['null_high'], thousandths)}"
            for row in own.to_dict("records")
        ]
        yield go.Scatter(
            x=[at for each in ends for at in each],
            y=[at for y in own["y"] for at in (y, y, None)],
            name="random words, as frequent and long",
            legendgroup="random",
            showlegend=number == 0,
            mode="lines",
            line={"color": GRID, "width": 7},
            customdata=[text for text in said for _ in range(3)],
            hovertemplate=f"random words in the place of {NAMES[polarity]}<br>%{{customdata}}<extra></extra>",
        )


def _means(rows: "Table[lexicon.Score]", codes: list[str], about: Quantity) -> Iterator[go.Scatter]:
    for polarity in about.polarities:
        own = rows[rows["polarity"] == polarity].set_index("language").reindex(codes)
        look, held = LOOKS[polarity], own["value"].notna().to_numpy()
        y = np.arange(len(codes)) + (look.offset if len(about.polarities) > 1 else 0.0)
        own = own[held]
        said = [between(*ends, thousandths) for ends in zip(own["ci_low"], own["ci_high"], strict=True)]
        yield go.Scatter(
            x=own["value"],
            y=y[held],
            name=NAMES[polarity],
            mode="markers",
            marker=outlined(look.colour, look.symbol, size=10),
            error_x=error_bars(own, thickness=1.5, width=3, color=look.colour),
            customdata=np.stack(
                [
                    ["all languages" if code == "all" else lang.find(code).name for code in own.index],
                    said,
                    own["count"].astype(int),
                    own["n"].astype(int),
                ],
                axis=1,
            )
            if len(own)
            else None,
            hovertemplate=f"<b>%{{customdata[0]}}</b>, {NAMES[polarity]}<br>%{{x:.3f}}%{{customdata[1]}}<br>"
            "%{customdata[2]} words in %{customdata[3]} sentences<extra></extra>",
        )
