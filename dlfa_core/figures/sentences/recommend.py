"""What a recommendation says, in words: the layer to fuse, how surely, and whether a plainer choice does as well."""

from collections.abc import Iterator, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from dlfa_core.figures.sentences.numbers import (
    Write,
    between,
    counted,
    drawn_again,
    likely,
    signed,
    thousandths,
    within,
)
from dlfa_core.languages import find
from dlfa_core.measures.classification import metric
from dlfa_core.tables import Head, Interval, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend

Choice = Record[Literal["against", Head, "layers", Interval, "gain", "gain_low", "gain_high"]]
ROLES = {
    "chosen": "Chosen: {}",
    "last": "Last layer alone",
    "depth": "Depth alone: {}",
    "dev": "By the dev set: {}",
    "control": "{}",
}
VERDICTS = ("the chosen layer is better", "no difference shown", "better than the chosen layer")


def answer(result: "recommend.Result") -> str:
    """One sentence: the layer, its score, and its gain over the last layer alone."""
    chosen, last = _row(result, "chosen"), _row(result, "last")
    n_languages, n = _extent(result)
    reached = f"{within(score_label(result))} {thousandths(chosen['value'])} on {n_languages}"
    gain = f"{_gain(last)} against the last layer alone, n = {n:,}{', one run' if _one_run(result) else ''}"
    where = f"layer {chosen['layer']}"
    how = fusion_label(result, chosen["fusion"], chosen["weight"])
    if isnan(last["gain_low"]):
        return f"Layer {chosen['layer']} is the best to fuse ({how}): {reached}, {gain}. How surely was not computed."
    if last["gain_low"] > 0:
        return f"Fuse {where} with the last ({how}): {reached}, {gain}."
    if last["gain_high"] < 0:
        return f"Fuse no layer: the best, {where} ({how}), has {reached}, {gain}."
    return f"No fused layer surely beats the last one alone: the best, {where} ({how}), has {reached}, {gain}."


def confidence(result: "recommend.Result") -> tuple[str, ...]:
    """Say what to know before following the advice, in short paragraphs; nothing where nothing was resampled."""
    if isnan(_row(result, "chosen")["ci_low"]):
        return ()
    paragraphs = (_picked(result), _shares(result)), (_depth(result), _controls(result))
    return tuple(filter(None, (" ".join(filter(None, parts)) for parts in paragraphs)))


def without_target_labels(result: "recommend.Result") -> str:
    """Say what somebody would have chosen who has no labels in the target languages."""
    dev, chosen = _row(result, "dev"), _row(result, "chosen")
    known = f"Without labels in other languages one can only look at the dev set in {_source(result)}"
    if (dev["layer"], dev["weight"]) == (chosen["layer"], chosen["weight"]):
        return f"{known}, and it points at the same layer."
    return (
        f"{known}. It points at {_choice_label(result, dev)}, which reaches {thousandths(dev['value'])} on the targets."
    )


def summary(result: "recommend.Result") -> Iterator[str]:
    """Yield the advice, and how surely it is one."""
    yield from (answer(result), *confidence(result))


def choices_table(result: "recommend.Result") -> pd.DataFrame:
    """One row per choice: against, label, layers, value, ci_low, ci_high, gain, gain_low, gain_high, verdict."""
    table, rows = result.choices.copy(), result.choices.to_dict("records")
    table.insert(1, "label", [_choice_label(result, row) for row in rows])
    table["verdict"] = [_verdict(row) for row in rows]
    return table.drop(columns=["fusion", "layer", "weight"])


def written_choices(table: pd.DataFrame) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """`choices_table` for reading: the headings, and the rows."""
    head = ("Choice", "Score", "95 % interval", "Chosen above it", "95 % interval", "So")
    rows: list[tuple[str, ...]] = [
        (
            ROLES[row["against"]].format(row["label"]),
            thousandths(row["value"]),
            _range(row["ci_low"], row["ci_high"], thousandths),
            "" if row["against"] == "chosen" else signed(row["gain"]),
            "" if row["against"] == "chosen" else _range(row["gain_low"], row["gain_high"], signed),
            row["verdict"],
        )
        for row in table.to_dict("records")
    ]
    return head, rows


def measured_on(result: "recommend.Result") -> str:
    """Say what the predictors other than depth were measured on; empty where there are none."""
    similarity = result.meta["similarity"]
    if not similarity:
        return ""
    return (
        f"Similarity of {_source(result)} and each target language, measured on "
        f"{similarity['n']:,} sentences of “{similarity['corpus_name']}”."
    )


