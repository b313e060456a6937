"""What the Lexicon page asks and shows beyond what pages share."""

from ui.lexicon.downloads import provenance
from ui.lexicon.lines import styles
from ui.lexicon.questions import asked, how, in_words
from ui.lexicon.shown import (
    computed_said,
    corpus,
    corpus_lines,
    corpus_sides,
    lines_of,
    one_language,
    quantity,
    sentence,
    system,
)
from ui.lexicon.tables import coverage_table, words_table
from ui.lexicon.texts import edit, explained, prepare, typed

__all__ = [
    "asked",
    "computed_said",
    "corpus",
    "corpus_lines",
    "corpus_sides",
    "coverage_table",
    "edit",
    "explained",
    "how",
    "in_words",
    "lines_of",
    "one_language",
    "prepare",
    "provenance",
    "quantity",
    "sentence",
    "styles",
    "system",
    "typed",
    "words_table",
]
