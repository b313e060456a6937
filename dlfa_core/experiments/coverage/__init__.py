"""How much of a lexicon do a model's vocabulary and a corpus know?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from dlfa_core import models
from dlfa_core.data import Lexicon, ParallelCorpus
from dlfa_core.data.lexicons import can_stem, cut_up, occurrences
from dlfa_core.experiments.sources import corpora, lexicons
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, silent
from dlfa_core.tables import Table, led_by

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]

VERSION = 1
ALL = "all"  # the polarity of rows that count every entry


@dataclass(frozen=True)
class Spec:
    """Count, for every language of a lexicon, how a model cuts its words and how often a corpus has them.

    Attributes:
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        lexicon: `sample`, or a kind and a place: table:PATH, afinn:PATH, vader:PATH, nrc-vad:PATH,
            nusax:PATH+SOURCE.
        corpus: `sample`, a path, or a kind and a place, as `profile` takes it; empty for none.
        languages: ISO codes or names; all of the lexicon if none are given.
        stem: whether forms of a word are found in the corpus by simple rules of the language.
    """

    model: str = "demo"
    lexicon: str = "sample"
    corpus: str = "sample"
    languages: tuple[str, ...] = ()
    stem: bool = True


Counted = Literal["entries", "one_subword", "several", "unknown", "mean_subwords"]
Languages = Table[
    Literal["model", "language", "polarity", Counted, "lemmas", "lemmas_found", "matches", "sentences", "n"]
]
Words = Table[Literal["language", "term", "lemma", "polarity", "valence", "subwords", "unknown", "matches"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What a model and a corpus know of a lexicon.

    Attributes:
        languages: polarity (negative, neutral, positive, or all), unknown (entries with a subword that the vocabulary
            lacks, counted in neither of the two before); then of the corpus, missing where it lacks the language:
            lemmas to n (sentences in all).
        words: a row for each entry.
        meta: what was counted, and `warnings`, sentences that a reader of the numbers should know.
    """

    languages: Languages
    words: Words
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, the lexicon and the corpus."""
    corpus = {"corpus": corpora.fingerprint(spec.corpus)} if spec.corpus else {}
    return {"model": models.fingerprint(spec.model), "lexicon": lexicons.fingerprint(spec.lexicon), **corpus}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Cut every word, and look for all of them in the corpus.

    Raises:
        ValueError: the model, the lexicon, the corpus or a language is not usable.
    """
    lexicon = lexicons.opened(spec.lexicon).select(spec.languages)
    corpus = corpora.opened(spec.corpus) if spec.corpus else None
    progress(0.0, f"Loading the tokenizer of {spec.model}")
    subwords, unknown = _tokenizer(spec.model)
    words, found = [], {}
    for index, language in enumerate(lexicon.languages):
        progress(index / len(lexicon.languages), f"Counting {find(language).name}")
        part = lexicon.select([language])
        words.append(_entries(part, cut_up(part, subwords, unknown)))
        if corpus is not None and language in corpus.languages:
            found[language] = occurrences(part, language, corpus[language], spec.stem)
    frame = _with_matches(pd.concat(words, ignore_index=True), found)
    n = dict.fromkeys(found, 0 if corpus is None else len(corpus))
    table = led_by(pd.DataFrame(_counts(frame, found, n)), model=spec.model)
    progress(1.0, "Counted")
    return Result(table, frame, _meta(spec, lexicon, corpus))


def _tokenizer(model: str) -> tuple[Callable[[Sequence[str]], list[list[str]]], str]:
    """Return what cuts terms into subwords, and the subword for what it does not know."""
    tokenizer = models.load_tokenizer(model)

    def subwords(terms: Sequence[str]) -> list[list[str]]:
        return [encoding.tokens for encoding in tokenizer(list(terms), add_special_tokens=False).encodings]

    return subwords, tokenizer.unk_token or ""


def _entries(lexicon: Lexicon, cut: pd.DataFrame) -> pd.DataFrame:
    """A row for each entry, with its subwords."""
    return lexicon.to_frame()[["language", "term", "lemma", "polarity", "valence"]].assign(
        subwords=cut["subwords"], unknown=cut["unknown"]
    )


def _with_matches(words: pd.DataFrame, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The entries with the number of their matches; missing where the corpus lacks the language."""
    counts = [
        matches.groupby("term", as_index=False).size().assign(language=language) for language, matches in found.items()
    ]
    if not counts:
        return words.assign(matches=pd.array([None] * len(words), dtype="Int64"))
    joined = words.merge(pd.concat(counts, ignore_index=True), on=["language", "term"], how="left")
    matches = joined.pop("size").fillna(0).astype("Int64")
    return joined.assign(matches=matches.where(joined["language"].isin(list(found))))


def _counts(words: pd.DataFrame, found: Mapping[Any, pd.DataFrame], n: Mapping[Any, int]) -> Iterator[dict[str, Any]]:
    for language, entries in words.groupby("language", sort=False):
        polarities = [ALL, *(name for name in ("negative", "neutral", "positive") if name in set(entries["polarity"]))]
        for polarity in polarities:
            rows = entries if polarity == ALL else entries[entries["polarity"] == polarity]
            known = ~rows["unknown"]
            row: dict[str, Any] = {
                "language": language,
                "polarity": polarity,
                "entries": len(rows),
                "one_subword": int((known & (rows["subwords"] == 1)).sum()),
                "several": int((known & (rows["subwords"] != 1)).sum()),
                "unknown": int(rows["unknown"].sum()),
                "mean_subwords": float(rows["subwords"].mean()),
                "lemmas": rows["lemma"].nunique(),
            }
            row |= dict.fromkeys(("lemmas_found", "matches", "sentences", "n"))
            if language in found:
                matches = found[language]
                matches = matches if polarity == ALL else matches[matches["polarity"] == polarity]
                row |= {"lemmas_found": matches["lemma"].nunique(), "matches": len(matches)}
                row |= {"sentences": matches["row"].nunique(), "n": n[language]}
            yield row


def _meta(spec: Spec, lexicon: Lexicon, corpus: ParallelCorpus | None) -> dict[str, Any]:
    lacking = [find(code).name for code in lexicon.languages if corpus is not None and code not in corpus.languages]
    by_form = [find(code).name for code in lexicon.languages if spec.stem and corpus is not None and not can_stem(code)]
    return {
        "model": spec.model,
        "lexicon": spec.lexicon,
        "lexicon_name": lexicon.name,
        "lexicon_licence": lexicon.licence,
        "scale": lexicon.scale,
        "corpus": spec.corpus,
        "languages": list(lexicon.languages),
        "stem": spec.stem,
        "warnings": [
            *lexicon.notes,
            *([f"The corpus has no sentences in {', '.join(lacking)}."] if lacking else []),
            *([f"Only listed forms are found in {', '.join(by_form)}: no rules for endings."] if by_form else []),
        ],
    }
