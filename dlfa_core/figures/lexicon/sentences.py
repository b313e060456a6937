"""Sentences with the scores of their words, for `markup.marked`, and the words that disagree with the lexicon."""

from typing import TYPE_CHECKING

from dlfa_core import markup
from dlfa_core.figures.sentences.systems import rows_of

if TYPE_CHECKING:
    from dlfa_core.experiments import attribute, lexicon


def sentence_ids(result: "lexicon.Result") -> list[str]:
    """Ids of the sentences that have a word of the lexicon in some language."""
    return list(dict.fromkeys(result.sentences["id"]))


def texts_of(result: "lexicon.Result", sent_id: str) -> dict[str, str]:
    """Language code -> text of a sentence, where it has a word of the lexicon."""
    rows = result.sentences[result.sentences["id"] == sent_id]
    return dict(zip(rows["language"], rows["text"], strict=True))


def lexicon_marks(result: "lexicon.Result", index: int, language: str, sent_id: str) -> tuple[markup.Mark, ...]:
    """The lexicon's words of a sentence with their scores from one classifier; other words have none.

    Args:
        index: of the classifier among `result.systems`.
        language, sent_id: of the sentence.
    """
    own = (result.matches["language"] == language) & (result.matches["id"] == sent_id)
    scores = result.match_scores[index][own.to_numpy()]
    rows = zip(result.matches[own].to_dict("records"), scores, strict=True)
    marks = (markup.Mark(int(row["start"]), int(row["end"]), float(score)) for row, score in rows)
    return tuple(sorted(marks, key=lambda mark: mark.start))


def explained_marks(explained: "attribute.Result", language: str, sent_id: str) -> tuple[markup.Mark, ...]:
    """Every word of a text with its score.

    Args:
        language, sent_id: of the text; typed ones have the ids 1, 2, 3 …
    """
    words = explained.words
    own = words[(words["language"] == language) & (words["id"] == sent_id) & (words["segment"] == 0)]
    return tuple(markup.Mark(row["start"], row["stop"], row["score"]) for row in own.to_dict("records"))


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