def training_facts(result: "recommend.Result") -> dict[str, str]:
    """Return what was trained and tested, for the page that is taken home."""
    meta = result.meta
    return {
        "Model": f"{meta['model']}, {meta['n_layers']} blocks of {meta['hidden_size']} neurons, {meta['mode']}",
        "Weights": meta["fingerprint"],
        "Task": f"{meta['task_name']} ({meta['task']}), licence of the data: {meta['licence']}",
        "Trained on": f"{meta['n_train']:,} examples in {_source(result)}, {meta['n_dev']:,} more to choose epochs on",
        "Tested on": ", ".join(f"{code} {n:,}" for code, n in meta["n_test"].items()),
        "Seeds": ", ".join(map(str, meta["seeds"])),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


def fusion_label(result: "recommend.Result", fusion: str, weight: str) -> str:
    """A fusion and its weight as a reader sees them."""
    return f"{result.meta['fusions'][fusion]['label']} {weight}".rstrip()


def score_label(result: "recommend.Result", measure: str = "") -> str:
    """The name of a measure, by default the main one."""
    return metric(measure or result.meta["metric"]).label


def run_label(meta: Mapping[str, Any]) -> str:
    """Return what was trained, in a few words: "POS, frozen, English"."""
    return f"{meta['task_name']}, {meta['mode']}, {find(meta['source_language']).name}"


def _gain(row: Choice) -> str:
    return f"{signed(row['gain'])}{between(row['gain_low'], row['gain_high'], signed)}"


def _row(result: "recommend.Result", against: str) -> Choice:
    """Return the first choice of this kind; there is always one that is chosen, the last layer, and the dev set's."""
    return result.choices[result.choices["against"] == against].iloc[0]


def _extent(result: "recommend.Result") -> tuple[str, int]:
    """Say how many languages and examples the choice is made on."""
    rows = result.means[result.means["level"] == result.meta["together"]]
    languages = int(rows["n_languages"].iloc[0])
    kind = "target language" if result.meta["together"] == "targets" else "language"
    return counted(languages, kind), int(rows["n"].iloc[0])


def _candidates(result: "recommend.Result") -> int:
    """Among how many the chosen one is the best."""
    chosen, table = _row(result, "chosen"), result.configurations
    fused = table[table["layer"].notna()]
    return int((fused["fusion"] == chosen["fusion"]).sum()) if chosen["fusion"] == "dlfa" else len(fused)


def _picked(result: "recommend.Result") -> str:
    among = _candidates(result)
    if among < 2:
        return ""
    return f"The interval is widened for the choice: the best of {among} fused layers was picked on these same scores."


def _shares(result: "recommend.Result") -> str:
    chosen = _row(result, "chosen")
    rows = result.best[
        (result.best["fusion"] == chosen["fusion"])
        & (result.best["weight"] == chosen["weight"])
        & (result.best["measure"] == result.meta["metric"])
    ]
    shares = rows.set_index("layer")["share"]
    if len(shares) < 2:
        return ""
    best = f"layer {chosen['layer']} is the best of {fusion_label(result, chosen['fusion'], chosen['weight'])}"
    return drawn_again("the test examples and seeds", best, shares[chosen["layer"]], likely(shares))


def _depth(result: "recommend.Result") -> str:
    if not (result.choices["against"] == "depth").any():
        return ""
    depth = _row(result, "depth")
    if depth["gain_low"] > 0:
        return f"The chosen one is {_gain(depth)} above a layer taken blindly from {depth['layers']}."
    return (
        f"Taking a layer from {depth['layers']} blindly does as well, as far as these examples tell: "
        f"the chosen one is {_gain(depth)} above their mean."
    )


def _controls(result: "recommend.Result") -> str:
    rows = result.choices[result.choices["against"] == "control"].to_dict("records")
    if not rows:
        return ""
    level = [row for row in rows if row["gain_low"] <= 0]
    if not level:
        return f"It beats every control{' in this one run' if _one_run(result) else ''}."
    listed = ", ".join(fusion_label(result, row["fusion"], row["weight"]) for row in level)
    every = len(level) == len(rows)
    said = "It surely beats none of the controls." if every else f"Of the controls it does not surely beat {listed}."
    better = [
        f"{fusion_label(result, row['fusion'], row['weight'])} by {thousandths(-row['gain'])}"
        f"{between(-row['gain_high'], -row['gain_low'], thousandths)}"
        for row in level
        if row["gain_high"] < 0
    ]
    return f"{said} Surely better than it: {'; '.join(better)}." if better else said


def _one_run(result: "recommend.Result") -> bool:
    """Tell whether each head was trained once, so that intervals know nothing of what another seed would bring."""
    return len(result.meta["seeds"]) == 1


def _source(result: "recommend.Result") -> str:
    return find(result.meta["source_language"]).name


def _choice_label(result: "recommend.Result", row: Choice) -> str:
    label = fusion_label(result, row["fusion"], row["weight"])
    if row["against"] == "depth":
        return f"{label}, any layer from {row['layers']}"
    return f"{label}, layer {row['layers']}" if row["layers"] else label


def _verdict(row: Choice) -> str:
    if row["against"] == "chosen" or isnan(row["gain_low"]):
        return ""
    if row["gain"] == row["gain_low"] == row["gain_high"]:
        return "the same"
    return VERDICTS[0 if row["gain_low"] > 0 else 2 if row["gain_high"] < 0 else 1]


def _range(low: float, high: float, write: Write) -> str:
    return "–" if isnan(low) else f"{write(low)} to {write(high)}"
