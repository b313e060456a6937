"""What the pages share. With app.py and pages/, the only place that knows Streamlit."""

from ui import choices, corpora, sweeps
from ui.charts import chart, chart_at_once
from ui.comparison import command, compare, in_words, one_sentence, provenance
from ui.downloads import downloads
from ui.frame import Choice, frame, pages
from ui.results import result
from ui.text import answer, aside, best_layers, notes, problem, table, terms

__all__ = [
    "Choice",
    "answer",
    "aside",
    "best_layers",
    "chart",
    "chart_at_once",
    "choices",
    "command",
    "compare",
    "corpora",
    "downloads",
    "frame",
    "in_words",
    "notes",
    "one_sentence",
    "pages",
    "problem",
    "provenance",
    "result",
    "sweeps",
    "table",
    "terms",
]
