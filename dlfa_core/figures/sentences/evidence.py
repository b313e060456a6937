"""What all signals say together about the layer to fuse, in plain words; each number is that of its own page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dlfa_core.figures.sentences import profile as similarity
from dlfa_core.figures.sentences import structure as probes
from dlfa_core.figures.sentences.numbers import (
    Write,
    between,
    likely,
    listed,
    plain,
    signed,
    thousandths,
    with_interval,
    within,
)
from dlfa_core.figures.sentences.recommend import (
    Verdict,
    chosen_row,
    few_of,
    plainer,
    reached_said,
    rivals,
    sure,
    verdict,
)
from dlfa_core.measures.pareto import non_dominated, surely_dominated
from dlfa_core.tables import Interval, Record, highest

if TYPE_CHECKING:
    from dlfa_core.experiments import gates, profile, recommend, structure

MEASURES = ("cka", "anc", "retrieval_cosine")
DEPTH = "depth"
CHOSEN = "the choice of the dev set"
_WHY = (
    "CKA and ANC compare the shape of whole clouds of sentences, which shared names and numbers make alike already "
    "among the embeddings; retrieval asks whether a sentence lies nearest to its own translation, and a task needs "
    "grammar or meaning besides."
)


@dataclass(frozen=True)  # two of the same results are the same
class Evidence:
    """Everything that is known about the layers of one encoder for one task.

    Attributes:
        trained: what each fused layer gains.
        profiled: how close languages are at each layer, or None.
        probed: what probes find in each layer, or None.
        gated: the gates of task models of this task.
    """

    trained: "recommend.Result"
    profiled: "profile.Result | None" = None
    probed: "structure.Result | None" = None
    gated: "Sequence[gates.Result]" = ()

    @property
    def last(self) -> int:
        """The number of the last layer."""
        return int(self.trained.meta["n_layers"])

    @property
    def measures(self) -> tuple[str, ...]:
        """The similarity measures that are shown, as far as they were taken."""
        return tuple(m for m in MEASURES if self.profiled is not None and m in set(self.profiled.means["measure"]))


class Peak(NamedTuple):
    """Where a signal is highest, and the layers that may be its highest when its examples are drawn again."""

    layer: int
    likely: tuple[int, ...]


def answer(result: "recommend.Result") -> str:
    """One sentence: which layer to fuse for the task, what it brings, and whether a plainer choice does as well."""
    task, layer = f"{result.meta['task_name']}, {_trained(result)}", chosen_row(result)["layer"]
    reached, gain = reached_said(result)
    numbers = f"{reached}, {gain}"
    pointed = f"layer {layer}, which the dev set points at, has {numbers}"
    return {
        "one run": f"For {task}, one run points at layer {layer}, and one run shows no difference: {numbers}.",
        "unconverged": f"For {task}, there is no verdict, as trainings were still getting better: {pointed}.",
        "not computed": f"For {task}, layer {layer} is the one to fuse; how surely was not computed: {numbers}.",
        "gain": f"For {task}, fuse layer {layer} with the last layer: {numbers}; {rivals(result)}.",
        "loss": f"For {task}, fuse no layer, the last one alone is better: {pointed}.",
        "not shown": f"For {task}, no layer is shown to be worth fusing: {pointed}.",
    }[verdict(result)]


def _trained(result: "recommend.Result") -> str:
    frozen = result.meta["mode"] == "frozen"
    return "with the encoder as it is" if frozen else "with the encoder fine-tuned"


def reliability(result: "recommend.Result") -> str:
    """Say who chose the layer and who scored it, and how often the choice would be the same."""
    chose = "The dev set in the training language chose the layer; test languages, which had no say in it, scored it."
    return " ".join(filter(None, [chose, sure(result)]))


def short_verdict(result: "recommend.Result") -> str:
    """Return in a few words whether the chosen layer is worth it, and whether a plainer choice does as well."""
    chosen = chosen_row(result)["layer"]
    few: Mapping[Verdict, str] = {
        "one run": "one run, no verdict",
        "unconverged": "trainings not at their best, no verdict",
        "not computed": "not tested",
        "loss": "last layer alone is better",
        "not shown": "no gain shown",
    }
    if (found := verdict(result)) != "gain":
        return f"layer {chosen}: {few[found]}"
    others = plainer(result)
    if at_least := others["better"] + others["as good"]:
        return f"layer {chosen}: {few_of(at_least)} does as well"
    if others["not shown"]:
        return f"layer {chosen}: not shown to beat {few_of(others['not shown'])}"
    return f"layer {chosen}: beats every plainer choice"


def at_layer(evidence: Evidence, layer: int) -> str:
    """Say what every signal says of one layer, in a sentence."""
    parts = [
        f"{within(label)} {with_interval(row, write)}"
        for label, row, write in _signals(evidence, layer)
        if pd.notna(row["value"])
    ]
    gain = gain_at(evidence.trained, layer)
    if gain is not None:
        ends = between(gain["joint_low"], gain["joint_high"], signed)
        parts.append(f"fused with the last, gain {signed(gain['value'])}{ends}, for all layers at once")
    where = "Layer 0, the embeddings" if layer == 0 else f"Layer {layer}"
    where = f"{where}, the last" if layer == evidence.last else where
    return f"{where}: {'; '.join(parts)}." if parts else f"{where}: nothing was measured."


def gain_at(result: "recommend.Result", layer: int) -> Record[Any] | None:
    """Return the chosen fusion's gain at a layer, a row of `differences`; None where it was not fused."""
    rows = gains_of_chosen(result)
    own = rows[rows["layer"] == layer]
    return None if own.empty else own.to_dict("records")[0]


