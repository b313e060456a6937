"""Figures on a page, in the colours of the page."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from dlfa_core.figures import sketch
from ui import kept
from ui.html import show

_CONFIG = {"displayModeBar": False, "scrollZoom": False}
_SIGHT = Path(__file__).with_name("sight.js").read_text(encoding="utf-8")

_sight = st.components.v2.component("dlfa_sight", html="<div></div>", js=_SIGHT)


def chart_at_once(figure: go.Figure, key: str, alt: str) -> None:
    """Show a line figure, as a sketch until the browser has loaded what draws it."""
    with st.container(key=f"sketched-{key}"):
        drawing = b64encode(sketch(figure, alt).encode()).decode()
        show("text.sketch", alt, drawing)
        chart(figure, key, alt)


@st.fragment
def in_sight(key: str, draw: Callable[[], None], height: int) -> None:
    """Draw what stands far down only once the visitor comes near: it would keep the browser from what stands above.

    Args:
        draw: shows it; called again each time.
        height: in pixels, of the empty place until then.
    """
    slot = st.empty()
    seen = kept.visit().seen
    if key not in seen:
        with slot:
            told = _sight(key=f"sight_{key}", height=height, default={"seen": False}, on_seen_change=_listen)
        if not told.seen:
            return
        seen.add(key)
    with slot.container():
        draw()


def chart_in_sight(make: Callable[[], go.Figure], key: str, alt: str, height: int) -> None:
    """Show a figure that stands far down as `chart` does, made only once the visitor comes near.

    Args:
        make: the figure.
        height: in pixels, of the empty place until then.
    """
    in_sight(key, lambda: chart(make(), key, alt), height)


def _listen() -> None:
    """A component has a state only where somebody listens to it."""


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Show a figure; its text, grid and heat colours follow the visitor's theme, also when that changes.

    Args:
        alt: what the picture shows, for those who cannot see it.
    """
    theme = pio.templates["streamlit"]
    ink = theme.data.table[0].cells.font.color  # the stronger of its two text colours
    themed = go.Figure(figure)
    themed.layout.template.data.heatmap[0].colorscale = theme.data.heatmap[0].colorscale
    themed.update_traces(colorscale=theme.layout.colorscale.diverging, selector={"meta": "diverging"})
    themed.update_layout(font_color=ink, hoverlabel_font_color=ink)
    for update_axes in (themed.update_xaxes, themed.update_yaxes):
        update_axes(tickfont_color=ink, title_font_color=ink)
    st.plotly_chart(themed, key=key, config=_CONFIG, alt=alt)
