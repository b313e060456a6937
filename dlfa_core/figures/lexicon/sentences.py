"""Sentences with the scores of their words, for `markup.marked`."""

from dlfa_core import markup


def sentence_ids(result) -> list[str]:
    """Ids of the sentences of `result`, a `lexicon.Result`, that have a word of the lexicon in some language."""
    return list(dict.fromkeys(result.sentences["id"]))


def texts_of(result, sent_id: str) -> dict[str, str]:
    """Language code -> text of a sentence, where it has a word of the lexicon."""
    rows = result.sentences[result.sentences["id"] == sent_id]
    return dict(zip(rows["language"], rows["text"], strict=True))


def lexicon_marks(result, place: int, language: str, sent_id: str) -> tuple[markup.Mark, ...]:
    """The lexicon's words of a sentence with their scores from one classifier; other words have none.

    Args:
        result: a `lexicon.Result`.
        place: of the classifier among `result.systems`.
        language, sent_id: of the sentence.
    """
    own = ((result.matches["language"] == language) & (result.matches["id"] == sent_id)).to_numpy()
    rows = result.matches[own].assign(score=result.match_scores[place][own]).sort_values("start")
    return tuple(markup.Mark(int(row.start), int(row.end), float(row.score)) for row in rows.itertuples())


def explained_marks(explained, language: str, sent_id: str) -> tuple[markup.Mark, ...]:
    """Every word of a text with its score.

    Args:
        explained: an `attribute.Result`.
        language, sent_id: of the text; typed ones have the ids 1, 2, 3 …
    """
    words = explained.words
    own = words[(words["language"] == language) & (words["id"] == sent_id) & (words["segment"] == 0)]
    return tuple(markup.Mark(int(row.start), int(row.stop), float(row.score)) for row in own.itertuples())