def gains_of_chosen(result: "recommend.Result") -> pd.DataFrame:
    """Return the gains of the chosen fusion over the last layer alone, by layer, as in `differences`."""
    chosen, rows = chosen_row(result), result.differences.copy()
    own = (rows["fusion"] == chosen["fusion"]) & (rows["weight"] == chosen["weight"]) & rows["layer"].notna()
    together = (rows["level"] == result.meta["together"]) & (rows["measure"] == result.meta["metric"])
    return rows[own & together].sort_values("layer")


def disagreement(evidence: Evidence) -> str:
    """Say which signals point at other layers than the dev set does, and why that can be; or that none does.

    A signal points elsewhere where none of the layers that may be its highest may be the dev set's choice.
    """
    signals = peaks(evidence)
    choice = signals.pop(CHOSEN, None)
    if choice is None or not signals:
        return ""
    apart = {name: peak for name, peak in signals.items() if not {*peak.likely} & {*choice.likely}}
    if not apart:
        names = f"{listed([*signals])} {'does' if len(signals) == 1 else 'do'}"
        return f"{names} not contradict the choice of the dev set, layer {choice.layer}."
    said = listed([f"{name} at layer {peak.layer}" for name, peak in apart.items()])
    return f"Some signals are highest elsewhere than at layer {choice.layer}, the choice of the dev set: {said}. {_WHY}"


def similarity_alone(evidence: Evidence, results: "Sequence[recommend.Result]") -> str:
    """Say what a choice by similarity alone would have missed: that tasks differ, and what fusing brings.

    Args:
        evidence: of one task.
        results: of all tasks of the encoder.
    """
    if evidence.profiled is None or not evidence.measures:
        return ""
    measure = evidence.measures[0]
    label, best = short_label(measure), similarity.meeting(evidence.profiled, measure).layer
    others: dict[int, list[str]] = {}
    for result in results:
        layer, tuned = chosen_row(result)["layer"], "" if result.meta["mode"] == "frozen" else " (fine-tuned)"
        if pd.notna(layer) and layer != best:
            others.setdefault(int(layer), []).append(f"{result.meta['task_name']}{tuned}")
    said = [f"{label} alone would name layer {best} for every task."]
    if others:
        chosen = listed([f"layer {layer} for {listed(tasks)}" for layer, tasks in sorted(others.items())])
        said.append(f"The dev sets choose {chosen}.")
    if helpless := _alike_without_gain(evidence, measure):
        layer, row = helpless
        gain = f"{signed(row['value'])}{between(row['joint_low'], row['joint_high'], signed)}"
        alike = evidence.profiled.means.copy().query("measure == @measure and layer == @layer").iloc[0]
        said.append(
            f"Nor does it say what fusing brings: at layer {layer} translations are alike, too ({label} "
            f"{with_interval(alike)}, above unrelated sentences), and the gain there is {gain}, for all layers at once."
        )
    return " ".join(said)


