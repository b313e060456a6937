"""How do the languages come together over the layers?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data import ParallelCorpus
from dlfa_core.experiments import cautions, corpora, encode
from dlfa_core.experiments.encoded import all_encoded
from dlfa_core.languages import find
from dlfa_core.measures.alignment import align_sequence, drift
from dlfa_core.runtime.progress import Progress, silent, span

VERSION = 1
LISTED = 10  # neighbours of a point that are kept
ENCODING_SHARE = 0.5  # of the progress bar
METHODS, REMOVALS = ("umap", "pca", "tsne"), ("none", "language_mean", "top_components")
ALIGNMENTS, UNITS = ("aligned", "independent", "aligned_umap"), ("sentence", "word")


@dataclass(frozen=True)
class Spec:
    """Lay the sentences of several languages out on a map, layer by layer.

    Attributes:
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        corpus: `sample`, a path, or a kind and a place: table:PATH, folder:PATH, pud:PATH, tatoeba:PATH,
            hub:NAME.
        languages: ISO codes or names; all of the corpus if none are given.
        pooling: what becomes a sentence's vector: mean, max, or cls (the first token).
        special_tokens: whether mean and max include [CLS] and [SEP].
        max_length: pieces after which a sentence is cut, special tokens counted.
        limit: sentences to take, drawn at random; 0 takes all.
        max_points: points on the map, all languages together; sentences are left out until they fit.
        unit: what becomes a point: sentence, or word.
        method: umap, pca or tsne.
        dims: 2 or 3.
        removal: what is taken out of the vectors first: none, language_mean, or top_components.
        components: how many top components are taken out.
        metric: of neighbours: cosine or euclidean.
        neighbours: of each point that umap keeps close; the perplexity of tsne.
        min_dist: how close umap may put points; small values give tight clumps.
        calm: 0 lets every layer find its own map from the one before, 1 lets points hardly move.
        alignment: aligned (each layer starts from its neighbour layer), independent (each layer on its own), or
            aligned_umap (the implementation in umap-learn; slow).
        seed: of the layout.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    model: str = "demo"
    corpus: str = "sample"
    languages: tuple[str, ...] = ()
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    limit: int = 1000
    max_points: int = 20_000
    unit: str = "sentence"
    method: str = "umap"
    dims: int = 2
    removal: str = "none"
    components: int = 3
    metric: str = "cosine"
    neighbours: int = 15
    min_dist: float = 0.1
    calm: float = 0.5
    alignment: str = "aligned"
    seed: int = 0
    dtype: str = "auto"


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
        quality: model, layer, measure, value, ci_low, ci_high, null_mean, null_high, p_value, n, seed; NaN where
            there is no such thing. Measures:
            trustworthiness, continuity (of 1: all neighbours on the map, or in the space, are neighbours in the
            other); drift (movement from the layer before, over the spread; none at layer 0);
            silhouette_language, silhouette_family, silhouette_sentence (in [-1, 1], in the layer's space);
            probe_nearest, probe_linear (accuracy of telling the language of a point from points of other
            sentences; null_mean is chance);
            translation_nearest (share of points whose nearest neighbour is the same sentence in another language);
            tree_agreement (share of language triples joined as the classification joins them; null_mean and
            null_high, its 95th percentile, from shuffled languages).
        tree: layer, a, b, height, size: average linkage of the languages' mean vectors, in scipy's numbering:
            below n_languages a language in `meta["languages"]`'s order, above a join in the order of rows.
        meta: what is shown (`n` sentences of `n_available`, `n_points` of `n_points_available`), `removed` (a
            sentence, or empty), the method, its settings and `warnings`.
    """

    points: pd.DataFrame
    coordinates: np.ndarray
    neighbours: np.ndarray
    quality: pd.DataFrame
    tree: pd.DataFrame
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and the corpus, and the version of the encoding."""
    return {**encode.inputs(spec), "encode": str(encode.VERSION)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode what is not stored yet, then lay out all layers.

    Raises:
        ValueError: the model, the corpus, a language or a setting is not usable.
    """
    whole = corpora.opened(spec.corpus).select(spec.languages)
    limit = min(spec.limit or len(whole), spec.max_points // len(whole.languages))
    corpus = whole.select(limit=limit, seed=encode.SAMPLE_SEED)
    states = all_encoded(spec, corpus.languages, limit, span(progress, 0.0, ENCODING_SHARE))
    n_states = next(iter(states.values())).vectors.shape[0]

    maps, near = [], []
    for layer in range(n_states):
        progress(ENCODING_SHARE + (1 - ENCODING_SHARE) * layer / n_states, f"Layer {layer}")
        vectors = np.concatenate([each.vectors[layer] for each in states.values()])
        found = models.nearest(vectors, min(LISTED, len(vectors) - 1), spec.metric)
        near.append(found.indices)
        maps.append(models.principal_components(vectors, spec.dims))
    coordinates = align_sequence(np.stack(maps), reference=n_states - 1).astype(np.float32)
    return Result(
        points=_points(corpus),
        coordinates=coordinates,
        neighbours=np.stack(near),
        quality=_quality(spec, coordinates),
        tree=pd.DataFrame(columns=["layer", "a", "b", "height", "size"]),
        meta=_meta(spec, whole, corpus, states),
    )


def _points(corpus: ParallelCorpus) -> pd.DataFrame:
    about = corpus.meta if corpus.meta is not None else pd.DataFrame(index=list(corpus.ids))
    columns = {name: about[name].tolist() if name in about else [""] * len(corpus) for name in ("topic", "sentiment")}
    frames = [
        pd.DataFrame({"id": corpus.ids, "language": code, "text": texts, **columns})
        for code, texts in corpus.texts.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _quality(spec: Spec, coordinates: np.ndarray) -> pd.DataFrame:
    rows = [
        (spec.model, layer, "drift", value, *[np.nan] * 5, coordinates.shape[1], spec.seed)
        for layer, value in enumerate(drift(coordinates), start=1)
    ]
    columns = [
        "model",
        "layer",
        "measure",
        "value",
        "ci_low",
        "ci_high",
        "null_mean",
        "null_high",
        "p_value",
        "n",
        "seed",
    ]
    return pd.DataFrame(rows, columns=columns)


def _meta(
    spec: Spec, whole: ParallelCorpus, corpus: ParallelCorpus, states: dict[str, encode.Result]
) -> dict[str, Any]:
    any_state = next(iter(states.values()))
    n_states, n, hidden_size = any_state.vectors.shape
    unknown = {code: float(s.unknown.sum() / max(s.pieces.sum(), 1)) for code, s in states.items()}
    truncated = {code: s.truncated for code, s in states.items()}
    return {
        "model": spec.model,
        "fingerprint": inputs(spec)["model"],
        "corpus": spec.corpus,
        "corpus_name": corpus.name,
        "licence": corpus.licence,
        "languages": list(corpus.languages),
        "n": n,
        "n_available": len(whole),
        "n_points": n * len(states),
        "n_points_available": len(whole) * len(states),
        "n_states": n_states,
        "hidden_size": hidden_size,
        "pooling": spec.pooling,
        "unit": spec.unit,
        "dtype": any_state.dtype,
        "method": spec.method,
        "dims": spec.dims,
        "alignment": spec.alignment,
        "metric": spec.metric,
        "calm": spec.calm,
        "removed": "",
        "truncated": truncated,
        "unknown": unknown,
        "warnings": [
            *corpus.notes,
            *cautions.truncated_sentences(truncated, n, spec.max_length),
            *cautions.unknown_pieces(unknown),
            *cautions.unseen_languages(spec.model, corpus.languages),
        ],
    }


def summary(result: Result) -> str:
    """What was laid out, in one sentence."""
    meta = result.meta
    names = ", ".join(find(code).name for code in meta["languages"])
    return f"{meta['n_points']:,} points at {meta['n_states']} layers: {meta['n']:,} sentences in {names}."
