"""Words that do the opposite of what the lexicon says."""

from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.systems import rows_of

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon


def disagreeing(result: "lexicon.Result", index: int, language: str = "all", at_least: int = 1) -> "lexicon.Words":
    """Rows of `lexicon.Result.words` with a score of the wrong sign, the most wrong first.

    Args:
        index: of the classifier among `result.systems`.
        language: a code, or "all".
        at_least: how often a word must have been found.
    """
    words = rows_of(result, result.words, index)
    words = words[(words["polarity"] != "neutral") & (words["wrong"] > 0) & (words["count"] >= at_least)]
    return words if language == "all" else words[words["language"] == language]