def _alike_without_gain(evidence: Evidence, measure: str) -> tuple[int, Record[Any]] | None:
    """Return the most alike of the layers that are shown to be alike and not shown to be worth fusing."""
    assert evidence.profiled is not None
    means, gains = evidence.profiled.means.copy(), gains_of_chosen(evidence.trained)
    rows = means[(means["measure"] == measure) & (means["ci_low"] > means["null_high"])]
    useless = {int(row["layer"]): row for row in gains.to_dict("records") if row["joint_low"] <= 0}
    rows = rows[rows["layer"].isin(list(useless))]
    if rows.empty:
        return None
    layer = int(rows["layer"].iloc[int(rows["value"].argmax())])
    return layer, useless[layer]


def peaks(evidence: Evidence) -> dict[str, Peak]:
    """Return signal -> where it is highest; of the gain, `CHOSEN`, the layer that the dev set points at."""
    found = {}
    if evidence.profiled is not None:
        for name in evidence.measures:
            best = similarity.meeting(evidence.profiled, name)
            found[short_label(name)] = Peak(best.layer, best.likely or (best.layer,))
    if evidence.probed is not None:
        rows = probes.curve(evidence.probed, "word_selectivity")
        if not rows.empty:
            top = highest(rows, rows["value"])
            near = rows[~(rows["ci_high"] < top["ci_low"])]["layer"] if pd.notna(top["ci_low"]) else [top["layer"]]
            found["the probe for parts of speech"] = Peak(int(top["layer"]), tuple(map(int, near)))
    layer = chosen_row(evidence.trained)["layer"]
    if pd.notna(layer):
        shares = evidence.trained.dev_best.copy().groupby("layer")["share"].sum(min_count=1).dropna()
        found[CHOSEN] = Peak(int(layer), likely(shares) if len(shares) else (int(layer),))
    return found


def short_label(measure: str) -> str:
    """Return a measure of similarity as it stands in a list: "CKA", "retrieval"."""
    return within(similarity.label_of(measure).partition(",")[0])


def chosen_layer(evidence: Evidence) -> int:
    """Return the layer that the dev set points at; the last one where it points at none."""
    layer = chosen_row(evidence.trained)["layer"]
    return int(layer) if pd.notna(layer) else evidence.last


def ranking(table: pd.DataFrame) -> str:
    """Say which predictor orders the layers most like their scores, and what plain depth does.

    Args:
        table: of `figures.gains.predictor_table`.
    """
    rows = table.dropna(subset=["value"])
    depth = rows[rows["predictor"] == DEPTH]
    if depth.empty:
        return ""
    about = f"over {int(depth['n_layers'].iloc[0])} fused layers"
    alone = f"depth alone {_correlation(depth.iloc[0])}"
    others = rows[rows["predictor"] != DEPTH]
    if others.empty:
        return f"How well the number of a layer orders them by their scores, {about}: {alone}."
    best = others.iloc[int(others["value"].argmax())]
    if pd.isna(best["ci_low"]):
        return f"Too few layers were fused to say what puts them in order, {about}."
    if best["ci_low"] <= 0:
        return f"No signal is shown to put the layers in the order of their scores, {about}; {alone}."
    return (
        f"Rank correlation with the scores {about}: highest for {within(best['label'])}, {_correlation(best)}; {alone}."
    )


