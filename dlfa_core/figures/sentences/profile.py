"""What a layer profile says, in words: where the languages meet, how surely, and how far above chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from dlfa_core.figures.sentences.numbers import between, drawn_again, likely, listed, plain
from dlfa_core.measures.registry import measure as find_measure
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import profile

WHY_MEASURES_DIFFER = (
    "CKA and ANC ask whether the whole clouds of sentences have one shape, retrieval whether each sentence is nearest "
    "to its own translation; names and numbers that languages share lift the first already among the embeddings."
)


@dataclass(frozen=True)
class Meeting:
    """The layer at which the languages are closest by one measure."""

    measure: str
    layer: int
    value: float  # mean over language pairs
    ci_low: float  # NaN without resamples, as is ci_high
    ci_high: float
    null_high: float  # what unrelated sentences reach
    share: float  # of the resamples in which this layer is the best; NaN without resamples
    likely: tuple[int, ...]  # the fewest layers that together are the best in 95 % of the resamples
    n: int

    @property
    def above_chance(self) -> bool:
        return (self.value if isnan(self.ci_low) else self.ci_low) > self.null_high


def label_of(measure: str) -> str:
    """The name of a measure as a reader sees it."""
    return find_measure(measure).label


def layer_range(result: "profile.Result") -> tuple[int, int]:
    """The first and the last layer; the first is 1 where layer 0 says nothing."""
    return int(result.pairs["layer"].min()), int(result.pairs["layer"].max())


def meeting(result: "profile.Result", measure: str) -> Meeting:
    """The best layer by `measure`.

    Raises:
        ValueError: the result does not hold this measure.
    """
    check_measures(result, [measure])
    rows = result.means[result.means["measure"] == measure]
    top = highest(rows, rows["value"])
    shares = result.best[result.best["measure"] == measure].set_index("layer")["share"]
    return Meeting(
        measure=measure,
        layer=int(top["layer"]),
        value=float(top["value"]),
        ci_low=float(top["ci_low"]),
        ci_high=float(top["ci_high"]),
        null_high=float(top["null_high"]),
        share=float(shares.get(top["layer"], 0.0)) if len(shares) else float("nan"),
        likely=likely(shares),
        n=int(top["n"]),
    )


def answer(result: "profile.Result", measure: str) -> str:
    """One sentence: the layer, the measure, its value with its interval, and n."""
    best = meeting(result, measure)
    where = f"layer {best.layer} ({label_of(measure)})"
    value = f"{plain(best.value)}{between(best.ci_low, best.ci_high)}, n = {best.n:,}"
    if best.above_chance:
        return f"Languages meet at {where}: {value}."
    return f"These languages meet nowhere: at their best, {where}, they reach {value}, no more than chance."


def certainty(result: "profile.Result", measure: str) -> str:
    """Say how firmly the sentences at hand point at that layer; empty when nothing was resampled."""
    best = meeting(result, measure)
    if isnan(best.share):
        return ""
    return drawn_again("the sentences", f"layer {best.layer} is the best", best.share, best.likely)


def coverage(measures: Sequence[str]) -> str:
    """Say of which of these measures intervals of 95 % do not cover what they say; empty where all do."""
    labels: dict[str, list[str]] = {}
    for found in map(find_measure, measures):
        if found.coverage:
            labels.setdefault(found.coverage, []).append(found.label)
    said = "; ".join(f"those of {listed(names)} {words}" for words, names in labels.items())
    return f"In simulations, not all intervals of 95 % cover that much: {said}." if said else ""


def disagreement(result: "profile.Result", measure: str, rivals: Sequence[str]) -> str:
    """Say which of the rivals put the meeting at another layer than `measure` does, and that the others do not.

    A rival disagrees where the layers that are likely the best by the one are unlikely by the other; without resamples,
    where its best layer is another. Empty without rivals.

    Raises:
        ValueError: the result does not hold one of the measures.
    """
    best = meeting(result, measure)
    found = [meeting(result, name) for name in rivals if name != measure]
    apart = [rival for rival in found if not {*_candidates(best)} & {*_candidates(rival)}]
    if not found:
        return ""
    if not apart:
        return f"{listed([label_of(rival.measure) for rival in found])} {_agree(len(found))}."
    said = listed([f"by {label_of(rival.measure)} it is layer {rival.layer} ({plain(rival.value)})" for rival in apart])
    return f"Measures disagree: {said}."


def summary(result: "profile.Result") -> Iterator[str]:
    """Yield what every measure says."""
    for name in dict.fromkeys(result.means["measure"]):
        yield " ".join(filter(None, [answer(result, name), certainty(result, name)]))


def best_layers(result: "profile.Result") -> pd.DataFrame:
    """One row per measure: measure, label, layer, value, ci_low, ci_high, null_high, share, n."""
    rows = [meeting(result, name) for name in dict.fromkeys(result.means["measure"])]
    table = pd.DataFrame([vars(row) for row in rows]).drop(columns="likely")
    table.insert(1, "label", [label_of(name) for name in table["measure"]])
    return table


def check_measures(result: "profile.Result", measures: Sequence[str]) -> None:
    """Raise ValueError unless there are measures and the result holds them all."""
    held = list(dict.fromkeys(result.means["measure"]))
    missing = [name for name in measures if name not in held]
    if missing or not measures:
        asked = ", ".join(missing) or "none"
        raise ValueError(f"the result holds the measures {', '.join(held)}, but {asked} was asked for.")


def _candidates(found: Meeting) -> tuple[int, ...]:
    return found.likely or (found.layer,)


def _agree(n: int) -> str:
    return "does not contradict this" if n == 1 else "do not contradict this"
