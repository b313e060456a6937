"""What is shown on a map, and how it was read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from dlfa_core.data import ParallelCorpus
from dlfa_core.experiments import encode

if TYPE_CHECKING:
    from dlfa_core.experiments.project import Spec


def points_of(corpus: ParallelCorpus) -> pd.DataFrame:
    """`Result.points`."""
    about = corpus.meta if corpus.meta is not None else pd.DataFrame(index=list(corpus.ids))
    columns = {name: about[name].tolist() if name in about else [""] * len(corpus) for name in ("topic", "sentiment")}
    frames = [
        pd.DataFrame({"id": corpus.ids, "language": code, "text": texts, **columns})
        for code, texts in corpus.texts.items()
    ]
    return pd.concat(frames, ignore_index=True)


def meta_of(
    spec: "Spec",
    whole: ParallelCorpus,
    corpus: ParallelCorpus,
    states: dict[str, encode.Result],
    warnings: Sequence[str],
) -> dict[str, Any]:
    """`Result.meta` but for how the map was made; `warnings` come before those on how `corpus` was read."""
    about = encode.about(spec, states)
    return {
        **about,
        "n_available": len(whole),
        "n_points": about["n"] * len(states),
        "n_points_available": len(whole) * len(states),
        "removed": _removed(spec),
        "warnings": [*warnings, *corpus.notes, *about["warnings"]],
    }


def _removed(spec: "Spec") -> str:
    """Say what was taken out of the vectors, in a sentence; empty for nothing."""
    return {
        "none": "",
        "language_mean": "Each language's mean vector was subtracted at every layer.",
        "top_components": f"The {spec.components} directions of largest variance were removed at every layer.",
    }[spec.removal]
