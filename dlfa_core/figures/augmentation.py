"""What an `augment.Result` shows, in figures."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.chance import mark_chance
from dlfa_core.figures.mark_names import axis_range, spots_on_axes
from dlfa_core.figures.sentences.augment import CLEAR, by_language, correlations, score_label
from dlfa_core.figures.theme import GRID, NEUTRAL, PALETTE, WIDE, blank, error_bars, faded, legend_above
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import augment

ARMS = {
    "plain": "plain pre-training",
    "augmented": "with the lexicon",
    "random": "random dictionary",
    "neutral": "neutral words",
}
FUSIONS = {"last": "last layer alone", "dlfa": "DLFA", "average": "average", "extra": "extra parameters"}
EFFECTS = {
    "augmented": "Lexicon, last layer alone",
    "augmented_fused": "Lexicon, with DLFA",
    "fused": "DLFA, plain pre-training",
    "fused_augmented": "DLFA, with the lexicon",
    "interaction": "Lexicon, with DLFA minus without",
    "over_random": "Lexicon minus random dictionary, last layer alone",
    "over_random_fused": "Lexicon minus random dictionary, with DLFA",
    "over_neutral": "Lexicon minus neutral words, last layer alone",
    "over_neutral_fused": "Lexicon minus neutral words, with DLFA",
}
_BLUE, _VERMILION, _GREEN, _, _VIOLET, _OCHRE, _TEAL, _ = PALETTE
COLOURS = {"plain": _VIOLET, "augmented": _VERMILION, "random": _BLUE, "neutral": NEUTRAL}
DASHES = {"plain": "solid", "augmented": "dash", "random": "dot", "neutral": "dashdot"}
FUSION_STYLES = {  # colour, dash, symbol
    "last": (_BLUE, "solid", "circle"),
    "dlfa": (_OCHRE, "dash", "diamond"),
    "average": (_GREEN, "dot", "square"),
    "extra": (NEUTRAL, "dashdot", "x"),
}
BARS = {"thickness": 1.6, "width": 5}
_HEIGHT = 360
_STRIP = 0.06  # of the width of the scale: between two languages that the lexicon lacks
_PICTURE = (600, 290)  # pixels of the plot of coverage where it is narrow


def cells(result: "augment.Result", level: str) -> go.Figure:
    """The table of scores: a line a fusion, from plain pre-training to the one with the lexicon and its controls."""
    rows = result.cells[result.cells["level"] == level]
    arms = {name: label for name, label in ARMS.items() if name in result.meta["arms"]}
    figure = blank(_HEIGHT, hovermode="closest", legend=legend_above())
    mark_chance(figure, result.meta)
    for index, (fusion, (colour, dash, symbol)) in enumerate(FUSION_STYLES.items()):
        label = FUSIONS[fusion]
        own = rows[rows["fusion"] == fusion].set_index("arm").loc[list(arms)]
        figure.add_scatter(
            x=np.arange(len(arms)) + 0.07 * (index - 1.5),
            y=own["value"],
            error_y=error_bars(own, **BARS),
            mode="lines+markers",
            name=f"{label} of layer {result.meta['layer']}" if fusion in ("dlfa", "average") else label,
            line={"color": colour, "dash": dash, "width": 2.2},
            marker={"symbol": symbol, "size": 10},
            text=list(arms.values()),
            customdata=np.stack([own["ci_low"], own["ci_high"], own["n"]], axis=1),
            hovertemplate=f"<b>{label}</b>, %{{text}}<br>%{{y:.3f}} [%{{customdata[0]:.3f}}, %{{customdata[1]:.3f}}]; "
            "n = %{customdata[2]:,}<extra></extra>",
        )
    names = [label.replace(" ", "<br>", 1) for label in arms.values()]
    figure.update_xaxes(tickvals=np.arange(len(arms)), ticktext=names, tickangle=0, range=[-0.4, len(arms) - 0.6])
    figure.update_yaxes(title=score_label(result), gridcolor=GRID)
    return figure


def effects(result: "augment.Result", level: str) -> go.Figure:
    """Every effect with its interval, against 0; filled where its p, corrected for all of them, is clear."""
    rows = result.effects[result.effects["level"] == level].set_index("effect")
    rows = rows.loc[[name for name in EFFECTS if name in rows.index][::-1]]
    clear = (rows["p_holm"] < CLEAR).to_numpy()
    figure = blank(_HEIGHT, hovermode="closest", showlegend=False)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.add_scatter(
        x=rows["value"],
        y=[EFFECTS[name].replace(", ", ",<br>") for name in rows.index],
        error_x=error_bars(rows, **BARS),
        mode="markers",
        marker={
            "size": 11,
            "color": _TEAL,
            "symbol": ["circle" if one else "circle-open" for one in clear],
            "line_width": 2,
        },
        customdata=np.stack([rows["ci_low"], rows["ci_high"], rows["p"], rows["p_holm"]], axis=1),
        hovertemplate="<b>%{y}</b><br>%{x:+.3f} [%{customdata[0]:+.3f}, %{customdata[1]:+.3f}]<br>"
        f"p = %{{customdata[2]:.3f}}; by Holm for all {len(rows)} differences %{{customdata[3]:.3f}}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_xaxes(title=f"difference of {score_label(result)}", tickformat="+.2f")
    figure.update_yaxes(showgrid=False, tickfont_size=12)
    return figure


def coverage(result: "augment.Result", fused: bool = False) -> go.Figure:
    """The gain of every target language against how much of its test text the lexicon covers.

    Languages that the lexicon lacks are all covered by nothing: they stand side by side left of the scale, by gain.
    A name for which there is no room beside its mark is left out; it shows when the mark is pointed at.
    """
    rows = by_language(result, fused)
    covered = rows[rows["seen"]]
    reach = float(covered["coverage"].max()) if len(covered) else 1.0
    least = float(covered["coverage"].min()) if len(covered) else 0.0
    start = 0.0 if least < reach / 2 else least - 0.1 * (reach - least)  # 0 only where there is something near it
    apart = _STRIP * (reach - start or reach)
    lacking = rows[~rows["seen"]].sort_values("value", ascending=False)
    positions = start - apart * np.arange(len(lacking), 0, -1)
    limits = (start - apart * (len(lacking) + 1), reach + 2 * apart)
    places = np.concatenate([covered["coverage"], positions]), np.concatenate([covered["value"], lacking["value"]])
    reached = axis_range(rows["value"], rows["ci_low"], rows["ci_high"])
    figure = blank(420, hovermode="closest", legend=legend_above(), meta=WIDE)
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    for own, x, label, symbol, colour in (
        (covered, covered["coverage"], "in the lexicon", "circle", _BLUE),
        (lacking, positions, "not in it", "x", _OCHRE),
    ):
        figure.add_scatter(
            x=x,
            y=own["value"],
            error_y=error_bars(own, color=faded(colour, 0.35), **BARS),
            mode="markers",
            name=label,
            marker={"symbol": symbol, "size": 9, "color": colour},
            customdata=np.stack(
                [
                    [find(code).name for code in own["language"]],
                    *(own[name] for name in ("ci_low", "ci_high", "coverage", "words", "n")),
                ],
                axis=1,
            ),
            hovertemplate="<b>%{customdata[0]}</b><br>%{y:+.3f} [%{customdata[1]:+.3f}, %{customdata[2]:+.3f}]<br>"
            "%{customdata[3]:.0%} of the texts, %{customdata[4]:.2f} words a text; n = %{customdata[5]}<extra></extra>",
        )
    if len(lacking):
        figure.add_vline(x=start - apart / 2, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    ticks = {value: f"{value:.0%}" for value in _round_shares(start, reach)}
    ticks |= {positions.mean(): "no words"} if len(lacking) else {}
    figure.update_xaxes(
        title="share of test texts with a word of the lexicon",
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        range=limits,
    )
    figure.update_layout(margin_t=44)  # for two lines beside the legend
    figure.add_annotation(
        text="<br>".join(correlations(result, fused)),
        xref="paper",
        yref="paper",
        x=1,
        y=1.02,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        align="right",
        font={"size": 12},
    )
    names = [find(code).name for code in [*covered["language"], *lacking["language"]]]
    _name(figure, names, *places, limits, reached)
    figure.update_yaxes(title=f"gain of {score_label(result)}", tickformat="+.2f", gridcolor=GRID, range=reached)
    return figure


def _name(
    figure: go.Figure,
    names: list[str],
    x: np.ndarray,
    y: np.ndarray,
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
) -> None:
    """Name the marks of a figure that have room for it beside them."""
    spots = spots_on_axes(x, y, names, x_limits, y_limits, _PICTURE)
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers+text",
        text=[name if spot else "" for name, spot in zip(names, spots, strict=True)],
        textposition=[spot or "middle right" for spot in spots],
        textfont={"size": 12},
        marker={"size": 9, "opacity": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def _round_shares(start: float, reach: float) -> np.ndarray:
    """Ticks from `start` to `reach`, four to nine of them where these are more than 2 % apart."""
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if (reach - start) / step < 9)
    return np.arange(np.ceil(start / step - 1e-9), int(reach / step + 1e-9) + 1) * step


def training(result: "augment.Result") -> go.Figure:
    """Draw how training went: MLM loss in every arm, a thin line a seed and a thick one for their mean."""
    figure = blank(320, hovermode="closest", legend=legend_above())
    for arm, label in ARMS.items():
        own = result.curves[result.curves["arm"] == arm]
        if own.empty:
            continue
        dash = DASHES[arm]
        for _, rows in own.groupby("seed"):
            figure.add_scatter(
                x=rows["step"],
                y=rows["mlm_loss"],
                mode="lines",
                line={"color": faded(COLOURS[arm], 0.35), "width": 1, "dash": dash},
                legendgroup=arm,
                showlegend=False,
                hoverinfo="skip",
            )
        mean = own.groupby("step")["mlm_loss"].mean()
        figure.add_scatter(
            x=mean.index,
            y=mean,
            mode="lines+markers",
            name=label,
            legendgroup=arm,
            line={"color": COLOURS[arm], "width": 2.4, "dash": dash},
            marker={"symbol": "circle" if arm == "plain" else "diamond", "size": 7},
            hovertemplate=f"<b>{label}</b><br>step %{{x}}: %{{y:.2f}} nats<extra></extra>",
        )
    figure.update_xaxes(title="step")
    figure.update_yaxes(title="masked-language-model loss, nats", gridcolor=GRID)
    return figure
