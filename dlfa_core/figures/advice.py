"""What a recommendation says, in words: the layer to fuse, how surely, and whether a plainer choice does as well."""

from math import isnan

import pandas as pd

from dlfa_core.languages import find
from dlfa_core.measures.classification import metric

NEARLY_ALL = 0.95
ROLES = {
    "chosen": "Chosen: {}",
    "last": "Last layer alone",
    "depth": "Depth alone: {}",
    "dev": "By the dev set: {}",
    "control": "{}",
}
VERDICTS = ("the chosen layer is better", "no difference shown", "better than the chosen layer")


def answer(result) -> str:
    """One sentence on `result`, a `recommend.Result`: the layer, its score, and its gain over the last layer alone."""
    chosen, last = _row(result, "chosen"), _row(result, "last")
    n_languages, n = _extent(result)
    reached = f"{_inside(score_label(result))} {chosen.value:.3f} on {n_languages}"
    gain = f"{signed(last)} against the last layer alone, n = {n:,}"
    where = f"layer {chosen.layer}"
    how = fusion_label(result, chosen.fusion, chosen.weight)
    if isnan(last.gain_low):
        return f"Layer {chosen.layer} is the best to fuse ({how}): {reached}, {gain}. How surely was not computed."
    if last.gain_low > 0:
        return f"Fuse {where} with the last ({how}): {reached}, {gain}."
    if last.gain_high < 0:
        return f"Fuse no layer: the best, {where} ({how}), has {reached}, {gain}."
    return f"No fused layer surely beats the last one alone: the best, {where} ({how}), has {reached}, {gain}."


def sureness(result) -> tuple[str, ...]:
    """What to know before following the advice, in short paragraphs; nothing where nothing was resampled."""
    if isnan(_row(result, "chosen").ci_low):
        return ()
    paragraphs = (_picked(result), _shares(result)), (_depth(result), _controls(result))
    return tuple(filter(None, (" ".join(filter(None, parts)) for parts in paragraphs)))


def without_target_labels(result) -> str:
    """What somebody would have chosen who has no labels in the target languages."""
    dev, chosen = _row(result, "dev"), _row(result, "chosen")
    known = f"Without labels in other languages one can only look at the dev set in {_source(result)}"
    if (dev.layer, dev.weight) == (chosen.layer, chosen.weight):
        return f"{known}, and it points at the same layer."
    return f"{known}. It points at {_choice_label(result, dev)}, which reaches {dev.value:.3f} on the targets."


def choices_table(result) -> pd.DataFrame:
    """One row per choice: against, label, layers, value, ci_low, ci_high, gain, gain_low, gain_high, verdict."""
    table = result.choices.copy()
    table.insert(1, "label", [_choice_label(result, row) for row in table.itertuples()])
    table["verdict"] = [_verdict(row) for row in table.itertuples()]
    return table.drop(columns=["fusion", "layer", "weight"])


def written_choices(table: pd.DataFrame) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """`choices_table` for reading: the headings, and the rows."""
    head = ("Choice", "Score", "95 % interval", "Chosen above it", "95 % interval", "So")
    rows = [
        (
            ROLES[row.against].format(row.label),
            f"{row.value:.3f}",
            _range(row.ci_low, row.ci_high, ".3f"),
            "" if row.against == "chosen" else f"{row.gain:+.3f}",
            "" if row.against == "chosen" else _range(row.gain_low, row.gain_high, "+.3f"),
            row.verdict,
        )
        for row in table.itertuples()
    ]
    return head, rows


def measured_on(result) -> str:
    """What the predictors other than depth were measured on; empty where there are none."""
    closeness = result.meta["closeness"]
    if not closeness:
        return ""
    return (
        f"Closeness of {_source(result)} and each target language, measured on "
        f"{closeness['n']:,} sentences of “{closeness['corpus_name']}”."
    )


def training_facts(result) -> dict[str, str]:
    """What was trained and tested, for the page that is taken home."""
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


def fusion_label(result, fusion: str, weight: str) -> str:
    """A fusion and its weight as a reader sees them."""
    return f"{result.meta['fusions'][fusion]['label']} {weight}".rstrip()


def score_label(result, measure: str = "") -> str:
    """The name of a measure, by default the main one."""
    return metric(measure or result.meta["metric"]).label


