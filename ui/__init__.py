"""What the pages share. With app.py and pages/, the only place that knows Streamlit."""

from ui import augmentations, choices, corpora, map_choices, models, sweeps, task_models
from ui.charts import chart, chart_at_once, in_sight
from ui.comparison import command, compare, in_words, one_sentence, provenance
from ui.downloads import downloads
from ui.frame import Choice, frame, pages
from ui.landing import landed, prepare_landing
from ui.maps import family_trees, point_map
from ui.results import result
from ui.text import answer, aside, best_layers, layer_table, notes, problem, rewritten, table, terms

__all__ = [
    "Choice",
    "answer",
    "aside",
    "augmentations",
    "best_layers",
    "chart",
    "chart_at_once",
    "choices",
    "command",
    "compare",
    "corpora",
    "downloads",
    "family_trees",
    "frame",
    "in_sight",
    "in_words",
    "landed",
    "layer_table",
    "map_choices",
    "models",
    "notes",
    "one_sentence",
    "pages",
    "point_map",
    "prepare_landing",
    "problem",
    "provenance",
    "result",
    "rewritten",
    "sweeps",
    "table",
    "task_models",
    "terms",
]
