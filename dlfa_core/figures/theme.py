"""One look for every figure: colours that stand out on paper and on slate, and one template made once.

Backgrounds are transparent and lines have middle lightness (contrast of 3 or more to both page colours), so
a figure needs no second version for the dark. A host that has one may replace the colours of `PALETTE` and of the
two scales, and the text and grid colours of the template.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dlfa_core import languages as lang

if TYPE_CHECKING:
    from dlfa_core.tables import Interval, Table

NEUTRAL = "#7a7f87"  # chance, separators, what others published
INK = "#3b4048"
GRID = "rgba(122, 127, 135, 0.22)"
TRANSPARENT = "rgba(0, 0, 0, 0)"
FONT = "'Source Sans', 'Source Sans 3', 'Noto Sans', system-ui, sans-serif"

# From paper to deep water; lightness falls evenly, so it also reads in grey and for colour-blind readers.
SEQUENTIAL = (
    "#f1f3ea",
    "#dbe8dc",
    "#c0dccf",
    "#a1cec4",
    "#80bebb",
    "#5eacb2",
    "#3f98a7",
    "#28819a",
    "#1b6788",
    "#154b70",
)

# From loss to gain, the middle of no account; both ends are as dark, so a sign must also be told in another way.
DIVERGING = (
    "#7f3b08",
    "#b35806",
    "#d8832f",
    "#edb676",
    "#f3e0c8",
    "#d5e5ea",
    "#9ccbd8",
    "#5aa5ba",
    "#27788f",
    "#0c4a5c",
)

# Steps of the scales on which writing reads in the ink of the page, whichever of its grounds the page has.
NUMBERED = slice(0, 5)  # of SEQUENTIAL, under numbers
SIGNED = slice(2, 8)  # of DIVERGING, under signs

WIDE = "wide"  # `meta` of a figure that cannot be read at the width of a phone: a page lets it scroll

LAYER_AXIS = "layer (0 = embeddings, k = output of block k)"
NARROW_LAYER_AXIS = LAYER_AXIS.replace(", ", ",<br>")  # where long labels leave a phone little width


class Style(NamedTuple):
    """How one curve is drawn; colour is never the only channel."""

    colour: str
    dash: str
    symbol: str


_BLUE, _VERMILION, _GREEN, _PINK, _VIOLET, _OCHRE, _TEAL = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#b9608f",
    "#7e6bc4",
    "#aa7a00",
    "#2f8fa3",
)  # after Okabe and Ito, darkened where paper asks for it
PALETTE = (_BLUE, _VERMILION, _GREEN, _PINK, _VIOLET, _OCHRE, _TEAL, NEUTRAL)

STYLES = {
    "cka": Style(_BLUE, "solid", "circle"),
    "cka_biased": Style(_BLUE, "dash", "circle-open"),
    "svcca": Style(_TEAL, "solid", "pentagon"),
    "pwcca": Style(_TEAL, "dash", "pentagon-open"),
    "anc": Style(_GREEN, "solid", "diamond"),
    "anc_abs": Style(_GREEN, "dash", "diamond-open"),
    "cosine_gap": Style(_PINK, "solid", "triangle-up"),
    "cosine_parallel": Style(_PINK, "dash", "triangle-up-open"),
    "cosine_random": Style(_PINK, "dashdot", "triangle-down-open"),
    "retrieval_cosine": Style(_VERMILION, "solid", "square"),
    "retrieval_centred": Style(_OCHRE, "solid", "cross"),
    "retrieval_shifted": Style(_OCHRE, "dash", "cross-open"),
    "retrieval_csls": Style(_VIOLET, "solid", "star"),
    "retrieval_margin": Style(_VIOLET, "dash", "star-open"),
}

FUSION_STYLES = {
    ("dlfa", "literal"): Style(_BLUE, "solid", "circle"),
    ("dlfa", "gate"): Style(_VERMILION, "solid", "square"),
    ("average", ""): Style(_GREEN, "dash", "diamond"),
    ("concat", ""): Style(_VIOLET, "dash", "triangle-up"),
    ("concat_mlp", ""): Style(_VIOLET, "dot", "triangle-down"),
    ("se", "literal"): Style(_OCHRE, "dot", "cross"),
    ("se", "gate"): Style(_OCHRE, "dash", "x"),
    ("last", ""): Style(NEUTRAL, "longdashdot", "circle"),
    ("scalar_mix", ""): Style(_TEAL, "dashdot", "star"),
    ("extra", ""): Style(_PINK, "dot", "hexagon"),
    ("mlp", ""): Style(_PINK, "dash", "hexagon2"),
    ("half_frozen", ""): Style(_GREEN, "longdash", "pentagon"),
    ("dlfa_two", "literal"): Style(_BLUE, "dash", "circle-open"),
    ("dlfa_two", "gate"): Style(_VERMILION, "dash", "square-open"),
    ("iterated", "literal"): Style(_BLUE, "dot", "circle-dot"),
    ("iterated", "gate"): Style(_VERMILION, "dot", "square-dot"),
    ("average_two", ""): Style(_GREEN, "dot", "diamond-open"),
    ("dlfa_all", ""): Style(_TEAL, "solid", "star-diamond"),
}
_OTHER_FUSION = Style(NEUTRAL, "longdash", "bowtie")


def fusion_style(fusion: str, weight: str) -> Style:
    """The style of a fusion with its weight; one that nobody has chosen a style for is grey."""
    return FUSION_STYLES.get((fusion, weight), _OTHER_FUSION)


def style_of(measure: str) -> Style:
    """The style of a measure; `retrieval_csls@5` looks like `retrieval_csls`, with a longer dash.

    Raises:
        KeyError: nobody has chosen a style for this measure yet.
    """
    name, _, top = measure.partition("@")
    if name not in STYLES:
        raise KeyError(f"no style for the measure {measure!r}: add one to STYLES in dlfa_core/figures/theme.py")
    return STYLES[name]._replace(dash="longdash") if top else STYLES[name]


def family_colours(names: Iterable[str]) -> dict[str, str]:
    """The colour of each language family, none of which two share: at most eight, and grey for what is left.

    A family keeps its own colour where no larger one of those named has it, so that it is the same on every map.

    Args:
        names: keys of `lang.FAMILIES`.
    """
    given: dict[str, str] = {}
    for name in sorted(set(names), key=list(lang.FAMILIES).index):
        colour = lang.FAMILIES[name].colour
        given[name] = NEUTRAL if colour in given.values() else colour
    return given


def faded(colour: str, opacity: float) -> str:
    """`#rrggbb` as an rgba() string with this opacity in [0, 1]."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def evenly(colours: Sequence[str]) -> list[tuple[float, str]]:
    """Return a scale with these colours at even distances, as plotly wants it."""
    return [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)]


