"""What guessing reaches, as a line in figures of scores."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from dlfa_core.figures.theme import NEUTRAL


def chance(meta: Mapping[str, Any]) -> float | None:
    """Return the accuracy of guessing among the labels, each as likely; None where the main measure is another one."""
    return 1 / len(meta["labels"]) if meta["metric"] == "accuracy" else None


def mark_chance(figure: go.Figure, meta: Mapping[str, Any]) -> None:
    """Draw what guessing reaches, where that is known."""
    if (level := chance(meta)) is None:
        return
    figure.add_hline(
        y=level,
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
        annotation={"text": f"guessing, {level:.2f}", "font_size": 12, "xanchor": "right", "yanchor": "top"},
    )
