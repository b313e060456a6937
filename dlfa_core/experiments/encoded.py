"""Every language's states at once, from the stored encodings or computed now."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from dlfa_core.experiments import corpora, encode
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, span


def all_encoded(spec: Any, languages: Sequence[str], limit: int, progress: Progress) -> dict[str, encode.Result]:
    """Each language's states; stored ones are mapped from disk, not read.

    Args:
        spec: of any experiment; the fields that it shares with `encode.Spec` say how to encode.
        languages: codes of `spec.corpus`.
        limit: sentences to take; 0 takes all.
        progress: told the language and its number.
    """
    states = {}
    for place, (language, wanted) in enumerate(encodings(spec, languages, limit).items(), start=1):
        report = _numbered(progress, place, len(languages))
        report(0.0, f"Encoding {find(language).name}")
        states[language] = store.fetch(encode, wanted, report)
    return states


def encodings(spec: Any, languages: Sequence[str], limit: int) -> dict[str, encode.Spec]:
    """What `all_encoded` looks up or computes, by language; its arguments are the same."""
    settings = {field.name: getattr(spec, field.name) for field in fields(encode.Spec) if hasattr(spec, field.name)}
    settings["limit"] = limit if limit < len(corpora.opened(spec.corpus)) else 0  # the same, perhaps stored already
    return {language: encode.Spec(language=language, **settings) for language in languages}


def _numbered(progress: Progress, place: int, of: int) -> Progress:
    """The progress of one of several parts of equal length, with its number in the message."""
    part = span(progress, (place - 1) / of, place / of)
    return lambda fraction, message: part(fraction, f"{message}, {place} of {of}")
