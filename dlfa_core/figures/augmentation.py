"""What an `augment.Result` shows, in figures."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.sentences.augment import CLEAR, by_language, score_label
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, error_bars, faded, legend_above
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import augment

ARMS = {"plain": "plain pre-training", "augmented": "with the lexicon"}
FUSIONS = {"last": "last layer alone", "dlfa": "DLFA"}
EFFECTS = {
    "augmented": "Lexicon, last layer alone",
    "augmented_fused": "Lexicon, with DLFA",
    "fused": "DLFA, plain pre-training",
    "fused_augmented": "DLFA, with the lexicon",
    "interaction": "Difference of the differences",
}
COLOURS = {"plain": "#7e6bc4", "augmented": "#d55e00"}
SYMBOLS = {"last": "circle", "dlfa": "diamond"}
BARS = {"thickness": 1.6, "width": 5}
_STRIP = 0.06  # of the largest coverage: between two languages without any


def cells(result: "augment.Result", level: str) -> go.Figure:
    """The table of two by two: a line a fusion, from plain pre-training to the one with the lexicon."""
    rows = result.cells[result.cells["level"] == level]
    figure = blank(360, hovermode="closest", legend=legend_above())
    for index, (fusion, label) in enumerate(FUSIONS.items()):
        own = rows[rows["fusion"] == fusion].set_index("arm").loc[list(ARMS)]
        shift = (-0.05, 0.05)[index]
        figure.add_scatter(
            x=[0 + shift, 1 + shift],
            y=own["value"],
            error_y=error_bars(own, **BARS),
            mode="lines+markers",
            name=f"DLFA of layer {result.meta['layer']}" if fusion == "dlfa" else label,
            line={"color": ("#0072b2", "#aa7a00")[index], "dash": ("solid", "dash")[index], "width": 2.2},
            marker={"symbol": SYMBOLS[fusion], "size": 11},
            customdata=np.stack([own["ci_low"], own["ci_high"], own["n"]], axis=1),
            hovertemplate=f"<b>{label}</b>, %{{x}}<br>%{{y:.3f}} [%{{customdata[0]:.3f}}, %{{customdata[1]:.3f}}]; "
            "n = %{customdata[2]:,}<extra></extra>",
        )
    figure.update_xaxes(tickvals=[0, 1], ticktext=list(ARMS.values()), range=[-0.4, 1.4])
    figure.update_yaxes(title=score_label(result), gridcolor=GRID)
    return figure


def effects(result: "augment.Result", level: str) -> go.Figure:
    """Every effect with its interval, against 0."""
    rows = result.effects[result.effects["level"] == level].set_index("effect").loc[list(EFFECTS)[::-1]]
    clear = (rows["p"] < CLEAR).to_numpy()
    figure = blank(360, hovermode="closest", showlegend=False)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.add_scatter(
        x=rows["value"],
        y=[EFFECTS[name] for name in rows.index],
        error_x=error_bars(rows, **BARS),
        mode="markers",
        marker={
            "size": 11,
            "color": "#28819a",
            "symbol": ["circle" if one else "circle-open" for one in clear],
            "line_width": 2,
        },
        customdata=np.stack([rows["ci_low"], rows["ci_high"], rows["p"]], axis=1),
        hovertemplate="<b>%{y}</b><br>%{x:+.3f} [%{customdata[0]:+.3f}, %{customdata[1]:+.3f}], "
        "p = %{customdata[2]:.3f}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_xaxes(title=f"difference of {score_label(result)}", tickformat="+.2f")
    figure.update_yaxes(showgrid=False)
    return figure


def coverage(result: "augment.Result", fused: bool = False) -> go.Figure:
    """The gain of every target language against how much of its test text the lexicon covers.

    Languages that the lexicon lacks are all covered by nothing: they stand side by side left of the scale, by gain.
    """
    rows = by_language(result, fused)
    covered = rows[rows["seen"]]
    reach = float(covered["coverage"].max()) if len(covered) else 1.0
    apart = _STRIP * reach
    lacking = rows[~rows["seen"]].sort_values("value", ascending=False)
    positions = -apart * np.arange(len(lacking), 0, -1)
    figure = blank(420, hovermode="closest", legend=legend_above())
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    for own, x, label, symbol, colour in (
        (covered, covered["coverage"], "in the lexicon", "circle", "#0072b2"),
        (lacking, positions, "not in it", "x", "#aa7a00"),
    ):
        figure.add_scatter(
            x=x,
            y=own["value"],
            error_y=error_bars(own, color=faded(colour, 0.35), **BARS),
            mode="markers+text",
            name=label,
            text=own["language"],
            textposition="middle right",
            textfont={"size": 11},
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
        figure.add_vline(x=-apart / 2, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    ticks = {value: f"{value:.0%}" for value in _round_shares(reach)}
    ticks |= {positions.mean(): "no words"} if len(lacking) else {}
    figure.update_xaxes(
        title="share of test texts with a word of the lexicon",
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        range=[-apart * (len(lacking) + 1), reach + 2 * apart],
    )
    figure.update_yaxes(title=f"gain of {score_label(result)}", tickformat="+.2f", gridcolor=GRID)
    return figure


def _round_shares(reach: float) -> np.ndarray:
    """Ticks from 0 to `reach`, four to nine of them where it is above 2 %."""
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if reach / step < 9)
    return np.arange(int(reach / step + 1e-9) + 1) * step


def training(result: "augment.Result") -> go.Figure:
    """Draw how training went: MLM loss in both arms, a thin line a seed and a thick one for their mean."""
    figure = blank(320, hovermode="closest", legend=legend_above())
    for arm, label in ARMS.items():
        own = result.curves[result.curves["arm"] == arm]
        dash = "solid" if arm == "plain" else "dash"
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
