"""Results in, plotly figures out, and in `sentences` what they say; nothing here knows a model or a page."""

from dlfa_core.figures.document import document
from dlfa_core.figures.family_tree import tree_data
from dlfa_core.figures.layers import curves
from dlfa_core.figures.map_document import map_document
from dlfa_core.figures.pairs import families, family_means, heatmap
from dlfa_core.figures.point_map import bundle, colours_by, pack
from dlfa_core.figures.published import curves_behind, published_curves
from dlfa_core.figures.sketch import sketch
from dlfa_core.figures.trust_curves import trust_curves

__all__ = [
    "bundle",
    "colours_by",
    "curves",
    "curves_behind",
    "document",
    "families",
    "family_means",
    "heatmap",
    "map_document",
    "pack",
    "published_curves",
    "sketch",
    "tree_data",
    "trust_curves",
]