def run_label(meta) -> str:
    """What was trained, in a few words: "POS, frozen, English"."""
    return f"{meta['task_name']}, {meta['mode']}, {find(meta['source_language']).name}"


def signed(row) -> str:
    """A gain with its interval."""
    interval = "" if isnan(row.gain_low) else f" [{row.gain_low:+.3f}, {row.gain_high:+.3f}]"
    return f"{row.gain:+.3f}{interval}"


def _inside(label: str) -> str:
    """A label within a sentence: "accuracy", but "POS F1"."""
    return label if label[:2].isupper() or label[1:2].isdigit() else label[0].lower() + label[1:]


def _row(result, against: str):
    rows = result.choices[result.choices["against"] == against]
    return next(rows.itertuples(), None)


def _extent(result) -> tuple[str, int]:
    """How many languages and examples the choice is made on."""
    rows = result.means[result.means["level"] == result.meta["together"]]
    languages = int(rows["n_languages"].iloc[0])
    kind = "target language" if result.meta["together"] == "targets" else "language"
    return f"{languages} {kind}{'s' * (languages != 1)}", int(rows["n"].iloc[0])


def _candidates(result) -> int:
    """Among how many the chosen one is the best."""
    chosen, table = _row(result, "chosen"), result.configurations
    fused = table[table["layer"].notna()]
    return int((fused["fusion"] == chosen.fusion).sum()) if chosen.fusion == "dlfa" else len(fused)


def _picked(result) -> str:
    among = _candidates(result)
    if among < 2:
        return ""
    return f"The interval is widened for the choice: the best of {among} fused layers was picked on these same scores."


def _shares(result) -> str:
    chosen = _row(result, "chosen")
    rows = result.best[
        (result.best["fusion"] == chosen.fusion)
        & (result.best["weight"] == chosen.weight)
        & (result.best["measure"] == result.meta["metric"])
    ]
    shares = rows.set_index("layer")["share"].sort_values(ascending=False, kind="stable")
    if len(shares) < 2:
        return ""
    likely = shares.index[: shares.cumsum().searchsorted(NEARLY_ALL - 1e-9) + 1]
    said = (
        f"Draw the test examples and seeds again, and layer {chosen.layer} is the best of "
        f"{fusion_label(result, chosen.fusion, chosen.weight)} in {100 * shares[chosen.layer]:.0f} % of the draws"
    )
    low, high = min(likely), max(likely)
    return f"{said}." if low == high else f"{said}; 95 % of the best lie between layers {low} and {high}."


def _depth(result) -> str:
    depth = _row(result, "depth")
    if depth is None:
        return ""
    if depth.gain_low > 0:
        return f"The chosen one is {signed(depth)} above a layer taken blindly from {depth.layers}."
    return (
        f"Taking a layer from {depth.layers} blindly does as well, as far as these examples tell: "
        f"the chosen one is {signed(depth)} above their mean."
    )


def _controls(result) -> str:
    rows = [row for row in result.choices.itertuples() if row.against == "control"]
    if not rows:
        return ""
    level = [row for row in rows if row.gain_low <= 0]
    if not level:
        return "It beats every control."
    listed = ", ".join(fusion_label(result, row.fusion, row.weight) for row in level)
    every = len(level) == len(rows)
    said = "It surely beats none of the controls." if every else f"Of the controls it does not surely beat {listed}."
    better = [
        f"{fusion_label(result, row.fusion, row.weight)} by {-row.gain:.3f} [{-row.gain_high:.3f}, {-row.gain_low:.3f}]"
        for row in level
        if row.gain_high < 0
    ]
    return f"{said} Surely better than it: {'; '.join(better)}." if better else said


def _source(result) -> str:
    return find(result.meta["source_language"]).name


def _choice_label(result, row) -> str:
    label = fusion_label(result, row.fusion, row.weight)
    if row.against == "depth":
        return f"{label}, any layer from {row.layers}"
    return f"{label}, layer {row.layers}" if row.layers else label


def _verdict(row) -> str:
    if row.against == "chosen" or isnan(row.gain_low):
        return ""
    if row.gain == row.gain_low == row.gain_high:
        return "the same"
    return VERDICTS[0 if row.gain_low > 0 else 2 if row.gain_high < 0 else 1]


def _range(low: float, high: float, form: str) -> str:
    return "–" if isnan(low) else f"{low:{form}} to {high:{form}}"
