"""How do the languages come together over the layers?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models, projection
from dlfa_core.data import ParallelCorpus
from dlfa_core.experiments import encode
from dlfa_core.experiments.encode import all_encoded
from dlfa_core.experiments.project import quality
from dlfa_core.experiments.project.layers import REMOVALS, Layers
from dlfa_core.experiments.project.quality import language_probe
from dlfa_core.experiments.project.shown import meta_of, points_of
from dlfa_core.experiments.sources import SAMPLE_SEED, corpora
from dlfa_core.languages import find
from dlfa_core.measures.intervals import FEWEST_SENTENCES
from dlfa_core.projection.methods import METHODS, check_choice, check_settings
from dlfa_core.runtime.experiment import Experiment, stored_fields
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table, led_by

__all__ = ["METHODS", "VERSION", "Layers", "Points", "Quality", "Result", "Spec", "inputs", "parts", "run", "table"]
__all__ += ["language_probe"]  # for what asks the same of the layers without a map

VERSION = 3
FEWEST_POINTS = 15  # for methods that look at neighbours
SETTINGS = ("alignment", "dims", "metric", "neighbours", "min_dist", "alignment_regularisation")
ENCODING_SHARE, LAYOUT_SHARE = 0.4, 0.85  # ends of parts of the progress bar


@dataclass(frozen=True)
class Spec(encode.CorpusReading):
    """Lay the sentences of several languages out on a map, layer by layer.

    Attributes:
        max_points: points on the map, all languages together; sentences are left out until they fit.
        method: umap, pca or tsne.
        dims: 2 or 3.
        removal: what is taken out of the vectors first: none, language_mean, or top_components.
        components: how many top components are taken out.
        metric: of neighbours: cosine or euclidean.
        neighbours: of each point that umap keeps close; the perplexity of tsne.
        min_dist: how close umap may put points; small values give tight clumps.
        alignment_regularisation: 0 lets every layer find its own map from the one before, 1 lets points hardly move.
        alignment: aligned (each layer starts from its neighbour layer), independent (each layer on its own), or
            aligned_umap (the implementation in umap-learn; slow).
        seed: of the layout.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    max_points: int = 20_000
    method: str = "umap"
    dims: int = 2
    removal: str = "none"
    components: int = 3
    metric: str = "cosine"
    neighbours: int = 15
    min_dist: float = 0.1
    alignment_regularisation: float = field(default=0.5, metadata={"stored_as": "calm"})
    alignment: str = "aligned"
    seed: int = 0
    dtype: str = "auto"


Points = Table[Literal["id", "language", "text", "topic", "sentiment"]]
Quality = Table[Literal["model", "layer", "measure", Interval, "null_mean", "null_high", "p_value", "n", "seed"]]
Tree = Table[Literal["layer", "a", "b", "height", "size"]]


