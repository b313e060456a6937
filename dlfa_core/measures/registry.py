"""Every measure by name: its function, how to read it, and what it is blind to."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures import cca, cka, cosine, neurons, retrieval
from dlfa_core.measures.scores import ViewScores

ALL_PAIRS = Callable[[np.ndarray, np.ndarray, Sequence[Mapping[str, Any]]], list[ViewScores]]


@dataclass(frozen=True, eq=False)
class Measure:
    """A number for two aligned views (n, d_x) and (n, d_y), and for every two of many views at once."""

    name: str
    function: Callable[[ArrayLike, ArrayLike], float]
    label: str
    invariant_to: frozenset[str]  # of "rotation", "scaling" and "shift", done to one view alone
    reads: str  # one sentence: how to read it
    source: str
    compare: ALL_PAIRS  # the same number for all pairs of a layer; measures that share it share work
    settings: Mapping[str, Any]  # what tells this measure from others that share `compare`
    symmetric: bool = True  # measure(x, y) == measure(y, x)
    range: tuple[float, float] = (0, 1)
    coverage: str = ""  # where its 95 % intervals cover something else than .93 to .97; docs/calibration.md

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        return self.function(x, y)


def _retrieval(score: str, label: str, invariant_to: set[str], reads: str, source: str) -> Measure:
    return Measure(
        f"retrieval_{score}",
        partial(retrieval.retrieval_accuracy, score=score),
        label,
        symmetric=False,
        invariant_to=frozenset(invariant_to),
        reads=reads,
        source=source,
        coverage="cover more than 97 % where all translations are found, or hardly any",
        compare=retrieval.compare,
        settings={"score": score, "k": 1},
    )


_LISTED = (
    Measure(
        "cka",
        cka.linear_cka,
        "CKA, debiased",
        range=(-1, 1),
        invariant_to=frozenset({"rotation", "scaling", "shift"}),
        reads="1 if sentences lie equally far apart in both languages, 0 on average for unrelated sets.",
        source="Kornblith et al. 2019; Nguyen et al. 2021",
        coverage="cover 89 to 93 % where some sentences lie far from the others",
        compare=cka.compare,
        settings={"debiased": True},
    ),
    Measure(
        "cka_biased",
        partial(cka.linear_cka, debiased=False),
        "CKA, biased",
        invariant_to=frozenset({"rotation", "scaling", "shift"}),
        reads="As CKA, but unrelated sets score up to d / (n + d): compare only at the same, large n.",
        source="Kornblith et al. 2019",
        compare=cka.compare,
        settings={"debiased": False},
    ),
    Measure(
        "svcca",
        cca.svcca,
        "SVCCA",
        invariant_to=frozenset({"rotation", "scaling", "shift"}),
        reads="1 if the 20 strongest directions of both are linear maps of each other; above 0 for small n.",
        source="Raghu et al. 2017",
        coverage="cover 90 to 93 % where some sentences lie far from the others, and more than 98 % where n is small",
        compare=cca.compare,
        settings={"weighted": False},
    ),
    Measure(
        "pwcca",
        cca.pwcca,
        "PWCCA",
        symmetric=False,
        invariant_to=frozenset({"scaling", "shift"}),
        reads="As SVCCA over 99 % of the variance, weighted by neurons of the source; high for small n.",
        source="Morcos et al. 2018",
        compare=cca.compare,
        settings={"weighted": True},
    ),
    Measure(
        "anc",
        neurons.anc,
        "ANC",
        range=(-1, 1),
        invariant_to=frozenset({"scaling", "shift"}),
        reads="1 if every neuron ranks the sentences alike in both languages, 0 for unrelated sets.",
        source="Del and Fishel 2022, signed",
        coverage="cover 93 % where a few sentences lie near to all others",
        compare=neurons.compare,
        settings={"absolute": False},
    ),
    Measure(
        "anc_abs",
        partial(neurons.anc, absolute=True),
        "ANC, absolute",
        invariant_to=frozenset({"scaling", "shift"}),
        reads="As ANC, but opposite neurons count as alike; unrelated sets score about 0.8 / sqrt(n).",
        source="Del and Fishel 2022, absolute",
        compare=neurons.compare,
        settings={"absolute": True},
    ),
    Measure(
        "cosine_parallel",
        cosine.cosine_parallel,
        "Cosine, translations",
        range=(-1, 1),
        invariant_to=frozenset({"scaling"}),
        reads="How close translations are; says nothing alone, since any two sentences may be as close.",
        source="Del and Fishel 2021",
        compare=cosine.compare,
        settings={"kind": "parallel"},
    ),
    Measure(
        "cosine_random",
        cosine.cosine_random,
        "Cosine, other sentences",
        range=(-1, 1),
        invariant_to=frozenset({"scaling"}),
        reads="How close any two sentences are: 1 if the layer puts everything in one direction.",
        source="Ethayarajh 2019",
        compare=cosine.compare,
        settings={"kind": "random"},
    ),
    Measure(
        "cosine_gap",
        cosine.cosine_gap,
        "Cosine gap",
        range=(-2, 2),
        invariant_to=frozenset({"scaling"}),
        reads="How much closer a translation is than another sentence; 0 on average for unrelated sets.",
        source="Del and Fishel 2021",
        coverage="cover 93 % where a few sentences lie near to all others",
        compare=cosine.compare,
        settings={"kind": "gap"},
    ),
    _retrieval(
        "cosine",
        "Retrieval, cosine",
        {"scaling"},
        "Share of sentences whose translation is the nearest by cosine; 1/n by chance.",
        "Artetxe and Schwenk 2019",
    ),
    _retrieval(
        "centred",
        "Retrieval, centred",
        {"scaling", "shift"},
        "As cosine retrieval, after each language's own mean is taken away.",
        "Libovicky et al. 2020",
    ),
    _retrieval(
        "shifted",
        "Retrieval, shifted",
        {"shift"},
        "Share of sentences that one constant step per language pair takes nearest to their translation.",
        "Pires et al. 2019",
    ),
    _retrieval(
        "csls",
        "Retrieval, CSLS",
        {"scaling"},
        "As cosine retrieval, with candidates that are near to everything (hubs) held back.",
        "Conneau et al. 2018",
    ),
    _retrieval(
        "margin",
        "Retrieval, margin",
        {"scaling"},
        "As CSLS with a ratio and 4 neighbours, as in LASER and XTREME.",
        "Artetxe and Schwenk 2019",
    ),
)

MEASURES: dict[str, Measure] = {listed.name: listed for listed in _LISTED}
DEFAULT_MEASURES = ("cka", "anc", "cosine_gap", "retrieval_cosine", "retrieval_centred", "retrieval_csls")


def measure(name: str) -> Measure:
    """The measure of that name; a retrieval name may end in @k for top-k, as "retrieval_csls@5".

    Raises:
        ValueError: unknown name (near matches are listed), or @k on a measure that does not rank, or k below
            1.
    """
    base, at, depth = name.partition("@")
    if base not in MEASURES:
        near = get_close_matches(base, MEASURES, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(MEASURES)}."
        raise ValueError(f"Unknown measure {name!r}: {hint}")
    found = MEASURES[base]
    if not at:
        return found
    if found.compare is not retrieval.compare or not re.fullmatch(r"[1-9]\d*", depth):
        raise ValueError(
            f"Unknown measure {name!r}: only retrieval measures take @k, with a whole k from 1 on, as retrieval_csls@5."
        )
    settings = {**found.settings, "k": int(depth)}
    function = partial(retrieval.retrieval_accuracy, **settings)
    return replace(found, name=name, function=function, label=f"{found.label}, top {depth}", settings=settings)


def sample_warning(name: str, n: int, d: int) -> str | None:
    """Say what small-sample bias does to a measure at n sentences and d neurons, in one sentence; None if little.

    The unbiased measures (cka, anc, the cosines, retrieval against its null) never need it.
    """
    if name == "cka_biased" and n < 10 * d:
        return (
            f"Biased CKA at n = {n} and d = {d} scores up to {d / (n + d):.2f} for unrelated data: "
            f"read the debiased form, or use {10 * d} sentences or more."
        )
    if name == "svcca" and n < 20 * cca.SVCCA_DIRECTIONS:
        return (
            f"SVCCA of {cca.SVCCA_DIRECTIONS} directions is high for unrelated data at n = {n}: read it "
            f"against its null, or use {20 * cca.SVCCA_DIRECTIONS} sentences or more."
        )
    if name == "pwcca" and n < 10 * d:
        return (
            f"PWCCA at n = {n} and d = {d} is high for unrelated data, and undefined when the directions "
            f"kept reach n: read it against its null, or use {10 * d} sentences or more."
        )
    if name == "anc_abs" and n < 1000:
        return (
            f"Absolute ANC at n = {n} is about {np.sqrt(2 / (np.pi * (n - 1))):.2f} for unrelated data: "
            "read the signed form, or use 1000 sentences or more."
        )
    return None
