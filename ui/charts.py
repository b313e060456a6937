"""Figures on a page, in the colours of the page."""

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Show a figure; its text, grid and heat colours follow the visitor's theme, also when that changes.

    Args:
        alt: what the picture shows, for those who cannot see it.
    """
    theme = pio.templates["streamlit"]
    ink = theme.data.table[0].cells.font.color  # the stronger of its two text colours
    themed = go.Figure(figure)
    themed.layout.template.data.heatmap[0].colorscale = theme.data.heatmap[0].colorscale
    themed.update_layout(font_color=ink, hoverlabel_font_color=ink)
    for update_axes in (themed.update_xaxes, themed.update_yaxes):
        update_axes(tickfont_color=ink, title_font_color=ink)
    st.plotly_chart(themed, key=key, config=_CONFIG, alt=alt)
