"""Where on a map do sentences land that it was not made from?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlfa_core import models, projection
from dlfa_core.experiments import encode, project
from dlfa_core.experiments.encode import all_encoded
from dlfa_core.experiments.project import Layers
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import Progress, silent, span

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]

VERSION = 1
LONGEST = 1000  # characters of a text
ENCODING_SHARE = 0.8  # of the progress bar


@dataclass(frozen=True)
class Spec(project.Spec):
    """Put new sentences on a map: the settings are the map's, as `project` has them.

    Attributes:
        texts: sentences in any language.
    """

    texts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """Where n texts land at every layer: each in the mean of its nearest points, the nearer the heavier.

    The map itself is not made anew, so a text that is like none of its points still lands among them.

    Attributes:
        coordinates: float32 (n_states, n, dims), in the units of the map.
        neighbours: int32 (n_states, n, k): the nearest points in the layer's own space, rows of the map's `points`.
        distances: float32 (n_states, n, k): to them, by the map's metric.
        usual: float32 (n_states,): the median distance of a point to its nearest one, for comparison.
        error: float32 (n_states,): how far from its place a point of the map lands when it is put on it in this way,
            without its own translations' help; the median over some points, in units of the map, whose spread is 1.
        meta: texts, subwords read of each and how many of them are unknown.
    """

    coordinates: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    usual: np.ndarray
    error: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Return what the map depends on, and its version."""
    return {**project.inputs(spec), "project": str(project.VERSION)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Make the map unless it is stored, read the texts with the same model, and place them.

    Raises:
        ValueError: no text, or one that is empty or too long; or what `project` raises.
    """
    texts = checked(spec.texts)
    laid_out = store.fetch(project, made_from(spec, project.Spec), span(progress, 0.0, 0.3))
    languages, n = laid_out.meta["languages"], laid_out.meta["n"]
    states = all_encoded(spec, languages, n, span(progress, 0.3, ENCODING_SHARE))
    progress(ENCODING_SHARE, "Reading what was typed")
    encoder = encode.reader(spec.model, models.fingerprint(spec.model), spec.dtype)
    read = encoder.encode(texts, spec.pooling, spec.special_tokens, spec.max_length)

    report = span(progress, ENCODING_SHARE, 1.0)
    layers = Layers({code: each.vectors for code, each in states.items()}, spec.removal, spec.components)
    found = (
        projection.LayerProjection(metric=spec.metric, seed=spec.seed)
        .fitted(layers, laid_out.coordinates)
        .out_of_sample(
            [_removed(layers, layer, rows) for layer, rows in enumerate(read.vectors)],
            np.arange(layers.n_points) % layers.n,  # a point and its translations
            lambda layer: report(layer / len(layers), f"Landing at layer {layer}"),
        )
    )
    meta = {"texts": texts, "subwords": read.n_subwords.tolist(), "unknown": read.unknown.tolist()}
    return Result(**vars(found), meta=meta)


def _removed(layers: Layers, layer: int, new: np.ndarray) -> np.ndarray:
    """New vectors at a layer without what the map leaves out.

    Nobody says in which language a text is: it counts as of the language whose mean is nearest.
    """
    plain = layers.plain(layer)
    means = plain.reshape(len(layers.languages), layers.n, -1).mean(axis=1, dtype=np.float64)
    own, _ = projection.nearest_to(means, new, 1)
    languages = np.concatenate([np.repeat(layers.languages, layers.n), np.take(layers.languages, own[:, 0])])
    rows = layers.removed(np.concatenate([plain, new]), languages, np.arange(len(languages)) < len(plain))
    return rows[len(plain) :]


def checked(texts: tuple[str, ...]) -> list[str]:
    """The texts without blanks around them.

    Raises:
        ValueError: there is none, one is empty, or one is longer than `LONGEST` characters.
    """
    stripped = [" ".join(text.split()) for text in texts]
    if not stripped or not all(stripped):
        raise ValueError("There is nothing to land: give at least one sentence, and none that is empty.")
    for text in stripped:
        if len(text) > LONGEST:
            raise ValueError(
                f"{text[:30]!r}… has {len(text):,} characters, but up to {LONGEST:,} are read: shorten it."
            )
    return stripped
