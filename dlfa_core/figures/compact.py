"""A figure in a third of the page: its words stand beside it, not in it."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

_HEIGHT = 284


def compact(title: str, draw: Callable[..., go.Figure], *args: Any) -> go.Figure:
    """Draw a figure lower, with small letters and a short title of its lower axis.

    Args:
        title: of the lower axis; the other has none, so say beside the figure what it shows.
        draw: makes the figure.
        args: what it is made of.
    """
    figure = go.Figure(draw(*args))
    figure.update_layout(height=_HEIGHT, font_size=12, legend_font_size=12)
    figure.update_xaxes(title={"text": title, "standoff": 6})
    figure.update_yaxes(title_text=None)
    return figure
