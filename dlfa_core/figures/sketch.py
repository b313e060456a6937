"""A line figure as a small SVG: what stands on the page until plotly.js, some megabytes, has arrived and draws."""

from collections.abc import Callable, Iterator
from html import escape

import numpy as np
import plotly.graph_objects as go

from dlfa_core.figures.theme import GRID, NEUTRAL

WIDTH = 900  # of the drawing; a page scales it
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 64, 14, 46, 56
ToPixels = Callable[[float, float], tuple[float, float]]
TICKS = 5  # about so many on the upright axis


def sketch(figure: go.Figure, alt: str) -> str:
    """The lines, bands and axes of a figure whose x axis has a range; a y axis without one begins at zero.

    Args:
        figure: scatter traces with lines or filled outlines; anything else is left out.
        alt: what the picture shows, for those who cannot see it.

    Returns:
        A whole SVG document for an `img`, readable on light and dark.
    """
    height = figure.layout.height or 400
    low, high = figure.layout.xaxis.range
    bottom, top = figure.layout.yaxis.range or (0.0, _highest(figure) * 1.06)
    across, up = WIDTH - MARGIN_LEFT - MARGIN_RIGHT, height - MARGIN_TOP - MARGIN_BOTTOM

    def to_pixels(x: float, y: float) -> tuple[float, float]:
        return MARGIN_LEFT + (x - low) / (high - low) * across, MARGIN_TOP + (top - min(max(y, bottom), top)) / (
            top - bottom
        ) * up

    parts = [
        *_axes(figure, to_pixels, bottom, top),
        *(part for trace in figure.data for part in _trace(trace, to_pixels)),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" '
        f'fill="{NEUTRAL}">{"".join(parts)}</svg>'
    )


def _highest(figure: go.Figure) -> float:
    return max((np.nanmax(trace.y) for trace in figure.data if len(trace.y)), default=1.0)


def _axes(figure: go.Figure, to_pixels: ToPixels, bottom: float, top: float) -> Iterator[str]:
    low, high = figure.layout.xaxis.range
    step = _round_step((top - bottom) / TICKS)
    for value in step * np.arange(np.ceil(bottom / step), np.ceil(top / step)):
        (left, y), (right, _) = to_pixels(low, value), to_pixels(high, value)
        yield f'<path d="M{left:.0f} {y:.1f}H{right:.0f}" stroke="{GRID}"/>'
        yield f'<text x="{left - 10:.0f}" y="{y + 4:.1f}" text-anchor="end">{value:.6g}</text>'
    for value in range(int(np.ceil(low)), int(high) + 1, int(figure.layout.xaxis.dtick or 1)):
        x, y = to_pixels(value, bottom)
        yield f'<text x="{x:.1f}" y="{y + 22:.0f}" text-anchor="middle">{value}</text>'
    (middle, floor), title = to_pixels((low + high) / 2, bottom), escape(figure.layout.xaxis.title.text or "")
    yield f'<text x="{middle:.0f}" y="{floor + 46:.0f}" text-anchor="middle">{title}</text>'


def _round_step(rough: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above `rough`."""
    power = 10 ** np.floor(np.log10(rough))
    return next(float(np.round(factor * power, 10)) for factor in (5, 2, 1) if factor * power <= rough)


def _trace(trace: go.Scatter, to_pixels: ToPixels) -> Iterator[str]:
    outline = ""
    pen = "M"
    for x, y in zip(trace.x, trace.y, strict=True):
        if np.isnan(y):
            pen = "M"
            continue
        outline += f"{pen}{' '.join(f'{value:.1f}' for value in to_pixels(x, y))}"
        pen = "L"
    if trace.fill == "toself":
        yield f'<path d="{outline}Z" fill="{trace.fillcolor}"/>'
    elif "lines" in (trace.mode or ""):
        yield f'<path d="{outline}" fill="none" stroke="{trace.line.color}" stroke-width="{trace.line.width}"/>'
