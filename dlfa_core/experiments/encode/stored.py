"""The states of several languages, each computed once and kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlfa_core import models
from dlfa_core.experiments import encode
from dlfa_core.experiments.sources import cautions, corpora
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import Progress, part


def all_encoded(spec: Any, languages: Sequence[str], limit: int, progress: Progress) -> dict[str, "encode.Result"]:
    """Each language's states; stored ones are mapped from disk, not read.

    Args:
        spec: of any experiment; the fields that it shares with `encode.Spec` say how to encode.
        languages: codes of `spec.corpus`.
        limit: sentences to take; 0 takes all.
        progress: told the language and its number.
    """
    states = {}
    for number, (language, wanted) in enumerate(encodings(spec, languages, limit).items(), start=1):
        report = _numbered(progress, number, len(languages))
        report(0.0, f"Encoding {find(language).name}")
        states[language] = store.fetch(encode, wanted, report)
    return states


def encodings(spec: Any, languages: Sequence[str], limit: int) -> dict[str, "encode.Spec"]:
    """Return what `all_encoded` looks up or computes, by language; its arguments are the same."""
    limit = limit if limit < len(corpora.opened(spec.corpus)) else 0  # the same, perhaps stored already
    return {language: made_from(spec, encode.Spec, language=language, limit=limit) for language in languages}


def about(spec: Any, states: Mapping[str, "encode.Result"]) -> dict[str, Any]:
    """Return what a result that is made of states says of them in its `meta`; `warnings` are those on how texts were
    read.

    Args:
        spec: that the states were asked for with.
        states: of `all_encoded`.
    """
    corpus, languages, first = corpora.opened(spec.corpus), list(states), next(iter(states.values()))
    n_states, n, hidden_size = first.vectors.shape
    unknown = {code: float(each.unknown.sum() / max(each.subwords.sum(), 1)) for code, each in states.items()}
    truncated = {code: each.truncated for code, each in states.items()}
    return {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "corpus": spec.corpus,
        "corpus_name": corpus.name,
        "licence": corpus.licence,
        "languages": languages,
        "n": n,
        "n_states": n_states,
        "hidden_size": hidden_size,
        "pooling": spec.pooling,
        "dtype": first.dtype,
        "truncated": truncated,
        "unknown": unknown,
        "warnings": [
            *cautions.truncated_sentences(truncated, n, spec.max_length),
            *cautions.unknown_subwords(unknown),
            *cautions.unseen_languages(spec.model, languages),
        ],
    }


def _numbered(progress: Progress, number: int, of: int) -> Progress:
    """The progress of one of several parts of equal length, with its number in the message."""
    inner = part(progress, number - 1, of)
    return lambda fraction, message: inner(fraction, f"{message}, {number} of {of}")
