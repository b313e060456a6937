"""Layers by words: what each would say in the place of a hidden word, and how far each can be read at all."""

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core import languages as lang
from dlfa_core.figures.layers import confidence_band
from dlfa_core.figures.sentences.lens import FUSED, LAYER, OWN_LAST, letters_of
from dlfa_core.figures.sentences.numbers import percent, plain, with_interval
from dlfa_core.figures.sentences.readout import first_readable, losses_of, unigrams_of
from dlfa_core.figures.theme import FONT, GRID, INK, NEUTRAL, NUMBERED, SEQUENTIAL, STYLES, WIDE, blank, evenly

if TYPE_CHECKING:
    from dlfa_core.experiments import lens, readout

ROW = 27  # pixels
AXIS = 50
GAP = 0.5  # rows between the encoder's layers and the states of a fusion model
WORDS, RANKS, LOSSES = (0.0, 0.66), (0.69, 0.83), (0.86, 1.0)  # of the width
WORDS_ALONE, RANKS_ALONE = (0.0, 0.78), (0.82, 1.0)
_STRONGEST = 0.5  # probability with the strongest colour; most are far below
_ISOLATED = "\u2068{}\u2069"  # a word of a script from right to left turns nothing around it


def strips(result: "lens.Result", losses: "readout.Result | None" = None) -> go.Figure:
    """The likeliest words of every layer, the last on top, the rank of the hidden one, and the loss of each layer.

    States of a fusion model stand above. Where a layer is read no better than frequencies guess, it lies below the
    dotted line.

    Args:
        losses: of the same model; without them that panel is left out.
    """
    n, states = result.meta["n_states"], _states(result)
    pixels = ROW * len(states) + int(ROW * GAP * (len(states) > n)) + AXIS
    figure = blank(pixels, showlegend=False, hovermode="closest", meta=WIDE)
    height = {state: layer_row(state, n) for state in states}
    top = max(height.values()) + 0.5
    for kind in ((LAYER,), (OWN_LAST, FUSED)):
        if own := [state for state in states if state[0] in kind]:
            figure.add_trace(_words(result, own, height))
    figure.add_traces(_ranks(result, states, height))
    figure.update_layout(
        xaxis={"domain": WORDS if losses else WORDS_ALONE, "title": "likeliest subwords, the first on the left"},
        xaxis2={
            "domain": RANKS if losses else RANKS_ALONE,
            "title": "rank of the hidden one",
            "type": "log",
            "anchor": "y",
            "dtick": 1,
            "showgrid": True,
            "gridcolor": GRID,
        },
    )
    if losses is not None:
        figure.add_traces(_losses(losses))
        figure.update_layout(xaxis3={"domain": LOSSES, "title": "masked-word loss, nats", "anchor": "y"})
        first = first_readable(losses)
        edge = n - 0.5 if first is None else first - 0.5
        if edge > 0:
            figure.add_hline(edge, line={"dash": "dot", "color": NEUTRAL, "width": 1.5})
    figure.update_xaxes(fixedrange=True, title_font_size=12, title_standoff=3, tickfont_size=11)
    figure.update_layout(xaxis={"showticklabels": False, "ticks": ""}, margin={"t": 2, "b": 2})
    figure.update_yaxes(
        range=[-0.5, top],
        tickvals=[height[state] for state in states],
        ticktext=[_name(state, n) for state in states],
        showgrid=False,
        ticks="",
        tickfont_size=12,
        fixedrange=True,
    )
    return figure


def layer_row(state: tuple[str, int], n_states: int) -> float:
    """The height at which a state stands: layers by their number, those of a fusion model above."""
    kind, layer = state
    return float(layer) if kind == LAYER else n_states + GAP + (kind == FUSED)


def _states(result: "lens.Result") -> list[tuple[str, int]]:
    states = [(row["state"], int(row["layer"])) for row in result.truth.to_dict("records")]
    fused = [state for state in states if state[0] == FUSED]
    return [state for state in states if state[0] != FUSED] + fused


def _name(state: tuple[str, int], n_states: int) -> str:
    kind, layer = state
    if kind == LAYER:
        return {0: "embeddings, 0", n_states - 1: f"last, {layer}"}.get(layer, str(layer))
    return f"fused, {layer}" if kind == FUSED else "its last"


