"""Results in, plotly figures and sentences out; nothing here knows a model or a page."""

from dlfa_core.figures.document import document
from dlfa_core.figures.family_tree import tree_data
from dlfa_core.figures.layers import curves
from dlfa_core.figures.map_document import map_document
from dlfa_core.figures.pairs import families, family_means, heatmap
from dlfa_core.figures.point_map import bundle, pack
from dlfa_core.figures.published import curves_behind, published_curves
from dlfa_core.figures.sentences.profile import (
    Meeting,
    answer,
    best_layers,
    certainty,
    disagreement,
    label_of,
    layer_range,
    meeting,
)
from dlfa_core.figures.sentences.project import layer_table, map_answer, meeting_layer, reliability
from dlfa_core.figures.sketch import sketch
from dlfa_core.figures.trust_curves import trust_curves

__all__ = [
    "Meeting",
    "answer",
    "best_layers",
    "bundle",
    "certainty",
    "curves",
    "curves_behind",
    "disagreement",
    "document",
    "families",
    "family_means",
    "heatmap",
    "label_of",
    "layer_range",
    "layer_table",
    "map_answer",
    "map_document",
    "meeting",
    "meeting_layer",
    "pack",
    "published_curves",
    "reliability",
    "sketch",
    "tree_data",
    "trust_curves",
]
