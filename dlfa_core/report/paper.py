"""Figures for a paper: as wide as one column or two, with text of 8 to 9 points, on white, as SVG, PDF or PNG.

They are drawn by the plotly.js that comes with plotly, in a Chrome or Chromium of this machine that `kaleido` finds and
keeps from the network.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BasePlotlyType

INCHES = {1: 3.3, 2: 6.9}  # width of a figure that is as wide as so many columns
FORMATS = ("svg", "pdf", "png")
PIXELS = 96  # an inch, in browsers, SVG and PDF
PNG_SCALE = 600 / PIXELS  # dots an inch of a PNG
SMALLEST, LARGEST = (points * PIXELS / 72 for points in (8.0, 9.0))  # of text, in pixels
_SHRUNK = 0.6  # heights, marks and lines of a page on paper
_THINNEST = 0.6  # of a line, in pixels
_LETTER = 0.52  # width of a letter, of its height
_ROW, _KEY = 19, 48  # pixels: height of a row of a legend, and width of what stands before a name in it
_ROW_NAME = {1: 26, 2: 60}  # letters in a line of the name of a row, by columns
_LINE = 1.3  # distance of two lines of text, of its height
_BESIDE = {"x": 70, "y": 110}  # pixels beside an axis that its title cannot have
_PATIENCE = 600  # seconds for one figure, on a busy machine


def at_paper_size(figure: go.Figure, columns: int) -> go.Figure:
    """Return a copy of a figure for paper.

    Args:
        figure: as a page shows it.
        columns: of the paper, that it is as wide as: 1 or 2.

    Raises:
        ValueError: another number of columns.
    """
    if columns not in INCHES:
        raise ValueError(f"A figure is as wide as 1 column or 2, not {columns}.")
    width, height = INCHES[columns] * PIXELS, _SHRUNK * (figure.layout.height or 450)
    parts = {"data": list(figure.data), "layout": figure.layout}  # not to_dict(), which packs numbers as base64
    made = go.Figure(_shrunk(parts))
    for axes, length in (("x", width), ("y", height)):
        letters = int((length - _BESIDE[axes]) / (_LETTER * LARGEST))
        getattr(made, f"for_each_{axes}axis")(lambda axis, letters=letters: _wrap_title(axis, letters))
    needed = _BESIDE["y"] + _name_rows(made, _ROW_NAME[columns])
    made.for_each_trace(lambda heatmap: _enlarge_text(heatmap, width), {"type": "heatmap"})
    made.update_layout(
        width=width,
        height=max(height, needed) + _ROW * (_legend_rows(made, width) - 1),  # on a page it has one row
        paper_bgcolor="white",
        plot_bgcolor="white",
        legend_tracegroupgap=0,
    )
    return made


def cannot_draw() -> str:
    """Say what must be installed before figures can be drawn here; empty where nothing is missing."""
    try:
        from choreographer.browsers.chromium import Chromium
    except ImportError:
        return "Figures as SVG, PDF and PNG need the package kaleido: pip install -r requirements.txt."
    if found := Chromium.find_browser(skip_local=False):
        return "" if Path(found).exists() else f"BROWSER_PATH={found} is no file: let it name a Chrome or Chromium."
    return (
        "Figures as SVG, PDF and PNG are drawn by Chrome or Chromium, and there is none here: install one, for example "
        "with `apt-get install chromium`, or name its file in the environment variable BROWSER_PATH."
    )


def write_figures(
    figures: Mapping[str, go.Figure], folder: Path, formats: Sequence[str] = FORMATS, columns: Sequence[int] = (1,)
) -> list[Path]:
    """Draw figures at paper size and return their files, `NAME-1col.svg` and so on.

    Args:
        figures: by the name of their file.
        folder: made where it is not there.

    Raises:
        ValueError: an unknown format, another number of columns, or nothing here can draw them.
        RuntimeError: the browser could not draw one.
    """
    if unknown := [each for each in formats if each not in FORMATS]:
        raise ValueError(f"A figure cannot be written as {', '.join(unknown)}: choose of {', '.join(FORMATS)}.")
    if said := cannot_draw():
        raise ValueError(said)
    import kaleido

    folder.mkdir(parents=True, exist_ok=True)
    asked = [
        {
            "fig": sized.to_dict(),
            "path": folder / f"{name}-{width}col.{kind}",
            "opts": {"format": kind, "scale": PNG_SCALE if kind == "png" else 1},
        }
        for name, figure in figures.items()
        for width in columns
        for sized in [at_paper_size(figure, width)]
        for kind in formats
    ]
    if asked:
        errors = kaleido.write_fig_from_object_sync(asked, kopts={"mathjax": False, "timeout": _PATIENCE})
        if errors:
            raise RuntimeError(f"The browser could not draw {len(errors)} of {len(asked)} figures: {errors[0]}")
    return [each["path"] for each in asked]


def _shrunk(node: Any, within: str = "") -> Any:
    """A part of a figure with its text, marks and lines at the size of paper; `within` is its name."""
    if isinstance(node, BasePlotlyType):
        return _shrunk(node.to_plotly_json(), within)
    if not isinstance(node, dict):
        return [_shrunk(each, within) for each in node] if isinstance(node, list | tuple) else node
    made = {key: _shrunk(value, key) for key, value in node.items()}
    if within.endswith("font") and "size" in made:
        made["size"] = min(max(_scaled(made["size"]), SMALLEST), LARGEST)
    elif within == "marker" and "size" in made:
        made["size"] = _scaled(made["size"])
    elif within == "line" and "width" in made:
        made["width"] = _at_least(_scaled(made["width"]))
    return made


def _scaled(size: Any) -> Any:
    return [_scaled(each) for each in size] if isinstance(size, list | tuple) else _SHRUNK * size


def _at_least(width: Any) -> Any:
    if isinstance(width, list | tuple | np.ndarray):
        return [_at_least(each) for each in width]
    return max(width, _THINNEST) if width else width


def _name_rows(figure: go.Figure, letters: int) -> float:
    """Show the names of all rows, in lines of so many letters, and return how high that is; 0 where rows have none."""
    named = (trace.y for trace in figure.data if trace.type == "scatter" and trace.y is not None)
    told = (each for values in named for each in values if isinstance(each, str))
    names = list(
        dict.fromkeys(told) if figure.layout.yaxis.categoryarray is None else figure.layout.yaxis.categoryarray
    )
    lines = [wrap(str(name), letters, break_on_hyphens=False) for name in names]
    if names and figure.layout.yaxis.ticktext is None:
        figure.update_yaxes(tickmode="array", tickvals=names, ticktext=["<br>".join(each) for each in lines])
    return _LINE * SMALLEST * len(lines) * max(map(len, lines), default=0)


def _enlarge_text(heatmap: go.Heatmap, width: float) -> None:
    """Give the text in the cells of a heat map its size where it fits; plotly.js makes it as small as a cell wants."""
    if heatmap.text is not None and len(heatmap.text):
        longest = max((len(str(each)) for row in heatmap.text for each in row), default=0)
        if longest * _LETTER * SMALLEST < (width - _BESIDE["x"]) / len(heatmap.text[0]):
            heatmap.textfont.size = SMALLEST


def _legend_rows(figure: go.Figure, width: float) -> int:
    """About how many rows a legend above the figure fills, at least 1."""
    rows, used = 1, 0.0
    if figure.layout.legend.orientation == "h":
        for trace in figure.data:
            if trace.showlegend is not False and trace.name:
                entry = _KEY + len(trace.name) * _LETTER * SMALLEST
                rows, used = (rows + 1, entry) if used and used + entry > width - _BESIDE["x"] else (rows, used + entry)
    return rows


def _wrap_title(axis: Any, letters: int) -> None:
    if text := axis.title.text:
        axis.title.font.size = LARGEST  # a fifth larger than the rest, if nothing is said
        axis.title.text = "<br>".join(
            line for part in text.split("<br>") for line in wrap(part, letters, break_on_hyphens=False)
        )