def _words(result: "lens.Result", states: list[tuple[str, int]], height: dict[tuple[str, int], float]) -> go.Heatmap:
    rows = [result.words[(result.words["state"] == kind) & (result.words["layer"] == layer)] for kind, layer in states]
    cells = [row.sort_values("rank").to_dict("records") for row in rows]
    return go.Heatmap(
        x=list(range(1, len(cells[0]) + 1)),
        y0=height[states[0]],
        dy=1,
        z=[[cell["probability"] for cell in row] for row in cells],
        text=[
            [_cell(cell["subword"], cell["probability"], cell["languages"], cell["how"]) for cell in row]
            for row in cells
        ],
        texttemplate="%{text}",
        textfont={"family": FONT, "size": 10, "color": INK},
        colorscale=evenly(SEQUENTIAL[NUMBERED]),
        meta="numbered",
        hovertext=[
            [
                f"<b>{_ISOLATED.format(escape(cell['subword'], quote=False))}</b>, {plain(cell['probability'], 3)}<br>"
                f"{_origin(cell['languages'], cell['how'])}"
                for cell in row
            ]
            for row in cells
        ],
        hoverinfo="text",
        zmin=0,
        zmax=_STRONGEST,
        xgap=2,
        ygap=2,
        showscale=False,
    )


def _cell(subword: str, probability: float, languages: str, how: str) -> str:
    """A subword, and smaller below it how likely it is and of which language."""
    codes = languages.split()
    short = f" · {lang.find(codes[0]).name}" if codes else {"none": "", "several": " · several"}.get(how, "")
    if how == "letters":
        short = f" · {letters_of(subword)}?"
    more = f" +{len(codes) - 1}" if len(codes) > 1 else ""
    word = _ISOLATED.format(escape(subword, quote=False))
    return f"<span style='font-size:13px'>{word}</span><br>{_percent(probability)}{short}{more}"


def _percent(probability: float) -> str:
    return percent(probability) if probability >= 0.005 else "&lt;1 %"


def _origin(languages: str, how: str) -> str:
    names = ", ".join(lang.find(code).name for code in languages.split())
    return {
        "letters": "too rare in the sentences to tell which of the languages with these letters it is of",
        "seen": f"of {names}, by how often it stands in the sentences",
        "script": f"of {names}, by its letters: it is too rare in the sentences",
        "several": "of several languages",
        "none": "of no language: it has no letters",
    }[how]


def _ranks(
    result: "lens.Result", states: list[tuple[str, int]], height: dict[tuple[str, int], float]
) -> list[go.Scatter]:
    truth = {(row["state"], int(row["layer"])): row for row in result.truth.to_dict("records")}
    style, traces = STYLES["retrieval_cosine"], []
    for kind, mode in ((LAYER, "lines+markers"), (OWN_LAST, "markers"), (FUSED, "markers")):
        own = [state for state in states if state[0] == kind]
        traces.append(
            go.Scatter(
                x=[truth[state]["rank"] for state in own],
                y=[height[state] for state in own],
                mode=mode,
                xaxis="x2",
                line={"color": style.colour, "width": 2},
                marker={"symbol": style.symbol, "size": 8, "color": style.colour},
                cliponaxis=False,
                hovertext=[
                    f"rank {truth[state]['rank']:,}, probability {plain(truth[state]['probability'], 4)}"
                    for state in own
                ],
                hoverinfo="text",
            )
        )
    return [trace for trace in traces if len(trace.x)]


def _losses(result: "readout.Result") -> list[go.Scatter]:
    rows, style, by_frequency = losses_of(result), STYLES["cka"], unigrams_of(result)
    layers = rows["layer"].to_numpy(float)
    band = confidence_band(rows["ci_low"].to_numpy(float), layers, layers, style.colour)
    band.update(
        x=[*rows["ci_low"], *rows["ci_high"][::-1]],
        y=[*layers, *layers[::-1]],
        xaxis="x3",
        visible=bool(rows["ci_low"].notna().all()),
    )
    curve = go.Scatter(
        x=rows["value"],
        y=layers,
        mode="lines+markers",
        xaxis="x3",
        line={"color": style.colour, "width": 2},
        marker={"symbol": style.symbol, "size": 7},
        hovertext=[
            f"layer {row['layer']}: {with_interval(row)} nats, n = {row['n']:,}" for row in rows.to_dict("records")
        ],
        hoverinfo="text",
    )
    levels = [
        _level(by_frequency["value"], layers, "dash", f"by frequency alone: {with_interval(by_frequency)} nats"),
        _level(result.meta["chance"], layers, "dot", f"knowing nothing: {plain(result.meta['chance'])} nats"),
    ]
    return [band, *levels, curve]


def _level(value: float, layers: "object", dash: str, said: str) -> go.Scatter:
    low, high = float(min(layers)) - 0.5, float(max(layers)) + 0.5  # type: ignore[call-overload]
    steps = [low + (high - low) * step / 20 for step in range(21)]  # points to point at
    return go.Scatter(
        x=[value] * 21,
        y=steps,
        mode="lines",
        xaxis="x3",
        line={"dash": dash, "color": NEUTRAL, "width": 1.5},
        hovertext=[said] * 21,
        hoverinfo="text",
    )
