"""What each layer holds of parallel sentences: which language they are in, and how far it is from the last layer."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dlfa_core.experiments.project import Layers, language_probe
from dlfa_core.languages import find
from dlfa_core.measures import compare_all
from dlfa_core.measures.intervals import FEWEST_SENTENCES, interval_or_nan, possible_weights
from dlfa_core.runtime.progress import Progress, part

NAMES = {"probe_linear": "language_probe", "probe_control": "language_control", "selectivity": "language_selectivity"}
UNRELATED = 1.0  # the distance of layers whose debiased CKA is 0


def rows(layers: Layers, varying: Sequence[int], resamples: int, seed: int, progress: Progress) -> list[dict[str, Any]]:
    """Return rows of `Result.scores`, without model and seed, of the layers whose points are not all equal."""
    found = []
    for index, layer in enumerate(varying):
        part(progress, index, len(varying))(0.0, f"Telling languages apart at layer {layer}")
        for name, row in language_probe(layers.plain(layer), layers.languages, layers.n, seed).items():
            _, _, value, low, high, chance, _, _, n = row
            null = 0.0 if name == "selectivity" else chance
            found.append(_row(layer, NAMES[name], "all", "all", value, low, high, null, n, len(layers.languages)))
    return [*found, *distances(layers, varying, resamples, seed)]


def distances(layers: Layers, varying: Sequence[int], resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield `distance_to_last` of each language and of all, by layer.

    Raises:
        ValueError: a language whose sentences are all equal at a layer, or fewer than four sentences.
    """
    weights = possible_weights(layers.n, resamples, seed)
    values, replicates = [], []
    for index, code in enumerate(layers.languages):
        own = slice(index * layers.n, (index + 1) * layers.n)
        views = np.stack([layers.plain(layer)[own] for layer in varying])
        try:
            scores = compare_all(views, ("cka",), weights if len(weights) else None)["cka"]
        except ValueError as error:
            raise ValueError(f"The layers cannot be compared in {find(code).name}: {error}") from error
        to_last = scores.pairs[:, 1] == len(varying) - 1  # pairs are ordered by their first view
        values.append(1 - np.append(scores.values[to_last], 1.0))
        of_last = np.ones((len(scores.replicates), 1))
        replicates.append(1 - np.concatenate([scores.replicates[:, to_last], of_last], axis=1))
    groups = [("all", "all", np.mean(values, axis=0), np.mean(replicates, axis=0), len(values))]
    groups += [("language", *own, 1) for own in zip(layers.languages, values, replicates, strict=True)]
    for level, group, value, drawn, n_languages in groups:
        low, high = interval_or_nan(value, drawn, "jackknife")
        for index, layer in enumerate(varying):
            ends = float(value[index]), float(low[index]), float(high[index])
            yield _row(layer, "distance_to_last", level, group, *ends, UNRELATED, layers.n, n_languages)


def cautions(missing: Sequence[str], n_languages: int, n: int) -> Iterator[str]:
    """Yield what could not be measured on the sentences, in sentences."""
    if missing:
        yield f"All points are identical at layer {', '.join(missing)}, which is not measured."
    if n_languages < 2:
        yield "There is one language, so none is told from another."
    if n < FEWEST_SENTENCES:
        yield f"{n} sentences are too few to draw anew, so there are no intervals: take {FEWEST_SENTENCES}."


def _row(
    layer: int,
    measure: str,
    level: str,
    group: str,
    value: float,
    low: float,
    high: float,
    null: float,
    n: int,
    languages: int,
) -> dict[str, Any]:
    about = {"layer": layer, "measure": measure, "level": level, "group": group}
    return about | {
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "null_mean": null,
        "n": n,
        "n_languages": languages,
    }
