"""The family tree that the languages' mean vectors give at each layer, beside the accepted classification."""

from itertools import groupby
from typing import TYPE_CHECKING, Any

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.project import tree_words
from dlfa_core.figures.theme import family_colours

if TYPE_CHECKING:
    from dlfa_core.experiments import project

GENUS, FAMILY, ROOT = 0.34, 0.67, 1.0  # heights of the accepted tree


def tree_data(result: "project.Result", start: int | None = None) -> dict[str, Any] | None:
    """Return what `frontend/map/src/tree.js` draws, or None for fewer than three languages or a result without trees.

    Leaves are numbered in the order of `result.meta["languages"]`; merges are [a, b, height in 0 to 1], numbered as
    scipy's linkage does.
    """
    codes = list(result.meta["languages"])
    if len(codes) < 3 or result.tree.empty:
        return None
    known = [lang.find(code) for code in codes]
    colours = family_colours(language.family for language in known)
    accepted = [codes.index(code) for code in lang.family_order(codes)]
    rank = {leaf: index for index, leaf in enumerate(accepted)}
    layers = []
    for layer in range(result.coordinates.shape[0]):
        rows = result.tree[result.tree["layer"] == layer]
        top = rows["height"].max() or 1.0
        merges = [[int(row["a"]), int(row["b"]), float(row["height"] / top)] for row in rows.to_dict("records")]
        layers.append({"order": leaf_order(merges, rank), "merges": merges, "words": tree_words(result, layer)})
    return {
        "start": result.coordinates.shape[0] - 1 if start is None else start,
        "languages": [
            {
                "code": language.code,
                "name": language.name,
                "colour": colours[language.family],
                "symbol": lang.FAMILIES[language.family].symbol,
            }
            for language in known
        ],
        "accepted": {"order": accepted, "merges": accepted_merges(codes)},
        "layers": layers,
    }


def leaf_order(merges: list[list[float]], rank: dict[int, int]) -> list[int]:
    """The leaves of a tree from top to bottom, branches turned so that they follow `rank` as far as they can."""
    groups = {leaf: [leaf] for leaf in rank}
    for index, (a, b, _) in enumerate(merges):
        parts = sorted(
            (groups.pop(int(a)), groups.pop(int(b))), key=lambda part: sum(rank[leaf] for leaf in part) / len(part)
        )
        groups[len(rank) + index] = parts[0] + parts[1]
    return [leaf for part in groups.values() for leaf in part]


def accepted_merges(codes: list[str]) -> list[list[float]]:
    """The classification as merges: languages of a genus, genera of a family, families at last."""
    merges: list[list[float]] = []

    def join(nodes: list[int], height: float) -> int:
        first, *others = nodes
        for node in others:
            merges.append([first, node, height])
            first = len(codes) + len(merges) - 1
        return first

    ordered = [lang.find(code) for code in lang.family_order(codes)]
    families = []
    for _, relatives in groupby(ordered, key=lambda language: language.family):
        genera = [
            join([codes.index(language.code) for language in siblings], GENUS)
            for _, siblings in groupby(relatives, key=lambda language: language.genus)
        ]
        families.append(join(genera, FAMILY))
    join(families, ROOT)
    return merges