@dataclass(frozen=True, eq=False)
class Result:
    """Where every point lies at every layer, and how far the map can be trusted.

    Layer 0 is the embedding output, k that of block k. Points stand language by language, in `meta["languages"]`'s
    order, and in it sentence by sentence: point l * n + s is sentence s in language l.

    Attributes:
        points: id (of the sentence, the same in all languages), language (ISO 639-3), text, topic, sentiment (both
            empty where the corpus has none).
        coordinates: float32 (n_states, n_points, dims): every layer centred, of spread 1 (root mean square
            distance from the centre), and turned onto its neighbour.
        neighbours: int32 (n_states, n_points, 10): the nearest other points in the layer's own space, by
            `spec.metric`, after the removal; fewer columns if there are fewer points.
        quality: NaN where there is no such thing. Measures:
            trustworthiness, continuity (of 1: all neighbours on the map, or in the space, are neighbours in the
            other); drift (movement from the layer before, over the spread; none at layer 0);
            silhouette_language, silhouette_family, silhouette_sentence (in [-1, 1], in the layer's space);
            probe_nearest, probe_linear (accuracy of telling the language of a point from points of other
            sentences; null_mean is chance); probe_control (accuracy of the same linear probe for labels that each
            sentence and its translations got at random) and selectivity (probe_linear less that);
            translation_nearest (share of points whose nearest neighbour is the same sentence in another language);
            tree_agreement (share of language triples joined as the classification joins them; null_mean and
            null_high, its 95th percentile, from shuffled languages).
        tree: average linkage of the languages' mean vectors, in scipy's numbering:
            below n_languages a language in `meta["languages"]`'s order, above a join in the order of rows.
        meta: what is shown (`n` sentences of `n_available`, `n_points` of `n_points_available`), `removed` (a
            sentence, or empty), the method, its settings and `warnings`.
    """

    points: Points
    coordinates: np.ndarray
    neighbours: np.ndarray
    quality: Quality
    tree: Tree
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and the corpus, and the version of the encoding."""
    return {**encode.inputs(spec), "encode": str(encode.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The states of each language.

    Raises:
        ValueError: the corpus or a language is not usable, or no sentence is left.
    """
    whole = corpora.opened(spec.corpus).select(spec.languages)
    return [(encode, one) for one in encode.encodings(spec, whole.languages, _limit(spec, whole)).values()]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode what is not stored yet, lay out all layers, then measure.

    Raises:
        ValueError: the model, the corpus, a language or a setting is not usable, or a vector is not finite.
    """
    check_choice("removal", spec.removal, REMOVALS)
    check_settings(spec)
    whole = corpora.opened(spec.corpus).select(spec.languages)
    limit = _limit(spec, whole)
    corpus = whole.select(limit=limit, seed=SAMPLE_SEED)
    states = all_encoded(spec, corpus.languages, limit, span(progress, 0.0, ENCODING_SHARE))
    vectors = {code: each.vectors for code, each in states.items()}
    layers = Layers(vectors, spec.removal, spec.components)
    varying = layers.varying()
    method, warnings = _possible(spec, layers, varying)
    settings = {name: getattr(spec, name) for name in SETTINGS}
    made = projection.LayerProjection(method, **settings, seed=spec.seed, device=models.choose_device())
    said = {stored: getattr(spec, name) for stored, name in stored_fields(spec).items() if name in SETTINGS}
    still = set(range(len(layers))) - set(varying)
    maps = made.fit_transform(layers, still=still, progress=span(progress, ENCODING_SHARE, LAYOUT_SHARE))
    quality, tree, unmeasured = _measured(spec, layers, varying, maps, span(progress, LAYOUT_SHARE, 1.0))
    return Result(
        points=points_of(corpus),
        coordinates=maps,
        neighbours=made.neighbours_,
        quality=quality,
        tree=tree,
        meta=meta_of(spec, whole, corpus, states, [*warnings, *unmeasured]) | {"method": method, **said},
    )


def _limit(spec: Spec, whole: ParallelCorpus) -> int:
    """How many sentences of each language are laid out."""
    limit = min(spec.limit or len(whole), spec.max_points // len(whole.languages))
    if not limit:
        raise ValueError(
            f"max_points={spec.max_points} leaves no sentence for {len(whole.languages)} languages: raise it to "
            f"{len(whole.languages)} or more, or choose fewer languages."
        )
    return limit


def table(result: Result) -> pd.DataFrame:
    """One row per point and layer, for files that other programs open: x, y (and z), text, language, family, layer, id,
    topic, sentiment."""
    n_layers, n, dims = result.coordinates.shape
    points = pd.concat([result.points.copy()] * n_layers, ignore_index=True)
    coordinates = dict(zip("xyz", result.coordinates.reshape(-1, dims).T, strict=False))
    family = points["language"].map({code: find(code).family for code in points["language"].unique()})
    frame = points.assign(**coordinates, family=family, layer=np.repeat(np.arange(n_layers), n))
    return frame[[*coordinates, "text", "language", "family", "layer", "id", "topic", "sentiment"]]


def _possible(spec: Spec, layers: Layers, varying: Sequence[int]) -> tuple[str, list[str]]:
    """The method that so many points allow, and what a reader should know about it."""
    n, method, warnings = layers.n_points, spec.method, []
    if n < 3:
        raise ValueError(f"A map needs 3 points or more, but there are {n}: take more sentences or more languages.")
    if not varying:
        raise ValueError("All points are identical at every layer: check that the texts differ.")
    if method != "pca" and n < FEWEST_POINTS:
        method = "pca"
        warnings.append(
            f"{METHODS[spec.method]} needs {FEWEST_POINTS} points, but there are {n}: PCA is drawn instead."
        )
    if method != "pca" and spec.neighbours > n - 1:
        warnings.append(f"Each of the {n} points has {n - 1} others, so {spec.neighbours} neighbours cannot be kept.")
    if still := [str(layer) for layer in range(len(layers)) if layer not in varying]:
        warnings.append(
            f"All points are identical at layer {', '.join(still)}: they are drawn in one place and not measured."
        )
    return method, warnings


def _measured(
    spec: Spec, layers: Layers, varying: Sequence[int], maps: np.ndarray, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """The tables `quality` and `tree`, and sentences about what could not be measured."""
    k = min(spec.neighbours, (layers.n_points - 1) // 2)
    plan = quality.Plan(layers.languages, layers.n, k, spec.metric == "cosine", spec.seed)
    trees = quality.Tree(plan)
    scores = list(quality.drift_scores(plan, maps))
    joins: list[quality.Row] = []
    for index, layer in enumerate(varying):
        progress(index / len(varying), f"Measuring layer {layer}")
        plain = layers.plain(layer)
        rows = projection.comparable(layers[layer], spec.metric)
        scores += quality.neighbour_scores(plan, layer, rows, maps[layer])
        scores += quality.probe_scores(plan, layer, plain, layers.removed)
        joined, agreement = trees.joins(layer, plain)
        joins, scores = joins + joined, scores + agreement
    measured = led_by(quality.table(scores).assign(seed=spec.seed), model=spec.model)
    tree = pd.DataFrame(joins, columns=["layer", "a", "b", "height", "size"])
    return measured, tree, list(_unmeasured(layers, trees))


def _unmeasured(layers: Layers, trees: quality.Tree) -> Iterator[str]:
    if len(layers.languages) < 2:
        yield "There is one language, so languages are neither told apart nor joined in a tree."
    elif not trees.decided:
        yield "No two of these languages are closer relatives than a third, so the tree is compared with nothing."
    if layers.n < FEWEST_SENTENCES:
        yield f"{layers.n} sentences are too few to draw anew, so there are no intervals: take {FEWEST_SENTENCES}."
