"""How a map is made: the choices of a visitor, each kept in the page's address."""

import streamlit as st

from dlfa_core.experiments import project
from ui import address, choices
from ui.kept import IN_ADDRESS
from ui.limits import SLOW, limits

USUAL = project.Spec()

LONGEST = 300  # characters of a sentence that is typed
AT_ONCE = 5  # sentences

DIMS = {2: "2-D", 3: "3-D"}
REMOVALS = {"none": "nothing", "language_mean": "each language’s mean", "top_components": "top components"}
ALIGNMENTS = {"aligned": "from its neighbour", "independent": "on its own", "aligned_umap": "AlignedUMAP (slow)"}
METRICS = {"cosine": "cosine", "euclidean": "Euclidean"}


def layout() -> dict:
    """Ask how the points are laid out: fields of `project.Spec`."""
    removal = _one_of(
        "Taken out of the vectors first",
        REMOVALS,
        USUAL.removal,
        "removal",
        "Without each language’s mean, what makes languages differ as a whole is gone.",
    )
    components = USUAL.components
    if removal == "top_components":
        components = _number("Components taken out", 1, 10, USUAL.components, "components")
    left, right = st.columns(2, gap="large")
    with left:
        method = _one_of(
            "Layout", project.METHODS, USUAL.method, "method", "UMAP keeps neighbours, PCA keeps the largest spread."
        )
        dims = _one_of("Dimensions", DIMS, USUAL.dims, "dims")
    with right:
        metric = _one_of("Near by", METRICS, USUAL.metric, "metric")
    if method == "pca":
        return {"method": method, "dims": dims, "removal": removal, "components": components, "metric": metric}
    alignment = _one_of(
        "Each layer starts", ALIGNMENTS, USUAL.alignment, "alignment", "On its own, points jump between layers."
    )
    left, right = st.columns(2, gap="large")
    with left:
        said = "0: every layer finds its own map from the last. 1: points hardly move."
        alignment_regularisation = _share("Regularisation", USUAL.alignment_regularisation, "calm", said)
        min_dist = _share("Room between points", USUAL.min_dist, "room")
    with right:
        neighbours = _number("Neighbours kept close", 5, 100, USUAL.neighbours, "neighbours")
    return {
        "method": method,
        "dims": dims,
        "removal": removal,
        "components": components,
        "metric": metric,
        "alignment": alignment,
        "alignment_regularisation": alignment_regularisation,
        "neighbours": neighbours,
        "min_dist": min_dist,
    }


def typed() -> tuple[str, ...]:
    """Sentences that the visitor types to see them land."""
    said = st.text_input(
        "Type a sentence in any language and see it land",
        key="typed",
        max_chars=LONGEST * AT_ONCE,
        placeholder="The soup is too hot. | Die Suppe ist zu heiß.",
        help=f"Several at once: put | between them, up to {AT_ONCE}.",
        **IN_ADDRESS,
    )
    texts = (" ".join(part.split())[:LONGEST] for part in said.split("|"))
    return tuple(dict.fromkeys(text for text in texts if text))[:AT_ONCE]


def _one_of(label: str, options: dict, default, key: str, said: str | None = None):
    offered = {name: called for name, called in options.items() if limits().any_model or name not in SLOW}
    return choices.one_of(label, offered, default, key, said)


def _number(label: str, low: int, high: int, default: int, key: str) -> int:
    return st.number_input(label, low, high, default, **address.number(key, low, high))


def _share(label: str, default: float, key: str, said: str | None = None) -> float:
    return st.slider(label, 0.0, 1.0, default, 0.05, help=said, **address.number(key, 0, 1))