def balance_said(evidence: Evidence, measure: str) -> str:
    """Say which layers no other one beats in both, similarity and structure; of values, not of their intervals."""
    table = balance_table(evidence, measure)
    if table.empty:
        return ""
    best = [str(layer) for layer in table.loc[table["best"], "layer"]]
    sure_ones = [str(layer) for layer in table.loc[table["surely_dominated"], "layer"]]
    one = f"layer {best[0]} is" if len(best) == 1 else f"layers {listed(best)} are"
    said = f"By their values, {one} beaten by no other layer in both {within(similarity.label_of(measure))} and grammar"
    if not sure_ones:
        return f"{said}; by their intervals no layer is surely beaten."
    return f"{said}; {_numbered(sure_ones)} surely beaten: another layer's intervals lie above in both."


def balance_table(evidence: Evidence, measure: str) -> pd.DataFrame:
    """One row per layer: layer, x and y with their ends (`x_low` ...), best, surely_dominated.

    x is the selectivity of the probe for parts of speech in the test languages, y the similarity of translations.
    Empty where one of both is missing.
    """
    columns = ["layer", "x", "x_low", "x_high", "y", "y_low", "y_high", "best", "surely_dominated"]
    if evidence.profiled is None or evidence.probed is None or measure not in evidence.measures:
        return pd.DataFrame(columns=columns)
    means = evidence.profiled.means.copy()
    x = _axis(probes.curve(evidence.probed, "word_selectivity").copy(), "x")
    y = _axis(means[means["measure"] == measure], "y")
    both = x.merge(y, on="layer").sort_values("layer", ignore_index=True)
    best = non_dominated(both[["x", "y"]].to_numpy(float).reshape(-1, 2))
    sure_ones = surely_dominated(
        both[["x_low", "y_low"]].to_numpy(float).reshape(-1, 2),
        both[["x_high", "y_high"]].to_numpy(float).reshape(-1, 2),
    )
    return both.assign(best=best, surely_dominated=sure_ones)[columns]


def gate_rows(gated: "Sequence[gates.Result]") -> Iterator[tuple[str, int, Record[Interval]]]:
    """Yield model, fused layer and the mean gate over all words of every model that fuses a layer."""
    for result in gated:
        for about in result.meta["models"]:
            rows = result.means[(result.means["model"] == about["name"]) & (result.means["measure"] == "gate")]
            rows = rows[rows["level"] == "all"]
            if about["layer"] is not None and not rows.empty:
                yield about["name"], int(about["layer"]), rows.iloc[0]


def _signals(evidence: Evidence, layer: int) -> Iterator[tuple[str, Record[Interval], Write]]:
    """Yield what was measured at a layer, signal by signal."""
    if evidence.profiled is not None:
        means = evidence.profiled.means
        for name in evidence.measures:
            rows = means[(means["measure"] == name) & (means["layer"] == layer)]
            yield from ((short_label(name), row, plain) for row in rows.to_dict("records"))
    if evidence.probed is not None:
        for measure, label in (
            ("word_selectivity", "selectivity of parts of speech"),
            ("language_selectivity", "of language"),
            *([("distance_to_last", probes.LABELS["distance_to_last"])] if layer < evidence.last else []),
        ):
            scores = probes.curve(evidence.probed, measure)
            yield from ((label, row, plain) for row in scores[scores["layer"] == layer].to_dict("records"))
    for _, fused, row in gate_rows(evidence.gated):
        if fused == layer:
            yield "mean gate", row, thousandths


def _axis(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows[["layer", "value", "ci_low", "ci_high"]].set_axis(
        ["layer", name, f"{name}_low", f"{name}_high"], axis=1
    )


def _numbered(layers: Sequence[str]) -> str:
    return f"layer {layers[0]} is" if len(layers) == 1 else f"layers {listed(layers)} are"


def _correlation(row: Any) -> str:
    held = ", an interval that holds 0" if row["ci_low"] <= 0 <= row["ci_high"] else ""
    return f"{plain(row['value'])}{between(row['ci_low'], row['ci_high'])}{held}"
