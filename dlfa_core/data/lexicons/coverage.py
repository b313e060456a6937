"""How much of a lexicon a model's vocabulary and a corpus know. Arrays and names only: models stay outside."""

from collections.abc import Callable, Sequence

import pandas as pd

from dlfa_core.data.lexicons.matching import Matcher
from dlfa_core.data.lexicons.values import POLARITIES, Lexicon


def cut_up(
    lexicon: Lexicon, subwords: Callable[[Sequence[str]], Sequence[Sequence[str]]], unknown: str
) -> pd.DataFrame:
    """Into how many subwords a tokenizer cuts each word.

    Args:
        lexicon: of any languages.
        subwords: (n,) terms -> (n,) their subwords, without special tokens.
        unknown: the subword that stands for what the vocabulary lacks, such as "[UNK]".

    Returns:
        A row for each entry: language, term, polarity, is_lemma, subwords, unknown (whether one of them is).
    """
    rows = []
    for language in lexicon.languages:
        entries = lexicon[language]
        for entry, found in zip(entries, subwords([entry.term for entry in entries]), strict=True):
            rows.append((language, entry.term, entry.polarity, entry.is_lemma, len(found), unknown in found))
    return pd.DataFrame(rows, columns=["language", "term", "polarity", "is_lemma", "subwords", "unknown"])


def occurrences(lexicon: Lexicon, language: str, texts: Sequence[str], stem: bool = False) -> pd.DataFrame:
    """Find where the words of a lexicon occur in texts of one language.

    Args:
        lexicon: with words of that language.
        language: code or name.
        texts: (n,) sentences.
        stem: also find forms of words, as `Matcher` explains.

    Returns:
        A row for each match, in the order of the text: row (of `texts`), start, end, text, term, lemma, polarity,
        valence, concepts (joined by a space), how.

    Raises:
        CorpusError: the lexicon has no words in this language.
    """
    matcher = Matcher(lexicon, language, stem)
    rows = [
        (
            row,
            start,
            end,
            text[start:end],
            entry.term,
            entry.lemma,
            entry.polarity,
            entry.valence,
            " ".join(entry.concepts),
            how,
        )
        for row, text in enumerate(texts)
        for start, end, entry, how in matcher.find(text)
    ]
    columns = ["row", "start", "end", "text", "term", "lemma", "polarity", "valence", "concepts", "how"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(polarity=pd.Categorical(frame["polarity"], POLARITIES))
