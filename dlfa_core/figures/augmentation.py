"""What an `augment.Result` shows, in figures and in words."""

from collections.abc import Mapping
from math import isnan

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dlfa_core.data.augment import METHODS
from dlfa_core.data.tasks import RECIPES
from dlfa_core.figures.theme import GRID, NEUTRAL, blank, faded
from dlfa_core.languages import find
from dlfa_core.measures.classification import metric

ARMS = {"plain": "plain pre-training", "augmented": "with the lexicon"}
FUSIONS = {"last": "last layer alone", "dlfa": "DLFA"}
EFFECTS = {
    "augmented": "Lexicon, last layer alone",
    "augmented_fused": "Lexicon, with DLFA",
    "fused": "DLFA, plain pre-training",
    "fused_augmented": "DLFA, with the lexicon",
    "interaction": "Difference of the differences",
}
LEVELS = {"targets": "all target languages", "seen": "in the lexicon", "unseen": "not in the lexicon", "all": "all"}
COLOURS = {"plain": "#7e6bc4", "augmented": "#d55e00"}
SYMBOLS = {"last": "circle", "dlfa": "diamond"}
_STRIP = 0.06  # of the largest coverage: between two languages without any
CLEAR = 0.05  # two-sided p below which a sentence speaks of a gain or a loss


def run_label(meta: Mapping) -> str:
    """What a reader calls a result: methods, lexicon, task, and what was held out."""
    methods = " + ".join(METHODS[name].label for name in meta["methods"])
    held = f", {len(meta['held_out'])} languages held out" if meta["held_out"] else ""
    return f"{methods}, {meta['lexicon_name']}{held}; {task_label(meta)}"


def task_label(meta: Mapping) -> str:
    """What a reader calls the task: its kind and, where it is no bundled one, its place."""
    kind, _, place = meta["task"].partition(":")
    title = RECIPES[kind].title if kind in RECIPES else meta["task_name"]
    return f"{title} ({'bundled' if place == 'sample' else place.rstrip('/').rpartition('/')[2]})"


def model_name(meta: Mapping) -> str:
    """The model as a sentence has it."""
    return "the bundled encoder" if meta["model"] == "demo" else meta["model"]


def answer(result) -> str:
    """One sentence: what the lexicon changes for the target languages, with interval, p and n."""
    row = effect(result, "augmented")
    about = f"(n = {row['n']:,}, {len(result.meta['seeds'])} seeds{_p(row)})"
    score = f"zero-shot {_score(result)} over {_languages(row)}"
    if not row["p"] < CLEAR:
        by = f"{_signed(row['value'])}{_interval(row)}"
        return f"The lexicon in pre-training makes no clear difference: {score} moves by {by} {about}."
    low, high = sorted(abs(row[name]) for name in ("ci_low", "ci_high"))
    way = "higher" if row["value"] > 0 else "lower"
    return f"With the lexicon in pre-training {score} is {abs(row['value']):.3f} [{low:.3f}, {high:.3f}] {way} {about}."


def more(result) -> list[str]:
    """Sentences on DLFA, on languages inside and outside the lexicon, and on coverage."""
    said = []
    fused, between = effect(result, "augmented_fused"), effect(result, "interaction")
    said.append(
        f"With DLFA of layer {result.meta['layer']} the lexicon's effect is {_signed(fused['value'])}"
        f"{_interval(fused)}; the two effects differ by {_signed(between['value'])}{_interval(between)}{_p(between)}."
    )
    seen, unseen = (effect(result, "augmented", level) for level in ("seen", "unseen"))
    parts = [
        f"{_signed(row['value'])}{_interval(row)} in the {row['n_languages']} target languages {where}"
        for row, where in ((seen, "that the lexicon has"), (unseen, "that it lacks"))
        if row is not None
    ]
    said.append(f"Last layer alone: {', '.join(parts)}." if parts else "")
    if found := result.meta["correlation"]["augmented"]:
        value, low, high = found
        interval = "" if isnan(low) else f" [{low:+.2f}, {high:+.2f}]"
        said.append(f"Over languages, gain and coverage correlate at {value:+.2f}{interval}.".replace("-", "−"))
    return [sentence for sentence in said if sentence]


