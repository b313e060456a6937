"""Results in, plotly figures and sentences out; nothing here knows a model or a page."""

from dlfa_core.figures.advice import (
    advice,
    choices_table,
    fusion_label,
    measured_on,
    run_label,
    score_label,
    sureness,
    training_facts,
    without_target_labels,
    written_choices,
)
from dlfa_core.figures.answers import Meeting, answer, best_layers, certainty, label_of, layer_range, meeting
from dlfa_core.figures.document import document
from dlfa_core.figures.fusion import first_drawn, fused_layers, fusions_of, gain_curves, layered_fusions, score_curves
from dlfa_core.figures.gains import best_shares, family_gains, gain_heatmap, predictor_points, predictor_table
from dlfa_core.figures.layers import curves
from dlfa_core.figures.pairs import families, family_means, heatmap
from dlfa_core.figures.published import curves_behind, published_curves, published_gains, published_transfer
from dlfa_core.figures.sketch import sketch

__all__ = [
    "Meeting",
    "advice",
    "answer",
    "best_layers",
    "best_shares",
    "certainty",
    "choices_table",
    "curves",
    "curves_behind",
    "document",
    "families",
    "family_gains",
    "family_means",
    "first_drawn",
    "fused_layers",
    "fusion_label",
    "fusions_of",
    "gain_curves",
    "gain_heatmap",
    "heatmap",
    "label_of",
    "layer_range",
    "layered_fusions",
    "measured_on",
    "meeting",
    "predictor_points",
    "predictor_table",
    "published_curves",
    "published_gains",
    "published_transfer",
    "run_label",
    "score_curves",
    "score_label",
    "sketch",
    "sureness",
    "training_facts",
    "without_target_labels",
    "written_choices",
]
