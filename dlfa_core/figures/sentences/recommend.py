"""What a recommendation says, in words: the layer to fuse, how surely, and whether a plainer choice does as well."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from dlfa_core.experiments.training import MODE_LABELS
from dlfa_core.figures.sentences.notes import readable
from dlfa_core.figures.sentences.numbers import (
    Write,
    between,
    counted,
    likely,
    listed,
    percent,
    signed,
    thousandths,
    within,
)
from dlfa_core.languages import find
from dlfa_core.measures.classification import metric
from dlfa_core.tables import Head, Interval, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend

Choice = Record[Literal["against", Head, "layers", Interval, "gain", "gain_low", "gain_high", "same"]]
ROLES = {
    "chosen": "By the dev set: {}",
    "oracle": "Oracle, by the tests: {}",
    "languages": "By other languages: {}",
    "last": "Last layer alone",
    "depth": "Depth alone: {}",
    "random": "Any layer: {}",
    "control": "{}",
}
Verdict = Literal["one run", "unconverged", "not computed", "gain", "loss", "not shown"]
Outcome = Literal["better", "as good", "not shown", "worse"]  # of a plainer choice beside the chosen one
VERDICTS = ("the chosen layer is better", "no difference shown", "better than the chosen layer")


def answer(result: "recommend.Result") -> str:
    """One sentence: the layer that the dev set points at, its score on the tests, its gain over the last alone, and
    whether a plainer choice does as well.
    """
    chosen = chosen_row(result)
    reached, gain = reached_said(result)
    where = f"layer {chosen['layer']}"
    how = f"{fusion_label(result, chosen['fusion'], chosen['weight'])}, chosen on {_dev(result)}"
    one = f"Layer {chosen['layer']} is the one to fuse ({how})"
    return {
        "one run": f"{one} in one run: {reached}, {gain}. One run shows no difference.",
        "unconverged": (f"No verdict before the trainings are at their best: {where} ({how}) has {reached}, {gain}."),
        "not computed": f"{one}: {reached}, {gain}. How surely was not computed.",
        "gain": f"Fuse {where} with the last ({how}): {reached}, {gain}; {rivals(result)}.",
        "loss": f"Fuse no layer: {where} ({how}) has {reached}, {gain}.",
        "not shown": f"No gain over the last layer alone is shown: {where} ({how}) has {reached}, {gain}.",
    }[verdict(result)]


def verdict(result: "recommend.Result") -> Verdict:
    """Return what the chosen layer is against the last one alone, or why that cannot be said."""
    last = _row(result, "last")
    if len(result.meta["seeds"]) == 1:
        return "one run"
    if _is_unconverged(result):
        return "unconverged"
    if isnan(last["gain_low"]):
        return "not computed"
    return "gain" if last["gain_low"] > 0 else "loss" if last["gain_high"] < 0 else "not shown"


def plainer(result: "recommend.Result") -> dict[Outcome, list[str]]:
    """Return the plainer choices by how they do beside the chosen layer, each as a reader calls it.

    They are a layer taken blindly, high or anywhere, and the controls; the last layer alone is what gains are over.
    """
    found: dict[Outcome, list[str]] = {"better": [], "as good": [], "not shown": [], "worse": []}
    for row in result.choices.to_dict("records"):
        if row["against"] in ("depth", "random", "control") and not isnan(row["gain_low"]):
            control = row["against"] == "control"
            said = fusion_label(result, row["fusion"], row["weight"]) if control else _blind(row["layers"])
            found[_outcome(row)].append(said)
    return found


def rivals(result: "recommend.Result") -> str:
    """Say how the plainer choices do, beginning with those that do best."""
    found = plainer(result)
    if found["better"]:
        return f"but {few_of(found['better'])} is better still"
    if found["as good"]:
        return f"but {few_of(found['as good'])} does as well, to within {result.meta['margin']:.2f}"
    if found["not shown"]:
        return f"that it beats {few_of(found['not shown'])} is not shown"
    return f"every plainer choice does worse{_nearest(result)}" if found["worse"] else "no plainer choice was tried"


def _nearest(result: "recommend.Result") -> str:
    """Return the plainer choice that comes nearest and what it costs, in brackets."""
    table = result.choices.copy()
    row = table[table["against"].isin(["depth", "random", "control"])].sort_values("gain").iloc[0]
    label = fusion_label(result, row["fusion"], row["weight"]) if row["against"] == "control" else "a blind layer"
    return f", {few_of([label])} by {thousandths(row['gain'])}{between(row['gain_low'], row['gain_high'], thousandths)}"


def few_of(names: Sequence[str]) -> str:
    """Return the name of a plainer choice and how many there are besides."""
    first = names[0][0].lower() + names[0][1:] if names[0][1:2].islower() else names[0]
    return first if len(names) == 1 else f"{first} (and {counted(len(names) - 1, 'other plain choice')})"


def chosen_row(result: "recommend.Result") -> Choice:
    """Return the row of the layer that the dev set points at."""
    return _row(result, "chosen")


def reached_said(result: "recommend.Result") -> tuple[str, str]:
    """Return what the chosen layer reaches, and its gain over the last one alone with n, as parts of a sentence."""
    n_languages, n = _extent(result)
    reached = f"{within(score_label(result))} {thousandths(chosen_row(result)['value'])} on {n_languages}"
    return reached, f"{_gain(_row(result, 'last'))} against the last layer alone, n = {n:,}"


def confidence(result: "recommend.Result") -> tuple[str, ...]:
    """Say what to know before following the advice, in short paragraphs."""
    paragraphs = (sure(result), _oracle(result)), (_unconverged(result), _depth(result), _controls(result))
    return tuple(filter(None, (" ".join(filter(None, parts)) for parts in paragraphs)))


def sure(result: "recommend.Result") -> str:
    """Say how often the dev set points at the same layer, when it is drawn again."""
    rows = result.dev_best
    if len(rows) < 2 or rows["share"].isna().any():
        return ""
    chosen = _row(result, "chosen")
    own = rows.copy().query("weight == @chosen['weight'] and fusion == @chosen['fusion']")
    share = float(own.loc[own["layer"] == chosen["layer"], "share"].iloc[0])
    drawn = f"Draw the {result.meta['n_dev']:,} dev examples and the seeds again"
    said = f"{drawn}, and they point at it in {percent(share)} of the draws"
    layers = likely(rows.copy().groupby("layer")["share"].sum())
    return f"{said}, and nearly always at layers {layers[0]} to {layers[-1]}." if len(layers) > 1 else f"{said}."


def sure_on_tests(result: "recommend.Result") -> str:
    """Say how often the chosen layer is the best of its fusion on the tests, and why the dev set is less sure."""
    chosen, rows = _row(result, "chosen"), result.best.copy()
    own = rows[(rows["measure"] == result.meta["metric"]) & (rows["layer"] == chosen["layer"])]
    own = own[(own["fusion"] == chosen["fusion"]) & (own["weight"] == chosen["weight"])]["share"].dropna()
    if own.empty:
        return ""
    n_languages, n = _extent(result)
    return (
        f"On the tests, layer {chosen['layer']} is the best of its row in {percent(float(own.iloc[0]))} of the draws "
        f"of {n:,} examples in {n_languages}; the dev set, which has to choose without them, has "
        f"{result.meta['n_dev']:,}."
    )


def summary(result: "recommend.Result") -> Iterator[str]:
    """Yield the advice, and how surely it is one."""
    yield from (answer(result), *confidence(result))


def choices_table(result: "recommend.Result") -> pd.DataFrame:
    """One row per choice: against, label, layers, value, ci_low, ci_high, gain, gain_low, gain_high, same, verdict."""
    table, rows = result.choices.copy(), result.choices.to_dict("records")
    table.insert(1, "label", [_choice_label(result, row) for row in rows])
    table["verdict"] = [_verdict(result, row) for row in rows]
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


def trained_said(result: "recommend.Result") -> str:
    """Say what was trained and tested, in a sentence."""
    meta = result.meta
    first = f"{meta['n_first']:,} and then " if meta.get("n_first") else ""
    return (
        f"Trained on {first}{meta['n_train']:,} examples of {meta['task_name']} in {_source(result)}, with "
        f"{meta['n_dev']:,} more to choose epochs and the layer on, and {counted(len(meta['seeds']), 'seed')}; tested "
        f"in {listed([find(code).name for code in meta['languages']])}."
    )


def quality(results: Iterable["recommend.Result"]) -> str:
    """Return how good an encoder is in a few words: what its chosen layers reach on the languages that they were not
    trained in, task by task, such as "POS .66, XNLI .39".
    """
    scores = {result.meta["task_name"]: float(chosen_row(result)["value"]) for result in results}
    return ", ".join(f"{task} {f'{score:.2f}'.removeprefix('0')}" for task, score in scores.items())


def training_facts(result: "recommend.Result") -> dict[str, str]:
    """Return what was trained and tested, for the page that is taken home."""
    meta = result.meta
    size = f"{meta['n_layers']} blocks of {meta['hidden_size']} neurons"
    return {
        "Model": f"{meta['model']}, {size}, {MODE_LABELS[meta['mode']]}",
        "Weights": meta["fingerprint"],
        "Task": f"{meta['task_name']} ({meta['task']}), licence of the data: {meta['licence']}",
        "Trained on": f"{meta['n_train']:,} examples in {_source(result)}, {meta['n_dev']:,} more to choose epochs on",
        "Tested on": ", ".join(f"{code} {n:,}" for code, n in meta["n_test"].items()),
        "Seeds": ", ".join(map(str, meta["seeds"])),
        **{f"Note {i}": readable(text) for i, text in enumerate(meta["warnings"], 1)},
    }


def fusion_label(result: "recommend.Result", fusion: str, weight: str) -> str:
    """A fusion and its weight as a reader sees them."""
    return f"{result.meta['fusions'][fusion]['label']} {weight}".rstrip()


def score_label(result: "recommend.Result", measure: str = "") -> str:
    """The name of a measure, by default the main one."""
    return metric(measure or result.meta["metric"]).label


def run_label(meta: Mapping[str, Any]) -> str:
    """Return what was trained, in a few words: "POS, frozen, English"; of a bundled task "XCOPA sample, …"."""
    bundled = meta["task"].endswith(":sample") and not meta["task"].startswith("sentiment")  # whose name says no more
    name = f"{meta['task_name']} sample" if bundled else meta["task_name"]
    return f"{name}, {MODE_LABELS[meta['mode']]}, {find(meta['source_language']).name}"


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


def _oracle(result: "recommend.Result") -> str:
    """Say what the choice costs beside the best one that the tests themselves know."""
    oracle, chosen = _row(result, "oracle"), _row(result, "chosen")
    if (oracle["layer"], oracle["weight"], oracle["fusion"]) == (chosen["layer"], chosen["weight"], chosen["fusion"]):
        return "It is the best one on the tests, too."
    said = f"The oracle, which knows the tests, takes {_choice_label(result, oracle)}: {thousandths(oracle['value'])}"
    if isnan(oracle["gain_low"]):
        return f"{said}."
    cost = f"{thousandths(-oracle['gain'])}{between(-oracle['gain_high'], -oracle['gain_low'], thousandths)}"
    return f"{said}. Choosing without them costs {cost}."


def _unconverged(result: "recommend.Result") -> str:
    """Say that a comparison means little before trainings are at their best."""
    late, heads = result.meta["late"]
    said = f"{late} of {heads} trainings were still getting better: what they would have reached is not known."
    return said if _is_unconverged(result) else ""


def _is_unconverged(result: "recommend.Result") -> bool:
    """Tell whether more than one training in ten was still getting better."""
    late, heads = result.meta["late"]
    return bool(10 * late > heads)


def _depth(result: "recommend.Result") -> str:
    if not (result.choices["against"] == "depth").any():
        return ""
    depth = _row(result, "depth")
    blind = _blind(depth["layers"])
    if isnan(depth["gain_low"]):
        return ""
    if depth["same"]:
        return f"{blind[0].upper()}{blind[1:]} does as well, to within {_margin(result)}: {_gain(depth)}."
    if depth["gain_low"] > 0:
        return f"The chosen one is {_gain(depth)} above {blind}."
    if depth["gain_high"] < 0:
        return f"The chosen one is {_gain(depth)} against {blind}, which is better."
    return f"Whether it is better than {blind} is not shown: {_gain(depth)}."


def _blind(layers: str) -> str:
    return f"a layer taken blindly from {layers}"


def _controls(result: "recommend.Result") -> str:
    rows = [row for row in result.choices.to_dict("records") if row["against"] == "control"]
    if not rows or any(isnan(row["gain_low"]) for row in rows):
        return ""
    said = []
    for what, own in (
        ("It is better than", [row for row in rows if row["gain_low"] > 0]),
        ("Better than it", [row for row in rows if row["gain_high"] < 0]),
        (f"As good as it, to within {_margin(result)}", [row for row in rows if row["same"] and not _differs(row)]),
        ("No difference is shown to", [row for row in rows if not row["same"] and not _differs(row)]),
    ):
        if own:
            named = [f"{fusion_label(result, row['fusion'], row['weight'])} ({_gain(row)})" for row in own]
            said.append(f"{what}: {'; '.join(named)}.")
    return " ".join(said)


def _outcome(row: Choice) -> Outcome:
    if _differs(row):
        return "worse" if row["gain_low"] > 0 else "better"
    return "as good" if row["same"] else "not shown"


def _differs(row: Choice) -> bool:
    return bool(row["gain_low"] > 0 or row["gain_high"] < 0)


def _margin(result: "recommend.Result") -> str:
    return f"{result.meta['margin']:.2f}"


def _dev(result: "recommend.Result") -> str:
    return f"the {_source(result)} dev set"


def _source(result: "recommend.Result") -> str:
    return find(result.meta["source_language"]).name


def _choice_label(result: "recommend.Result", row: Choice) -> str:
    label = fusion_label(result, row["fusion"], row["weight"])
    if row["against"] in ("depth", "random"):
        return f"{label}, any of layers {row['layers']}"
    return f"{label}, layer {row['layers']}" if row["layers"] else label


def _verdict(result: "recommend.Result", row: Choice) -> str:
    if row["against"] == "chosen" or isnan(row["gain_low"]):
        return ""
    if row["gain"] == row["gain_low"] == row["gain_high"] == 0:
        return "the same"
    if row["same"] and not _differs(row):
        return f"as good, to within {_margin(result)}"
    return VERDICTS[0 if row["gain_low"] > 0 else 2 if row["gain_high"] < 0 else 1]


def _range(low: float, high: float, write: Write) -> str:
    return "–" if isnan(low) else f"{write(low)} to {write(high)}"
