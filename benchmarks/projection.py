"""Maps of all layers: the project's aligned UMAP against umap-learn's, and how its cost grows.

    python -m benchmarks.projection                     1,000 points for all ways, then 1,000 to 40,000 for ours
    python -m benchmarks.projection --corpus pud:PATH   sentences of another corpus
    python -m benchmarks.projection --quick             the same path in a minute, most of it compiling

Points are sentences of a parallel corpus in all its languages, their vectors those of the bundled encoder; where a size
asks for more than there are, further ones lie halfway between two random sentences of a language. All ways get the
same vectors and are compiled beforehand. Seconds of the processor are those of all its threads: on a busy machine read
these.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np
from sklearn.neighbors import NearestNeighbors

from dlfa_core.data import open_corpus
from dlfa_core.measures.alignment import align_sequence, drift
from dlfa_core.measures.neighbourhoods import kept_neighbours, squared_distances
from dlfa_core.models import Encoder
from dlfa_core.projection import LayerProjection, library
from dlfa_core.projection.neighbours import EXACT_UP_TO, comparable, nearest

NEIGHBOURS, MIN_DIST, METRIC, ANCHORS = 15, 0.1, "cosine", 2000


@dataclass(frozen=True)
class Timed:
    """Maps, or neighbours, and what they cost."""

    maps: np.ndarray
    wall: float
    processor: float


def states(corpus: str, points: int) -> np.ndarray:
    """Vectors of the bundled encoder, (n_layers, languages, sentences, d), of as many sentences as there are."""
    opened = open_corpus(corpus)
    opened = opened.select(limit=max(1, -(-points // len(opened.languages))))
    encoder = Encoder.from_pretrained("demo", dtype="float32")
    return np.stack([encoder.encode(opened[code]).vectors for code in opened.languages], axis=1)


def grown(vectors: np.ndarray, points: int) -> np.ndarray:
    """(n_layers, points, d) of (n_layers, languages, sentences, d), with sentences made up if there are too few."""
    n_layers, languages, sentences, d = vectors.shape
    wanted = -(-points // languages)
    if wanted > sentences:
        pairs = np.random.default_rng(0).integers(sentences, size=(2, wanted - sentences))
        made_up = (vectors[:, :, pairs[0]] + vectors[:, :, pairs[1]]) / 2
        vectors = np.concatenate([vectors, made_up], axis=2)
    return vectors[:, :, :wanted].swapaxes(1, 2).reshape(n_layers, -1, d)[:, :points]


def ours(vectors: np.ndarray, alignment: str = "aligned", alignment_regularisation: float = 0.5) -> np.ndarray:
    """Neighbours, graphs and layout, as `project` does it."""
    if alignment == "aligned_umap":  # finds its neighbours itself
        return library.library_aligned_umap(vectors, NEIGHBOURS, 2, MIN_DIST, METRIC, 0)
    near = [nearest(rows, NEIGHBOURS - 1, METRIC) for rows in vectors]
    return LayerProjection(
        alignment=alignment, metric=METRIC, min_dist=MIN_DIST, alignment_regularisation=alignment_regularisation
    ).lay_out(vectors, near)


def timed(work: Callable[[], np.ndarray]) -> Timed:
    wall, processor = perf_counter(), process_time()
    maps = work()
    return Timed(maps, perf_counter() - wall, process_time() - processor)


def judged(vectors: np.ndarray, maps: np.ndarray) -> tuple[float, float, float]:
    """Mean trustworthiness over layers, mean and largest drift."""
    maps = align_sequence(maps, len(maps) - 1)
    n = len(maps[0])
    anchors = np.arange(n) if n <= ANCHORS else np.random.default_rng(0).permutation(n)[:ANCHORS]
    kept = [
        kept_neighbours(
            squared_distances(comparable(rows, METRIC), anchors), squared_distances(shown, anchors), anchors, NEIGHBOURS
        ).mean()
        for rows, shown in zip(vectors, maps, strict=True)
    ]
    moved = drift(maps)
    return float(np.mean(kept)), float(moved.mean()), float(moved.max())


def compare(vectors: np.ndarray) -> None:
    """Print all ways side by side."""
    ways = {
        "`umap.AlignedUMAP`": ("aligned_umap", 0.0),
        "`umap.UMAP`, each layer alone": ("independent", 0.0),
        "dlfa, regularisation 0": ("aligned", 0.0),
        "dlfa, regularisation 0.5 (default)": ("aligned", 0.5),
        "dlfa, regularisation 0.75": ("aligned", 0.75),
    }
    for alignment in dict.fromkeys(alignment for alignment, _ in ways.values()):
        ours(vectors[:2, :60], alignment)  # compile
    found = {name: timed(lambda way=way: ours(vectors, *way)) for name, way in ways.items()}
    base = found["`umap.AlignedUMAP`"]
    print(f"\n{len(vectors)} layers of {vectors.shape[1]:,} points, d = {vectors.shape[2]}, k = {NEIGHBOURS}.\n")
    print("| way | seconds | of the processor | times faster | trustworthiness | drift, mean | largest |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, way in found.items():
        kept, moved, most = judged(vectors, way.maps)
        faster = f"{base.processor / way.processor:.1f}"
        print(f"| {name} | {way.wall:.1f} | {way.processor:.1f} | {faster} | {kept:.4f} | {moved:.3f} | {most:.3f} |")


def scale(vectors: np.ndarray, sizes: Sequence[int]) -> None:
    """Print how our cost grows with the number of points."""
    nearest(grown(vectors, 300)[0], NEIGHBOURS, METRIC, exact=False)  # compile
    print(
        "\n| points | neighbours | seconds of the processor | by n log n, of the row above | trustworthiness | drift |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    before = None
    for size in sizes:
        rows = grown(vectors, size)
        way = timed(lambda rows=rows: ours(rows))
        kept, moved, _ = judged(rows, way.maps)
        cost = way.processor / (size * np.log(size))
        ratio = "" if before is None else f"{cost / before:.2f}"
        kind, before = "exact" if size <= EXACT_UP_TO else "approximate", cost
        print(f"| {size:,} | {kind} | {way.processor:.1f} | {ratio} | {kept:.4f} | {moved:.3f} |", flush=True)


def compare_neighbours(vectors: np.ndarray, sizes: Sequence[int]) -> None:
    """Print exact and approximate neighbours of the last layer beside scikit-learn's."""
    print("\n| points | way | seconds | of the processor | neighbours found |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for size in sizes:
        rows = grown(vectors[-1:], size)[0]
        k = NEIGHBOURS - 1
        model = NearestNeighbors(n_neighbors=k, metric=METRIC, algorithm="brute").fit(rows)
        ways = {
            "scikit-learn": lambda model=model: model.kneighbors(return_distance=False),
            "dlfa, exact": lambda rows=rows, k=k: nearest(rows, k, METRIC, exact=True).indices,
            "dlfa, approximate": lambda rows=rows, k=k: nearest(rows, k, METRIC, exact=False).indices,
        }
        found = {name: timed(work) for name, work in ways.items()}
        expected = found["scikit-learn"].maps
        for name, way in found.items():
            share = np.mean([len(set(a) & set(b)) / k for a, b in zip(way.maps, expected, strict=True)])
            print(f"| {size:,} | {name} | {way.wall:.1f} | {way.processor:.1f} | {share:.1%} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="sample", help="as in `python -m dlfa_core project`")
    parser.add_argument("--points", type=int, default=1000, help="of the comparison")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 5000, 20_000, 40_000])
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    options = parser.parse_args(arguments)
    points, sizes = (200, [200, 400]) if options.quick else (options.points, options.sizes)
    vectors = states(options.corpus, max([points, *sizes]))
    if options.quick:
        vectors = vectors[::4]
    compare(grown(vectors, points))
    if sizes:
        scale(vectors, sizes)
        compare_neighbours(vectors, [size for size in sizes if size <= EXACT_UP_TO])


if __name__ == "__main__":
    main()
