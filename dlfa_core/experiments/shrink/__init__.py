"""How much smaller is an encoder that knows only the subwords of some languages?

After Abdaoui, Pradel & Sigel (2020), Load What You Need. The smaller model is a folder like any other; where a text
loses none of its subwords, its states are those of the full model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.shrink.weighted_texts import WeightedTexts, fingerprints, texts_of
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, silent
from dlfa_core.tables import Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "intact", "run"]

VERSION = 1
SIZES = ("subwords", "parameters", "bytes")
MORE_UNKNOWN = 0.001  # share of a language's tokens from which on a reader is told


@dataclass(frozen=True, kw_only=True)
class Spec(WeightedTexts):
    """Keep the subwords of an encoder that texts need, and leave the others and their vectors out.

    Attributes:
        out: folder for the smaller model.
        model: `demo`, a folder or a hub id of an encoder with a Unigram or WordPiece tokenizer, such as
            bert-base-multilingual-cased, LaBSE, xlm-roberta-base.
        size: the most subwords to keep, special ones and single characters among them; 0 leaves it to the next two.
        coverage: share of the tokens that the kept subwords must make up, mean over the texts; 1 keeps all that occur.
        min_count: subwords that occur less often in all texts together are left out, unless they are characters.
        character_count: a character that occurs as often never becomes unknown.
        exponent: of a subword's share in a text before shares are added up; below 1, rare subwords of many languages
            count for more beside frequent ones of few.
        head: start a masked language model head where the checkpoint has none, so that `pretrain` can go on from it.
        half: write the weights in half precision.
    """

    out: str
    model: str
    size: int = 0
    coverage: float = 1.0
    min_count: int = 1
    character_count: int = 1
    exponent: float = 0.9
    head: bool = False
    half: bool = False


Fertility = Literal["fertility_before", "fertility_after", "unknown_before", "unknown_after"]
Languages = Table[Literal["language", "words", "tokens", "kept", Fertility]]


@dataclass(frozen=True, eq=False)
class Result:
    """What was left out; the smaller model itself lies in `folder`.

    Attributes:
        languages: a row a language, with its numbers of words and tokens in the texts (`words`, `tokens`); `kept`, the
            share of its tokens whose subword is kept; `fertility_before` and `fertility_after`, tokens a word;
            `unknown_before` and `unknown_after`, shares of the tokens.
        sizes: rows subwords, parameters and bytes (of the weight files), each `before` and `after`.
        kept: int64 (n,) the id that each subword of the smaller model had before.
        folder: where the smaller model is.
        fingerprint: of it.
        warnings: what a reader should know.
    """

    languages: Languages
    sizes: Table[Literal["size", "before", "after"]]
    kept: np.ndarray
    folder: str
    fingerprint: str
    warnings: list[str]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of model and corpora, and a digest of the text."""
    return {"model": models.fingerprint(spec.model), **fingerprints(spec)}


def intact(result: Result) -> bool:
    """Whether the model that the result tells of is still where it was written."""
    try:
        return models.fingerprint(result.folder) == result.fingerprint
    except models.ModelError:
        return False


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Count, choose, cut, and write the smaller model.

    Raises:
        ValueError: there is no text, a language has none, a setting is out of its range, or the model cannot be used.
    """
    shrunk = models.shrink(
        spec.model,
        texts_of(spec),
        spec.out,
        models.Choice(spec.size, spec.coverage, spec.min_count, spec.character_count, spec.exponent),
        spec.head,
        spec.half,
        progress,
    )
    languages = _by_language(shrunk.texts)
    sizes = [(name, getattr(shrunk.before, name), getattr(shrunk.after, name)) for name in SIZES]
    return Result(
        languages=languages,
        sizes=pd.DataFrame(sizes, columns=["size", "before", "after"]),
        kept=shrunk.kept,
        folder=str(Path(spec.out).expanduser().resolve()),
        fingerprint=models.fingerprint(spec.out),
        warnings=[*_warnings(languages, shrunk.new_head)],
    )


def _by_language(texts: pd.DataFrame) -> pd.DataFrame:
    """The table of `Result`, of all texts in a language together."""
    sums = texts.groupby("language", sort=False).sum().reset_index()
    sums = sums[sums["tokens"] > 0].reset_index(drop=True)
    return pd.DataFrame(
        {
            "language": sums["language"],
            "words": sums["words"],
            "tokens": sums["tokens"],
            "kept": sums["kept"] / sums["tokens"],
            "fertility_before": sums["tokens"] / sums["words"],
            "fertility_after": sums["tokens_after"] / sums["words"],
            "unknown_before": sums["unknown"] / sums["tokens"],
            "unknown_after": sums["unknown_after"] / sums["tokens_after"],
        }
    )


def _warnings(languages: pd.DataFrame, new_head: bool) -> Iterator[str]:
    more = languages[languages["unknown_after"] > languages["unknown_before"] + MORE_UNKNOWN]
    if len(more):
        listed = ", ".join(
            f"{find(row['language']).name} {row['unknown_after']:.1%} instead of {row['unknown_before']:.1%}"
            for row in more.to_dict("records")
        )
        yield f"More tokens are unknown than before: {listed}. A larger size or a smaller character_count keeps them."
    if new_head:
        yield "The masked language model head is new: train it, for instance with pretrain, before asking it for words."
