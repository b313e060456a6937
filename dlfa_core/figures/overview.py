"""Which layer helps which task: all tasks of one encoder on one axis of layers."""

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.sentences.evidence import gains_of_chosen, short_verdict
from dlfa_core.figures.sentences.numbers import between, signed
from dlfa_core.figures.sentences.recommend import chosen_row, score_label
from dlfa_core.figures.theme import WIDE, blank, signed_cells

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend

ROW, AROUND = 54, 130  # pixels: a row of three lines, and what stands above and below all rows
_LABEL = 36  # letters in a line of a row's label


def overview(results: Sequence["recommend.Result"], names: Sequence[str]) -> go.Figure:
    """Draw what DLFA gains over the last layer alone, task by task and layer by layer.

    A cell carries a sign where the interval of its gain, which holds for all layers of its row, leaves out 0; brackets
    mark the layer that the dev set chose. The words below a task's name say whether a plainer choice does as well.

    Args:
        results: of one encoder, one for each row.
        names: of the tasks, in the same order.
    """
    layers = sorted({int(layer) for result in results for layer in gains_of_chosen(result)["layer"]})
    values = np.full((len(results), len(layers)), np.nan)
    text, words = np.full((2, *values.shape), "", dtype=object)
    for task, (result, name) in enumerate(zip(results, names, strict=True)):
        chosen = chosen_row(result)["layer"]
        for row in gains_of_chosen(result).to_dict("records"):
            cell = task, layers.index(int(row["layer"]))
            values[cell] = row["value"]
            sign = "+" if row["joint_low"] > 0 else "−" if row["joint_high"] < 0 else ""
            text[cell] = f"[{sign or '·'}]" if row["layer"] == chosen else sign
            ends = between(row["joint_low"], row["joint_high"], signed)
            picked = ", chosen by the dev set" if row["layer"] == chosen else ""
            words[cell] = (
                f"<b>{name}</b><br>layer {row['layer']}{picked}: {signed(row['value'])}{ends}, {score_label(result)}"
            )
    figure = blank(ROW * len(results) + AROUND, meta=WIDE)
    title = "gain over the last layer alone"
    figure.add_trace(signed_cells(layers, list(names), values, text, words, title, size=14))
    figure.update_xaxes(title="fused layer (k = output of block k)", dtick=1, ticks="", showgrid=False)
    said = [
        "<br>".join([f"<b>{name}</b>", *wrap(short_verdict(result), _LABEL)])
        for result, name in zip(results, names, strict=True)
    ]
    figure.update_yaxes(
        autorange="reversed", ticks="", showgrid=False, tickfont_size=12, tickvals=list(names), ticktext=said
    )
    return figure
