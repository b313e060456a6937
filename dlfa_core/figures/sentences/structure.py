"""What probes find in each layer, in words: where grammar and language are easiest to read, with controls."""

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import plain, with_interval
from dlfa_core.languages import find
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import structure

TOGETHER = {"word": "targets", "language": "all", "distance": "all"}  # the level that a measure is told of
LABELS = {
    "word_probe": "Word tags, probe",
    "word_control": "Word tags, control",
    "word_selectivity": "Parts of speech",
    "language_probe": "Language, probe",
    "language_control": "Language, control",
    "language_selectivity": "Language",
    "distance_to_last": "1 − CKA with the last layer",
}


def curve(result: "structure.Result", measure: str) -> "structure.Scores":
    """A measure by layer, over the targets or all languages; without rows where it was not taken."""
    level = TOGETHER[measure.partition("_")[0]]
    rows = result.scores[(result.scores["measure"] == measure) & (result.scores["level"] == level)]
    return rows.sort_values("layer")


def summary(result: "structure.Result") -> Iterator[str]:
    """Yield what each probe finds at its best layer, and how far the layers are from the last one."""
    yield words_said(result)
    yield language_said(result)
    yield distance_said(result)


def words_said(result: "structure.Result") -> str:
    """Say where a probe for tags that learnt in one language does best in the others, beside its control."""
    rows = curve(result, "word_selectivity")
    if rows.empty:
        return ""
    best = highest(rows, rows["value"])
    layer = best["layer"]
    probe, control = (_at(result, name, layer) for name in ("word_probe", "word_control"))
    return (
        f"Learnt in {find(result.meta['source_language']).name}, a linear probe reads the tags of words in "
        f"{best['n_languages']} other languages best at layer {layer}: selectivity {with_interval(best)}, which is an "
        f"accuracy of {plain(probe)} less {plain(control)} for tags given at random, n = {best['n']:,} words."
    )


def language_said(result: "structure.Result") -> str:
    """Say how well languages are told apart where that is hardest, beside the control."""
    rows = curve(result, "language_probe")
    selectivity = curve(result, "language_selectivity")
    if rows.empty or selectivity.empty:
        return ""
    least, lowest = float(rows["value"].min()), selectivity.iloc[int(selectivity["value"].argmin())]
    layer = lowest["layer"]
    told = (
        f"A linear probe tells {rows['n_languages'].iloc[0]} languages apart with an accuracy of about {plain(least)}"
    )
    return (
        f"{told} or more at every layer; its selectivity is lowest at layer {layer}, {with_interval(lowest)}, where "
        f"labels given to sentences at random are found with {plain(_at(result, 'language_control', layer))}."
    )


def distance_said(result: "structure.Result") -> str:
    """Say which layer is farthest from the last one within a language."""
    rows = curve(result, "distance_to_last")
    far = highest(rows, rows["value"])
    farthest = f"Within a language, layer {far['layer']} differs most from the last: 1 − CKA is {with_interval(far)}"
    return f"{farthest}, n = {far['n']:,} sentences." if not isnan(far["ci_low"]) else f"{farthest}."


def read_said(result: "structure.Result") -> str:
    """Say which sentences were read."""
    meta = result.meta
    parallel = f"{meta['n']:,} sentences of “{meta['corpus_name']}” in {len(meta['languages'])} languages"
    if not meta["task"]:
        return f"Probed on {parallel}; there were no tagged words."
    return f"Probed on {parallel}, and on words of {meta['task_name']} ({meta['task']}, {meta['task_licence']})."


def _at(result: "structure.Result", measure: str, layer: int) -> float:
    rows = curve(result, measure)
    return float(rows.loc[rows["layer"] == layer, "value"].iloc[0])