def levels(result) -> dict[str, str]:
    """Groups of languages that the result has, with what they are called."""
    there = set(result.cells["level"])
    if "targets" not in there:
        return {"all": LEVELS["all"]}
    return {name: label for name, label in LEVELS.items() if name in there and name != "all"}


def cells(result, level: str) -> go.Figure:
    """The table of two by two: a line a fusion, from plain pre-training to the one with the lexicon."""
    rows = result.cells[result.cells["level"] == level]
    figure = blank(360, hovermode="closest", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    for place, (fusion, label) in enumerate(FUSIONS.items()):
        own = rows[rows["fusion"] == fusion].set_index("arm").loc[list(ARMS)]
        shift = (-0.05, 0.05)[place]
        figure.add_scatter(
            x=[0 + shift, 1 + shift],
            y=own["value"],
            error_y=_bars(own),
            mode="lines+markers",
            name=f"DLFA of layer {result.meta['layer']}" if fusion == "dlfa" else label,
            line={"color": ("#0072b2", "#aa7a00")[place], "dash": ("solid", "dash")[place], "width": 2.2},
            marker={"symbol": SYMBOLS[fusion], "size": 11},
            customdata=np.stack([own["ci_low"], own["ci_high"], own["n"]], axis=1),
            hovertemplate=f"<b>{label}</b>, %{{x}}<br>%{{y:.3f}} [%{{customdata[0]:.3f}}, %{{customdata[1]:.3f}}]; "
            "n = %{customdata[2]:,}<extra></extra>",
        )
    figure.update_xaxes(tickvals=[0, 1], ticktext=list(ARMS.values()), range=[-0.4, 1.4])
    figure.update_yaxes(title=_score(result), gridcolor=GRID)
    return figure


def effects(result, level: str) -> go.Figure:
    """Every effect with its interval, against 0."""
    rows = result.effects[result.effects["level"] == level].set_index("effect").loc[list(EFFECTS)[::-1]]
    clear = (rows["p"] < CLEAR).to_numpy()
    figure = blank(360, hovermode="closest", showlegend=False)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    figure.add_scatter(
        x=rows["value"],
        y=[EFFECTS[name] for name in rows.index],
        error_x=_bars(rows),
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
    figure.update_xaxes(title=f"difference of {_score(result)}", tickformat="+.2f")
    figure.update_yaxes(showgrid=False)
    return figure


def coverage(result, fused: bool = False) -> go.Figure:
    """The gain of every target language against how much of its test text the lexicon covers.

    Languages that the lexicon lacks are all covered by nothing: they stand side by side left of the scale, by gain.
    """
    rows = by_language(result, fused)
    covered = rows[rows["seen"]]
    reach = float(covered["coverage"].max()) if len(covered) else 1.0
    apart = _STRIP * reach
    lacking = rows[~rows["seen"]].sort_values("value", ascending=False)
    places = -apart * np.arange(len(lacking), 0, -1)
    figure = blank(420, hovermode="closest", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    for own, x, label, symbol, colour in (
        (covered, covered["coverage"], "in the lexicon", "circle", "#0072b2"),
        (lacking, places, "not in it", "x", "#aa7a00"),
    ):
        figure.add_scatter(
            x=x,
            y=own["value"],
            error_y=_bars(own, faded(colour, 0.35)),
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
    ticks = {place: f"{place:.0%}" for place in _round_shares(reach)}
    ticks |= {places.mean(): "no words"} if len(lacking) else {}
    figure.update_xaxes(
        title="share of test texts with a word of the lexicon",
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        range=[-apart * (len(lacking) + 1), reach + 2 * apart],
    )
    figure.update_yaxes(title=f"gain of {_score(result)}", tickformat="+.2f", gridcolor=GRID)
    return figure


def _round_shares(reach: float) -> np.ndarray:
    """Ticks from 0 to `reach`, four to nine of them where it is above 2 %."""
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if reach / step < 9)
    return np.arange(int(reach / step + 1e-9) + 1) * step


def training(result) -> go.Figure:
    """How training went: hidden words in both arms, a thin line a seed and a thick one for their mean."""
    figure = blank(320, hovermode="closest", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    for arm, label in ARMS.items():
        own = result.curves[result.curves["arm"] == arm]
        dash = "solid" if arm == "plain" else "dash"
        for _, rows in own.groupby("seed"):
            figure.add_scatter(
                x=rows["step"],
                y=rows["hidden_word_loss"],
                mode="lines",
                line={"color": faded(COLOURS[arm], 0.35), "width": 1, "dash": dash},
                legendgroup=arm,
                showlegend=False,
                hoverinfo="skip",
            )
        mean = own.groupby("step")["hidden_word_loss"].mean()
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
    figure.update_yaxes(title="hidden words, nats", gridcolor=GRID)
    return figure


def by_language(result, fused: bool = False) -> pd.DataFrame:
    """A row for each target language: its gain with interval and p, and what the lexicon has of it."""
    name = "augmented_fused" if fused else "augmented"
    own = result.effects[(result.effects["effect"] == name) & (result.effects["level"] == "language")]
    own = own.drop(columns=["effect", "level", "n_languages"]).rename(columns={"group": "language"})
    own = own[own["language"] != result.meta["source_language"]]
    return own.merge(result.languages, on="language").reset_index(drop=True)


def effect(result, name: str, level: str = "") -> pd.Series | None:
    """One effect over a group of languages, by default over the target languages; None where there are none."""
    level = level or ("targets" if (result.effects["level"] == "targets").any() else "all")
    rows = result.effects[(result.effects["effect"] == name) & (result.effects["level"] == level)]
    return rows.iloc[0] if len(rows) else None


def facts(result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    return {
        "Model": f"{meta['model']}, {meta['fingerprint']}",
        "Task": f"{meta['task']}: trained on {meta['n_train']:,} examples in {find(meta['source_language']).name}, "
        f"chosen on {meta['n_dev']:,}",
        "Lexicon": f"{meta['lexicon_name']} in {len(meta['lexicon_languages'])} languages; {meta['lexicon_licence']}",
        "Methods": ", ".join(METHODS[name].label for name in meta["methods"]),
        "Held out": ", ".join(find(code).name for code in meta["held_out"]) or "nothing",
        "Pre-training": f"{meta['steps']:,} steps of {meta['tokens']:,} tokens on {meta['text']}",
        "Seeds": ", ".join(map(str, meta["seeds"])),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


def _score(result) -> str:
    label = metric(result.meta["metric"]).label
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _languages(row: pd.Series) -> str:
    number = row["n_languages"]
    return f"{number} target language{'s' if number > 1 else ''}" if row["level"] != "all" else "the source language"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _interval(row: pd.Series) -> str:
    return "" if isnan(row["ci_low"]) else f" [{_signed(row['ci_low'])}, {_signed(row['ci_high'])}]"


def _p(row: pd.Series) -> str:
    return "" if isnan(row["p"]) else f", p\u00a0=\u00a0{row['p']:.3f}"


def _bars(rows: pd.DataFrame, colour: str | None = None) -> dict:
    """Intervals as error bars, which plotly wants as distances from the value."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (rows["ci_high"] - rows["value"]).to_numpy(),
        "arrayminus": (rows["value"] - rows["ci_low"]).to_numpy(),
        "thickness": 1.6,
        "width": 5,
        **({"color": colour} if colour else {}),
    }
