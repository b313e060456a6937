"""The vectors of queries and candidates: of every layer of an encoder, and of the fused state of task models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

from dlfa_core import models
from dlfa_core.data.retrieval import RetrievalSet
from dlfa_core.experiments.sources import cautions
from dlfa_core.runtime.progress import Progress, part

if TYPE_CHECKING:
    from dlfa_core.experiments.retrieve import Spec

FIRST_LAYER = {"cls": 1}  # at layer 0 the first token is the same whatever the text
IN_MEMORY = 2 * 2**30  # bytes of vectors; more lie in a file that goes when the run ends
LAYER = "layer"


@dataclass(frozen=True, eq=False)
class State:
    """One state's vectors of all queries, then all candidates."""

    model: str
    state: str  # "layer" of the encoder, "own_last" or "fused" of a fusion model
    layer: int | None
    rows: np.ndarray  # float32 (queries + candidates, hidden)
    n_queries: int

    @property
    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        return self.rows[: self.n_queries], self.rows[self.n_queries :]

    @property
    def said(self) -> str:
        """What it is called in messages."""
        return (
            f"layer {self.layer}"
            if self.state == LAYER
            else f"the {self.state.replace('_', ' ')} state of {self.model}"
        )

    def named(self, score: str) -> dict[str, Any]:
        """The columns that tell it from others."""
        return {"model": self.model, "state": self.state, "layer": self.layer, "score": score}


@dataclass(frozen=True, eq=False)
class Reading:
    """All states, and what a result's `meta` says of how they were read."""

    states: list[State]
    about: Mapping[str, Any]
    warnings: list[str]


def states_of(spec: "Spec", asked: RetrievalSet, progress: Progress) -> Reading:
    """Read all texts with the encoder and with each fusion model.

    Raises:
        ValueError: a model or a setting is not usable, or of a text no subwords are left.
    """
    texts = [entry.text for entry in asked.entries]
    n, of = len(asked.queries), 1 + len(spec.models)
    encoder = _loaded(spec.model, part(progress, 0, of), models.Encoder.from_pretrained, spec.dtype)
    read = _encoded(encoder, texts, spec, part(progress, 0, of))
    first = FIRST_LAYER.get(spec.pooling, 0)
    states = [State(spec.model, LAYER, layer, read.vectors[layer], n) for layer in range(first, encoder.n_states)]
    about: dict[str, Any] = {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "n_states": encoder.n_states,
        "hidden_size": encoder.hidden_size,
        "dtype": str(encoder.model.dtype).removeprefix("torch."),
        "models": [],
    }
    for index, name in enumerate(spec.models, start=1):
        report = part(progress, index, of)
        fused = _loaded(name, report, models.FusedEncoder.from_pretrained, "auto")
        vectors = _encoded(fused, texts, spec, report).vectors
        depth = fused.config.encoder.num_hidden_layers
        states += [
            State(name, state, depth if state == "own_last" else fused.layer, rows, n)
            for state, rows in zip(models.FUSED_STATES, vectors, strict=True)
        ]
        known = {"name": name, "fusion": fused.fusion, "layer": fused.layer, "encoder": fused.config.encoder_name}
        about["models"].append({**known, "trained_on": fused.config.trained_on})
    warnings = [*cautions.unseen_languages(spec.model, asked.languages)]
    if read.truncated:
        warnings.append(
            f"{read.truncated:,} of {len(texts):,} texts were cut at {spec.max_length} subwords. A larger max_length "
            "reads them whole."
        )
    return Reading(states, about, warnings)


def _loaded(name: str, progress: Progress, load: Callable[..., "models.Encoder"], dtype: str) -> "models.Encoder":
    progress(0.0, f"Loading the model {name}")
    return load(name, dtype=dtype)


def _encoded(encoder: "models.Encoder", texts: list[str], spec: "Spec", progress: Progress) -> "models.States":
    shape = encoder.n_states, len(texts), encoder.hidden_size
    out = None
    if 4 * np.prod(shape, dtype=np.int64) > IN_MEMORY:
        with TemporaryFile() as file:  # the map outlives it
            out = np.memmap(file, dtype=np.float32, shape=shape)
    message = f"Encoding {len(texts):,} texts with {encoder.name}"
    return encoder.encode(
        texts,
        spec.pooling,
        spec.special_tokens,
        spec.max_length,
        progress=lambda fraction, _: progress(fraction, message),
        out=out,
    )
