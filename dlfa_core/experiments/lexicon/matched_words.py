"""Where the words of a lexicon stand in a corpus, and how many of them do."""

from collections.abc import Sequence

import pandas as pd

from dlfa_core.data import CorpusError, ParallelCorpus
from dlfa_core.data.lexicons import Lexicon, occurrences
from dlfa_core.experiments.sources import SAMPLE_SEED
from dlfa_core.languages import find


def in_both(
    corpus: ParallelCorpus, lexicon: Lexicon, languages: Sequence[str], limit: int
) -> tuple[ParallelCorpus, list[str]]:
    """The sentences, in the languages of both; and the languages of the corpus that the lexicon lacks.

    Args:
        languages: codes or names; all of the corpus if none are given.
        limit: sentences, drawn at random; 0 takes all.

    Raises:
        CorpusError: the lexicon lacks one of `languages`, or has no language of the corpus.
    """
    wanted = [find(language).code for language in languages] or list(corpus.languages)
    missing = [code for code in wanted if code not in lexicon]
    if missing and (languages or len(missing) == len(wanted)):
        raise CorpusError(
            f"The lexicon {lexicon.name} has no words in {', '.join(f'{find(c).name} ({c})' for c in missing)}: it has "
            f"{', '.join(lexicon.languages)}. Choose other languages, or another lexicon."
        )
    kept = [code for code in wanted if code not in missing]
    return corpus.select(kept, limit, SAMPLE_SEED), missing


def matches(corpus: ParallelCorpus, lexicon: Lexicon, stem: bool) -> pd.DataFrame:
    """language, id, start, end, form, lemma, concepts, polarity, valence, how, row (of the corpus).

    Raises:
        CorpusError: no sentence has a word of the lexicon.
    """
    frames = []
    for code in corpus.languages:
        frame = occurrences(lexicon, code, corpus[code], stem).rename(columns={"text": "form"})
        frames.append(frame.assign(language=code, id=[corpus.ids[row] for row in frame["row"]]))
    found = pd.concat(frames, ignore_index=True).astype({"polarity": str})
    if found.empty:
        raise CorpusError(
            f"No sentence of {corpus.name} has a word of {lexicon.name}, so there is nothing to score: choose another "
            "lexicon or corpus, or let --stem find forms of words."
        )
    columns = ["language", "id", "start", "end", "form", "lemma", "concepts", "polarity", "valence", "how", "row"]
    return found[columns]


def coverage(corpus: ParallelCorpus, lexicon: Lexicon, found: pd.DataFrame) -> pd.DataFrame:
    """language, polarity (or "all"), lemmas (in the lexicon), found (of them in the sentences), matches, sentences, n.

    Args:
        found: of `matches`.
    """
    rows = []
    for code in corpus.languages:
        entries = lexicon.select([code]).to_frame()
        own = found[found["language"] == code]
        for polarity in ("negative", "neutral", "positive", "all"):
            listed = entries if polarity == "all" else entries[entries["polarity"] == polarity]
            held = own if polarity == "all" else own[own["polarity"] == polarity]
            rows.append(
                (code, polarity, listed["lemma"].nunique(), held["lemma"].nunique(), len(held), held["id"].nunique())
            )
    columns = ["language", "polarity", "lemmas", "found", "matches", "sentences"]
    return pd.DataFrame(rows, columns=columns).assign(n=len(corpus))
