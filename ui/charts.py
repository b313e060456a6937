"""Figures on a page, in the colours of the page."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from dlfa_core.figures import sketch, theme
from ui import kept
from ui.html import show

_CONFIG = {  # on hover, one button: the figure as SVG
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg"},
}
_SIGHT = Path(__file__).with_name("sight.js").read_text(encoding="utf-8")

_sight = st.components.v2.component("dlfa_sight", html="<div></div>", js=_SIGHT)

_SCALES = {  # of heatmaps, by their `meta`: the theme's scale, and the steps of it
    "diverging": ("diverging", slice(None)),
    "signed": ("diverging", theme.SIGNED),
    "numbered": ("sequential", theme.NUMBERED),
}
_NAMES = {colour: f"#{index:06d}" for index, colour in enumerate(theme.PALETTE, 1)}  # what Streamlit's browser replaces
_FADED = {theme.faded(colour, 0).removesuffix("0)"): name for colour, name in _NAMES.items()}
_RGBA = re.compile(f"({'|'.join(map(re.escape, _FADED))})([0-9.]+)\\)")

Draw = partial[go.Figure]  # what draws a figure, and the results and options that it draws: `partial(curves, result)`


class _Finished(go.Figure):
    """A figure as plotly.js reads it, which plotly.py need not build and validate again for every visitor."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.__dict__["_spec"] = spec

    def to_dict(self) -> dict[str, Any]:
        return self.__dict__["_spec"]


def chart_at_once(draw: Draw, key: str, alt: str) -> None:
    """Show a line figure, as a sketch until the browser has loaded what draws it."""
    with st.container(key=f"sketched-{key}"):
        show("text.sketch", alt, kept.once(_sketched, alt, draw.func, *draw.args))
        chart(draw, key, alt)


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


def chart_in_sight(draw: Draw, key: str, alt: str, height: int) -> None:
    """Show a figure that stands far down as `chart` does, made only once the visitor comes near.

    Args:
        draw: makes the figure.
        height: in pixels, of the empty place until then.
    """
    in_sight(key, lambda: chart(draw, key, alt), height)


def _listen() -> None:
    """A component has a state only where somebody listens to it."""


def chart(draw: Draw, key: str, alt: str) -> None:
    """Show a figure, made once for all visitors; its text, grid and heat colours follow the visitor's theme.

    One that is marked as `theme.WIDE` keeps its width on a phone and scrolls by itself.

    Args:
        draw: makes the figure of results and plain options.
        alt: what the picture shows, for those who cannot see it.
    """
    figure = kept.once(_finished, draw.func, *draw.args)
    with st.container(key=f"wide-{key}") if figure.to_dict()["layout"].get("meta") == theme.WIDE else nullcontext():
        st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)


def _finished(function: Callable[..., go.Figure], *args: Any) -> _Finished:
    """Return a figure with the names of the theme's colours, in whose place the browser puts those of the visitor."""
    page = pio.templates["streamlit"]
    ink = page.data.table[0].cells.font.color  # the stronger of its two text colours
    themed = go.Figure(kept.once(function, *args))
    themed.layout.template.data.heatmap[0].colorscale = page.data.heatmap[0].colorscale
    for meta, (scale, steps) in _SCALES.items():
        colours = [colour for _, colour in page.layout.colorscale[scale][steps]]
        themed.update_traces(colorscale=theme.evenly(colours), selector={"meta": meta})
    themed.update_layout(font_color=ink, hoverlabel_font_color=ink)
    for update_axes in (themed.update_xaxes, themed.update_yaxes):
        update_axes(tickfont_color=ink, title_font_color=ink)
    return _Finished(json.loads(_named(themed.to_json().replace(theme.INK, ink))))


def _named(figure: str) -> str:
    """Put the names of the theme's curve colours where a figure, as JSON, has ours, faded ones too."""
    for colour, name in _NAMES.items():
        figure = figure.replace(colour, name)
    return _RGBA.sub(lambda found: f"{_FADED[found[1]]}{round(255 * float(found[2])):02x}", figure)


def _sketched(alt: str, function: Callable[..., go.Figure], *args: Any) -> str:
    """Return the sketch of a figure as base64."""
    return b64encode(sketch(kept.once(function, *args), alt).encode()).decode()
