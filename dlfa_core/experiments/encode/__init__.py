"""What does every layer of an encoder make of the sentences of one language?"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dlfa_core import models
from dlfa_core.disk import room_for
from dlfa_core.experiments.encode.stored import about, all_encoded, encodings
from dlfa_core.experiments.sources import SAMPLE_SEED, corpora
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, silent

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]
__all__ += ["CorpusReading", "about", "all_encoded", "encodings", "reader"]  # for what compares languages

VERSION = 1
MEANWHILE = "meanwhile"  # folder beside the results for states that are being computed


@dataclass(frozen=True)
class Spec:
    """Encode the sentences of one language: one vector a sentence at every layer.

    Attributes:
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        corpus: `sample`, a path, or a kind and a place: table:PATH, tmx:PATH, folder:PATH,
            moses:PATH, pud:PATH, tatoeba:PATH, hub:NAME.
        language: ISO code or name.
        pooling: what becomes a sentence's vector: mean, max, or cls (the first token).
        special_tokens: whether mean and max include [CLS] and [SEP].
        max_length: subwords after which a sentence is cut, special tokens counted.
        limit: sentences to take, drawn at random; 0 takes all.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    model: str = "demo"
    corpus: str = "sample"
    language: str = "eng"
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    limit: int = 0
    dtype: str = "auto"


@dataclass(frozen=True)
class CorpusReading:
    """What experiments that compare languages read of a corpus, and how; see `all_encoded`.

    Attributes:
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        corpus: `sample`, a path, or a kind and a place: table:PATH, tmx:PATH, folder:PATH,
            moses:PATH, pud:PATH, tatoeba:PATH, hub:NAME.
        languages: ISO codes or names; all of the corpus if none are given.
        pooling: what becomes a sentence's vector: mean, max, or cls (the first token).
        special_tokens: whether mean and max include [CLS] and [SEP].
        max_length: subwords after which a sentence is cut, special tokens counted.
        limit: sentences to take, drawn at random; 0 takes all.
    """

    model: str = "demo"
    corpus: str = "sample"
    languages: tuple[str, ...] = ()
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    limit: int = 1000


@dataclass(frozen=True, eq=False)
class Result:
    """The states of n sentences."""

    vectors: np.ndarray  # float32 (n_states, n, hidden); state 0 is the embedding output
    subwords: np.ndarray  # int (n,): subwords read of each sentence, special tokens not counted
    unknown: np.ndarray  # int (n,): how many of them the vocabulary does not know
    truncated: int  # sentences that were cut at max_length
    dtype: str  # that the model computed in


def inputs(spec: Any) -> dict[str, str]:
    """Fingerprints of the model and the corpus; needs neither torch nor the model's weights in memory."""
    return {"model": models.fingerprint(spec.model), "corpus": corpora.fingerprint(spec.corpus)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode.

    Raises:
        ValueError: the model, the corpus, the language or a setting is not usable; the message says which.
    """
    corpus = corpora.opened(spec.corpus).select([spec.language], spec.limit, SAMPLE_SEED)
    progress(0.0, f"Loading the model {spec.model}")
    encoder = reader(spec.model, models.fingerprint(spec.model), spec.dtype)
    message = f"Encoding {find(spec.language).name}"
    shape = (encoder.n_states, len(corpus), encoder.hidden_size)
    try:
        states = encoder.encode(
            corpus[spec.language],
            spec.pooling,
            spec.special_tokens,
            spec.max_length,
            progress=lambda fraction, _: progress(fraction, message),
            out=room_for(shape, store.home() / MEANWHILE),
        )
    except models.NoSubwords as error:
        row = corpus.ids[corpus[spec.language].index(error.text)]
        raise ValueError(f"Row {row} of {corpus.name} cannot be read in {find(spec.language).name}. {error}") from error
    dtype = str(encoder.model.dtype).removeprefix("torch.")
    return Result(states.vectors, states.n_subwords, states.unknown, states.truncated, dtype)


@lru_cache(maxsize=1)  # the languages of a profile follow each other; a second model would fill the memory
def reader(model: str, fingerprint: str, dtype: str) -> "models.Encoder":
    """An encoder that stays loaded until another one is asked for; the fingerprint tells apart what a folder held."""
    return models.Encoder.from_pretrained(model, dtype=dtype)
