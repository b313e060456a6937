"""What a shard of a large corpus adds to the sums of all layers."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from dlfa_core import models
from dlfa_core.data.opened import digest_of, stamp_of
from dlfa_core.data.shards import read_shard, table_of
from dlfa_core.experiments import encode
from dlfa_core.measures.streamed import Sums
from dlfa_core.runtime.progress import Progress, silent

VERSION = 1
ROWS_AT_ONCE = 256  # of all languages: their vectors at all layers are all that is held


@dataclass(frozen=True)
class Spec:
    """Fields as in `stream.Spec`; `number` counts from 0."""

    model: str = "demo"
    corpus: str = ""
    languages: tuple[str, ...] = ()
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    number: int = 0
    shards: int = 20
    dtype: str = "auto"


@dataclass(frozen=True, eq=False)
class Result:
    """The fields of `Sums`, each with an axis of layers in front, and what was read.

    Attributes:
        meta: `truncated`, sentences of each language that were cut, `hidden_size`, and `dtype`.
    """

    n: np.ndarray
    total: np.ndarray
    cross: np.ndarray
    lengths: np.ndarray
    joint: np.ndarray
    weighted: np.ndarray
    units: np.ndarray
    parallel: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and of the whole table."""
    digest = digest_of(stamp_of([table_of(spec.corpus)]))
    return {"model": models.fingerprint(spec.model), "corpus": f"sha256:{digest}"}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode a few rows at a time, and add them up.

    Raises:
        ValueError: the model, the corpus, a language or a setting is not usable, or the shard has no complete row.
    """
    path = table_of(spec.corpus)
    progress(0.0, f"Loading the model {spec.model}")
    encoder = encode.reader(spec.model, models.fingerprint(spec.model), spec.dtype)
    whole: list[Sums] = []
    truncated = dict.fromkeys(spec.languages, 0)
    done = 0
    for rows in read_shard(path, spec.languages, spec.number, spec.shards, ROWS_AT_ONCE):
        views = []
        for code, texts in zip(spec.languages, rows.values(), strict=True):
            states = encoder.encode(texts, spec.pooling, spec.special_tokens, spec.max_length)
            truncated[code] += states.truncated
            views.append(states.vectors)
        for layer, vectors in enumerate(zip(*views, strict=True)):
            sums = Sums.of(np.stack(vectors))
            if layer == len(whole):
                whole.append(sums)
            else:
                whole[layer].add(sums)
        done += len(texts)
        progress(0.5, f"Shard {spec.number + 1} of {spec.shards}: {done:,} rows")
    if not whole:
        raise ValueError(
            f"Shard {spec.number + 1} of {spec.shards} of {path.name} has no row with a sentence in every language: "
            "use fewer shards, or fill the gaps."
        )
    return Result(
        **{field.name: np.stack([getattr(sums, field.name) for sums in whole]) for field in fields(Sums)},
        meta={
            "truncated": truncated,
            "hidden_size": encoder.hidden_size,
            "dtype": str(encoder.model.dtype).removeprefix("torch."),
        },
    )


def sums_of(result: Result, layer: int) -> Sums:
    """The sums of one layer, in memory."""
    return Sums(**{field.name: np.array(getattr(result, field.name)[layer]) for field in fields(Sums)})
