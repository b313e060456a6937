"""What an `augment.Result` says, in words."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from dlfa_core.data.augment import METHODS
from dlfa_core.data.tasks import TASK_FORMATS
from dlfa_core.figures.sentences.numbers import (
    between,
    counted,
    listed,
    signed,
    signed_hundredths,
    thousandths,
    with_interval,
    within,
)
from dlfa_core.languages import find
from dlfa_core.measures.classification import metric
from dlfa_core.tables import Record, Table

if TYPE_CHECKING:
    from dlfa_core.experiments import augment

LEVELS = {"targets": "all target languages", "seen": "in the lexicon", "unseen": "not in the lexicon", "all": "all"}
CLEAR = 0.05  # two-sided p, corrected by Holm, below which a sentence speaks of a gain or a loss
CONTROLS = {"random": "a random dictionary", "neutral": "neutral words"}


def run_label(meta: Mapping[str, Any]) -> str:
    """Return what a reader calls a result: methods, lexicon, task, and what was held out."""
    methods = " + ".join(METHODS[name].label for name in meta["methods"])
    held = f", {counted(len(meta['held_out']), 'language')} held out" if meta["held_out"] else ""
    return f"{methods}, {meta['lexicon_name']}{held}; {task_label(meta)}"


def task_label(meta: Mapping[str, Any]) -> str:
    """Return what a reader calls the task: its kind and, where it is no bundled one, its place."""
    kind, _, path = meta["task"].partition(":")
    title = TASK_FORMATS[kind].title if kind in TASK_FORMATS else meta["task_name"]
    return f"{title} ({'bundled' if path == 'sample' else path.rstrip('/').rpartition('/')[2]})"


def answer(result: "augment.Result") -> str:
    """One sentence: what the lexicon changes for the target languages, with interval, corrected p and n."""
    row = _rows(result, "augmented").iloc[0]
    about = f"(n = {row['n']:,}, {counted(len(result.meta['seeds']), 'seed')}{_p(row)})"
    score = f"zero-shot {score_label(result)} over {_languages(row)}"
    if not row["p_holm"] < CLEAR:
        by = with_interval(row, signed)
        return f"The lexicon in pre-training makes no clear difference: {score} moves by {by} {about}."
    low, high = sorted(abs(row[name]) for name in ("ci_low", "ci_high"))
    way = "higher" if row["value"] > 0 else "lower"
    by = f"{thousandths(abs(row['value']))}{between(low, high, thousandths)}"
    return f"With the lexicon in pre-training {score} is {by} {way} {about}."


def beside_controls(result: "augment.Result") -> str:
    """Say in a sentence whether the lexicon does better than what controls for it, with the last layer alone."""
    there = [name for name in CONTROLS if name in result.meta["arms"]]
    if not there:
        return "Nothing controls for it here: a gain or a loss may come from mixing text, whatever the lexicon says."
    rows = {name: _rows(result, f"over_{name}").iloc[0] for name in there}
    said = [f"{with_interval(row, signed)} against {CONTROLS[name]}, {_verdict(row)}" for name, row in rows.items()]
    return f"With the last layer alone it changes the score by {'; '.join(said)}."


def computed(result: "augment.Result") -> str:
    """Say in a sentence what was trained, on what, and how often."""
    meta = result.meta
    held = f", {listed([find(code).name for code in meta['held_out']])} held out," if meta["held_out"] else ""
    text = "the bundled sentences" if meta["text"] == "sample" else meta["text"]
    return (
        f"{meta['steps']:,} further steps of pre-training, of {meta['tokens']:,} tokens each, on {text}{held} for each "
        f"of {counted(len(meta['seeds']), 'seed')}; then heads learn {task_label(meta)} from "
        f"{meta['n_train']:,} examples in {find(meta['source_language']).name}, chosen on {meta['n_dev']:,} more."
    )


def more(result: "augment.Result") -> list[str]:
    """Sentences on the controls, on DLFA, on languages inside and outside the lexicon, and on coverage."""
    said = [_against(result, name) for name in CONTROLS if name in result.meta["arms"]]
    fused, apart = (_rows(result, name).iloc[0] for name in ("augmented_fused", "interaction"))
    said.append(
        f"With DLFA of layer {result.meta['layer']} the lexicon's effect is {with_interval(fused, signed)}{_p(fused)}; "
        f"the two effects differ by {with_interval(apart, signed)}{_p(apart)}."
    )
    seen, unseen = (effect(result, "augmented", level) for level in ("seen", "unseen"))
    parts = [
        f"{with_interval(row, signed)}{_p(row)} in the {counted(row['n_languages'], 'target language')} {where}"
        for row, where in ((seen, "that the lexicon has"), (unseen, "that it lacks"))
        if row is not None
    ]
    said.append(f"Last layer alone: {'; '.join(parts)}." if parts else "")
    if rows := list(result.correlations[result.correlations["effect"] == "augmented"].to_dict("records")):
        over = listed([f"over the {_sample(row)} it is {_correlation(row)}" for row in rows])
        said.append(f"Correlation of gain and coverage, last layer alone: {over}. {_related(rows)}")
    return [sentence for sentence in said if sentence]


def correlations(result: "augment.Result", fused: bool = False) -> list[str]:
    """A line for each group of languages over which gain and coverage were correlated, with interval and number."""
    name = "augmented_fused" if fused else "augmented"
    rows = result.correlations[result.correlations["effect"] == name].to_dict("records")
    return [f"correlation over {_sample(row)}: {_correlation(row)}" for row in rows]


def _sample(row: "Record[augment.Correlation]") -> str:
    return f"{counted(row['n_languages'], 'target language')}{' in the lexicon' * (row['level'] == 'seen')}"


def _correlation(row: "Record[augment.Correlation]") -> str:
    return f"{signed_hundredths(row['value'])}{between(row['ci_low'], row['ci_high'], signed_hundredths)}"


def _related(rows: "Sequence[Record[augment.Correlation]]") -> str:
    """Say which of the correlations are surely none of 0, and nothing of those whose interval holds it."""
    sure = [row for row in rows if row["ci_low"] > 0 or row["ci_high"] < 0]
    if not sure:
        return "No interval leaves out 0, so that a better covered language gains more, or less, is not shown."
    said = [
        f"over the {_sample(row)} better covered ones gain {'more' if row['value'] > 0 else 'less'}" for row in sure
    ]
    return f"So {listed(said)}."


def _against(result: "augment.Result", control: str) -> str:
    """Say whether the lexicon does better than one of its controls, last layer alone and with DLFA."""
    alone, fused = (_rows(result, f"over_{control}{end}").iloc[0] for end in ("", "_fused"))
    parts = [
        f"{with_interval(row, signed)} {where}{_p(row)}, {_verdict(row)}"
        for row, where in ((alone, "with the last layer alone"), (fused, "with DLFA"))
    ]
    return f"Against {CONTROLS[control]}, the lexicon changes the score by {'; '.join(parts)}."


def _verdict(row: "Record[augment.Effect]") -> str:
    if not row["p_holm"] < CLEAR:
        return "no clear difference"
    return "a gain" if row["value"] > 0 else "a loss"


def levels(result: "augment.Result") -> dict[str, str]:
    """Groups of languages that the result has, with what they are called."""
    there = set(result.cells["level"])
    if "targets" not in there:
        return {"all": LEVELS["all"]}
    return {name: label for name, label in LEVELS.items() if name in there and name != "all"}


def by_language(result: "augment.Result", fused: bool = False) -> pd.DataFrame:
    """A row for each target language: its gain with interval and p, and what the lexicon has of it."""
    name = "augmented_fused" if fused else "augmented"
    own = result.effects[(result.effects["effect"] == name) & (result.effects["level"] == "language")].copy()
    own = own.drop(columns=["effect", "level", "n_languages"]).rename(columns={"group": "language"})
    own = own[own["language"] != result.meta["source_language"]]
    return own.merge(result.languages.copy(), on="language").reset_index(drop=True)


def effect(result: "augment.Result", name: str, level: str = "") -> "Record[augment.Effect] | None":
    """One effect over a group of languages, by default over the target languages; None where there are none."""
    rows = _rows(result, name, level)
    return rows.iloc[0] if len(rows) else None


def facts(result: "augment.Result") -> dict[str, str]:
    """Return what a result was computed from, for the page that is taken home."""
    meta = result.meta
    return {
        "Model": f"{meta['model']}, {meta['fingerprint']}",
        "Task": f"{meta['task']}: trained on {meta['n_train']:,} examples in {find(meta['source_language']).name}, "
        f"chosen on {meta['n_dev']:,}",
        "Lexicon": f"{meta['lexicon_name']} in {len(meta['lexicon_languages'])} languages; {meta['lexicon_licence']}",
        "Methods": ", ".join(METHODS[name].label for name in meta["methods"]),
        "Held out": ", ".join(find(code).name for code in meta["held_out"]) or "nothing",
        "Pre-training": f"{meta['steps']:,} steps of {meta['tokens']:,} tokens on {meta['text']}",
        "Seeds": ", ".join(map(str, meta["seeds"])),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


def score_label(result: "augment.Result") -> str:
    """The main measure as it stands within a sentence."""
    return within(metric(result.meta["metric"]).label)


def summary(result: "augment.Result") -> Iterator[str]:
    """Yield the table, and its effects."""
    meta = result.meta
    level = "targets" if (result.cells["level"] == "targets").any() else "all"
    cells, effects = (result.cells[result.cells["level"] == level], result.effects[result.effects["level"] == level])
    yield (
        f"{meta['task_name']}, {meta['metric']}, mean over {counted(cells['n_languages'].iloc[0], 'language')} and "
        f"{counted(len(meta['seeds']), 'seed')}; DLFA of layer {meta['layer']}, p corrected by Holm:"
    )
    for cell in cells.to_dict("records"):
        yield f"  {cell['arm']}, {cell['fusion']}: {with_interval(cell, thousandths)}"
    for row in effects.to_dict("records"):
        yield f"  {row['effect']}: {with_interval(row, signed)}{_p(row)}"


def _rows(result: "augment.Result", name: str, level: str = "") -> "Table[augment.Effect]":
    level = level or ("targets" if (result.effects["level"] == "targets").any() else "all")
    return result.effects[(result.effects["effect"] == name) & (result.effects["level"] == level)]


def _languages(row: "Record[augment.Effect]") -> str:
    return counted(row["n_languages"], "target language") if row["level"] != "all" else "the source language"


def _p(row: "Record[augment.Effect]") -> str:
    if isnan(row["p_holm"]):
        return ""
    return ", Holm's p\u00a0" + (f"=\u00a0{thousandths(row['p_holm'])}" if row["p_holm"] >= 0.0005 else "<\u00a00.001")
