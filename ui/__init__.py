"""What the pages share, and a module or folder for what each of them asks and shows besides, under the page's name.

With app.py and pages/, the only place that knows Streamlit.
"""

from ui import beside, models, task_models
from ui.charts import chart, chart_at_once, chart_in_sight, in_sight
from ui.choices import language_name
from ui.comparison import command, compare, in_words, one_sentence, provenance
from ui.downloads import downloads, report_button
from ui.frame import frame, pages
from ui.kept import once
from ui.results import latest, result
from ui.text import answer, aside, ask_differently, computed, notes, outline, picture, reading, section, table

__all__ = [
    "answer",
    "aside",
    "ask_differently",
    "beside",
    "chart",
    "chart_at_once",
    "chart_in_sight",
    "command",
    "compare",
    "computed",
    "downloads",
    "frame",
    "in_sight",
    "in_words",
    "language_name",
    "latest",
    "models",
    "notes",
    "once",
    "one_sentence",
    "outline",
    "pages",
    "picture",
    "provenance",
    "reading",
    "report_button",
    "result",
    "section",
    "table",
    "task_models",
]