def _axis(**settings: Any) -> dict[str, Any]:
    quiet = {"gridcolor": GRID, "linecolor": GRID, "tickcolor": GRID, "zeroline": False, "automargin": True}
    return {**quiet, "title": {"standoff": 12}, **settings}


TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 14, "color": INK},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "colorway": PALETTE,
        "xaxis": _axis(showgrid=False, ticks="outside", ticklen=4),
        "yaxis": _axis(showgrid=True),
        "hoverlabel": {"align": "left", "font": {"family": FONT, "size": 13}},
        "legend": {"font": {"size": 13}},
    },
    data={
        "heatmap": [
            go.Heatmap(
                colorscale=evenly(SEQUENTIAL),
                colorbar={"thickness": 10, "outlinewidth": 0, "ticks": "", "len": 0.6},
            )
        ]
    },
)


def blank(height: int, **layout: Any) -> go.Figure:
    """An empty figure in the house style, `height` pixels high and as wide as the page lets it be."""
    figure = go.Figure()
    # Spelt out, not left to the template: a host that brings its own theme replaces the template's margins.
    figure.update_layout(
        template=TEMPLATE,
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8, "pad": 2},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        dragmode=False,
        **layout,
    )
    return figure


def legend_above(y: float = 1.02) -> dict[str, Any]:
    """Return where a legend stands that would cover curves: in a row above them."""
    return {"orientation": "h", "x": 0, "xanchor": "left", "y": y, "yanchor": "bottom"}


def colourbar_above(length: int, **settings: Any) -> dict[str, Any]:
    """Return a bar of colours that lies above its figure, `length` pixels long."""
    lying = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom", "tickangle": 0}
    return (
        lying
        | {"lenmode": "pixels", "len": length, "thickness": 8, "tickfont": {"size": 11}, "outlinewidth": 0}
        | settings
    )


def diverging() -> list[tuple[float, str]]:
    """Return the scale from loss to gain, as plotly wants it."""
    return evenly(DIVERGING)


def outlined(colour: Any, symbol: Any, size: int = 11, width: float = 1.5) -> dict[str, Any]:
    """Return a marker, or one a point, whose outline has the colour of its inside, so that open ones show it too."""
    return {"color": colour, "symbol": symbol, "size": size, "line": {"color": colour, "width": width}}


def error_bars(rows: "Table[Interval]", **look: Any) -> dict[str, Any]:
    """Return intervals as error bars, which plotly wants as distances from the value; none where they are missing."""
    up, down = rows["ci_high"] - rows["value"], rows["value"] - rows["ci_low"]
    return {"type": "data", "symmetric": False, "array": up.fillna(0), "arrayminus": down.fillna(0), **look}


def named_rows(figure: go.Figure, names: Sequence[str], **settings: Any) -> None:
    """Name the rows of a figure, the first on top."""
    figure.update_yaxes(
        autorange="reversed", showgrid=True, gridcolor=GRID, ticks="", categoryarray=names, tickfont_size=12, **settings
    )


def with_gaps(sizes: Sequence[int], gap: float) -> tuple[list[float], list[int]]:
    """Return where cells begin and end that stand in blocks, `gap` cells apart, and which of the spaces are cells.

    Args:
        sizes: of the blocks.
        gap: between two blocks.
    """
    edges: list[float] = [0.0]
    cells: list[int] = []
    for size in sizes:
        if cells:
            edges.append(edges[-1] + gap)
        for _ in range(size):
            cells.append(len(edges) - 1)
            edges.append(edges[-1] + 1)
    return edges, cells


def signed_cells(
    x: Sequence[Any],
    y: Sequence[Any],
    values: np.ndarray,
    text: np.ndarray,
    words: np.ndarray,
    title: str,
    size: int,
) -> go.Heatmap:
    """Return a heat map from loss to gain, as far down as up, with a text in each cell and its colours above.

    Args:
        x, y: of the columns and of the rows, or where the rows begin and end.
        values: (rows, columns), NaN where there is no cell.
        text: in the cells, of the same shape.
        words: on hover.
        title: of the bar of colours.
        size: of the text.
    """
    reach = max(float(np.nanmax(np.abs(values), initial=0.0)), 1e-3)
    return go.Heatmap(
        x=x,
        y=y,
        z=values,
        text=text,
        texttemplate="%{text}",
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        zmin=-reach,
        zmax=reach,
        colorscale=evenly(DIVERGING[SIGNED]),
        meta="signed",
        textfont={"color": INK, "size": size},
        colorbar=colourbar_above(220, title={"text": title, "side": "top", "font": {"size": 12}}, nticks=5),
    )
