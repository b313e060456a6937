"""What retrieval from a pool says, in words: at which layer answers are found, and whether languages keep to theirs."""

from collections.abc import Iterator, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from dlfa_core.figures.sentences.numbers import (
    between,
    counted,
    drawn_again,
    likely,
    plain,
    signed,
    thousandths,
    with_interval,
)
from dlfa_core.tables import Record, highest

if TYPE_CHECKING:
    from dlfa_core.experiments import retrieve

SCORE_LABELS = {"cosine": "Cosine", "centred": "Cosine, centred", "csls": "CSLS"}
POOL_LABELS = {
    "all": "all languages",
    "own": "the question's own language",
    "other": "all languages but the question's own",
}
SCORES_EXPLAINED = {
    "cosine": "Candidates are ranked by the cosine of their vector with that of the question.",
    "centred": "The mean vector of each language is taken away first, and with it where a language as such lies.",
    "csls": "Candidates that are near to everything are held back.",
}


def measure_label(result: "retrieve.Result") -> str:
    """Return what the numbers are called: "mAP@20", or "mAP" of the whole pool."""
    depth = result.meta["depth"]
    return f"mAP@{depth}" if depth else "mAP"


def scores_of(result: "retrieve.Result") -> list[str]:
    """The scores that were retrieved with, in their order."""
    return list(dict.fromkeys(result.means["score"]))


def pools_of(result: "retrieve.Result") -> list[str]:
    """The parts of the pool in which queries have answers."""
    return list(dict.fromkeys(result.means["pool"]))


def best_layer(result: "retrieve.Result", score: str, pool: str = "all") -> Record[Any]:
    """The row of `means` of the encoder's layer with the highest mean over languages.

    Raises:
        ValueError: nothing was retrieved by this score from this part of the pool.
    """
    rows = result.means
    rows = rows[(rows["state"] == "layer") & (rows["language"] == "all")]
    rows = rows[(rows["score"] == score) & (rows["pool"] == pool)]
    if rows.empty:
        raise ValueError(
            f"The result has the scores {', '.join(scores_of(result))} and the pools {', '.join(pools_of(result))}, "
            f"but {score} from {pool} was asked for."
        )
    return highest(rows, rows["value"])


def answer(result: "retrieve.Result", score: str, pool: str = "all") -> str:
    """One sentence: by which score, the layer, its value with its interval, chance, and n."""
    best, name = best_layer(result, score, pool), measure_label(result)
    value = f"{name} {with_interval(best)}"
    n = f"n = {counted(int(best['n']), 'query', 'queries')}, {best['n_candidates']:,.0f} candidates"
    where, how = f"layer {best['layer']}", f"Ranked by “{SCORE_LABELS[score]}”"
    above = best["value"] if isnan(best["ci_low"]) else best["ci_low"]
    if above > best["null_high"]:
        chance = f"by chance {plain(best['null_mean'])}"
        return f"{how}, answers in {POOL_LABELS[pool]} are found best at {where}: {value}, {chance}; {n}."
    reach = f"{value}, and random orders reach {plain(best['null_high'])}"
    return f"{how}, no layer finds answers in {POOL_LABELS[pool]} beyond chance: at its best, {where}, {reach}; {n}."


def highest_said(result: "retrieve.Result", scores: Sequence[str], pool: str = "all") -> str:
    """Say which of several scores reaches the highest value, where the first one, which speaks, does not."""
    values = {score: best_layer(result, score, pool) for score in scores}
    top = max(values, key=lambda score: values[score]["value"])
    if top == scores[0]:
        return ""
    reached = f"{measure_label(result)} {with_interval(values[top])} at layer {values[top]['layer']}"
    return (
        f"The highest of the {len(scores)} scores drawn is that by “{SCORE_LABELS[top]}”, {reached}; the best of "
        "several is likely to look too good, and the difference was not tested."
    )


def certainty(result: "retrieve.Result", score: str, pool: str = "all") -> str:
    """Say how firmly the queries at hand point at that layer; empty when nothing was resampled."""
    rows = result.best[(result.best["score"] == score) & (result.best["pool"] == pool)]
    if rows.empty:
        return ""
    shares, layer = rows.set_index("layer")["share"], int(best_layer(result, score, pool)["layer"])
    return drawn_again("the queries", f"layer {layer} is the best", float(shares[layer]), likely(shares))


def bias_said(result: "retrieve.Result", score: str) -> str:
    """Say whether answers in a query's own language are found more easily, at the layer that finds most."""
    layer = best_layer(result, score)["layer"]
    rows = result.bias[(result.bias["state"] == "layer") & (result.bias["layer"] == layer)]
    table = {row["measure"]: row for row in rows[rows["score"] == score].to_dict("records")}
    if "gap" not in table:
        return ""
    gap, name = table["gap"], measure_label(result)
    values = f"{name} {plain(table['same']['value'])} against {plain(table['other']['value'])} in others"
    said = f"{values}, a gap of {signed(gap['value'], 2)}{between(gap['ci_low'], gap['ci_high'])}"
    if round(gap["ci_low"], 2) > 0:
        return f"At layer {layer}, an answer in the query's own language is found more easily: {said}."
    if round(gap["ci_high"], 2) < 0:
        return f"At layer {layer}, an answer in the query's own language is found less easily: {said}."
    return f"Whether layer {layer} prefers answers in the query's own language, these queries do not tell: {said}."


def gains_said(result: "retrieve.Result", score: str) -> Iterator[str]:
    """Say of each fusion model what its fused state gains over its own last state, in the whole pool."""
    for row in result.gains[(result.gains["score"] == score) & (result.gains["pool"] == "all")].to_dict("records"):
        gain = f"{signed(row['value'])}{between(row['ci_low'], row['ci_high'], thousandths)} {measure_label(result)}"
        if round(row["ci_low"], 3) > 0:  # as it is written beside
            verb = "finds more than"
        elif round(row["ci_high"], 3) < 0:
            verb = "finds less than"
        else:
            verb = "is not told apart from"
        yield f"The fused state of {row['model']} {verb} its last layer: {gain}."


def summary(result: "retrieve.Result") -> Iterator[str]:
    """Yield what every score says, then the bias and the gains by the first."""
    scores = scores_of(result)
    for score in scores:
        yield " ".join(filter(None, [answer(result, score), certainty(result, score)]))
    yield bias_said(result, scores[0])
    yield from gains_said(result, scores[0])
