"""Results in, plotly figures and sentences out; nothing here knows a model or a page."""

from dlfa_core.figures.answers import Meeting, answer, best_layers, certainty, label_of, layer_range, meeting
from dlfa_core.figures.document import document
from dlfa_core.figures.layers import curves
from dlfa_core.figures.pairs import families, family_means, heatmap
from dlfa_core.figures.published import curves_behind, published_curves
from dlfa_core.figures.sketch import sketch

__all__ = [
    "Meeting",
    "answer",
    "best_layers",
    "certainty",
    "curves",
    "curves_behind",
    "document",
    "families",
    "family_means",
    "heatmap",
    "label_of",
    "layer_range",
    "meeting",
    "published_curves",
    "sketch",
]
