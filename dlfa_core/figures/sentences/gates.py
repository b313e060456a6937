"""What a look into the gates says, in words, with intervals and n."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.numbers import counted, plain, thousandths, with_interval
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.figures.sentences.word_classes import class_name
from dlfa_core.tables import Interval, Record, highest, lowest

if TYPE_CHECKING:
    from dlfa_core.experiments import gates


def model_names(result: "gates.Result") -> list[str]:
    """The models, in their order."""
    return [model["name"] for model in result.meta["models"]]


def layer_of(result: "gates.Result", model: str) -> int | None:
    """The layer that the model fuses with its last; None where it fuses none."""
    layer: int | None = _about(result, model)["layer"]
    return layer


def answer(result: "gates.Result", model: str) -> str:
    """One sentence: how far the gate opens, for which words most and least, and n."""
    means = result.means[(result.means["model"] == model) & (result.means["measure"] == "gate")]
    overall = means[means["level"] == "all"].iloc[0]
    said = f"{_verb(result, model)} {_value(overall)} {_object(result, model)}"
    classes = means[(means["level"] == "class") & means["ci_low"].notna()]
    if len(classes) > 1:
        most, least = highest(classes, classes["value"]), lowest(classes, classes["value"])
        said += (
            f", most for {class_name(most['word_class'])} ({_value(most)}), "
            f"least for {class_name(least['word_class'])} ({_value(least)})"
        )
    n, languages = counted(result.meta["n"], "sentence"), counted(len(result.meta["languages"]), "language")
    return f"{said}; n = {n} in {languages}."


def typed_answer(result: "gates.Result", model: str) -> str:
    """The same of the words of typed sentences, without intervals."""
    words = result.words[result.words["model"] == model]
    most, least = highest(words, words["gate"]), lowest(words, words["gate"])
    said = f"{_verb(result, model)} {plain(words['gate'].mean())} {_object(result, model)}"
    if len(words) > 1:
        said += f", most for “{most['word']}” ({plain(most['gate'])}), "
        said += f"least for “{least['word']}” ({plain(least['gate'])})"
    return f"{said}; {counted(len(words), 'word')}."


def spread_said(result: "gates.Result", model: str) -> str:
    """Say how far languages differ, and how far the dimensions of a word."""
    means = result.means[(result.means["model"] == model) & (result.means["measure"] == "gate")]
    rows = means[means["level"] == "language"]
    words = result.words[result.words["model"] == model]
    inside = (
        "Within a word, dimensions differ far more: 90 % of them lie between "
        f"{plain(words['p05'].mean())} and {plain(words['p95'].mean())}."
    )
    if len(rows) < 2:
        return inside
    ends = lowest(rows, rows["value"]), highest(rows, rows["value"])
    names, values = [lang.find(row["group"]).name for row in ends], [thousandths(row["value"]) for row in ends]
    return f"From {' to '.join(names)} its mean goes from {' to '.join(values)}. {inside}"


def shares_said(result: "gates.Result", model: str) -> str:
    """Who decides: the word or its sentence."""
    shares = result.shares[result.shares["model"] == model].dropna(subset="value")
    if shares.empty:
        return ""
    low, high = lowest(shares, shares["value"]), highest(shares, shares["value"])
    return (
        f"Of what differs from word to word, the vote of the word makes {_value(low)} in "
        f"{lang.find(low['language']).name} to {_value(high)} in {lang.find(high['language']).name}, and that of its "
        "sentence the rest."
    )


def similarity_said(result: "gates.Result", model: str, word_measure: str = "gate") -> str:
    """Say whether gates open further for languages that are closer to the pivot, by every measure at once.

    It is claimed only where no measure's interval holds 0: who asks twice and keeps the better answer finds too much.
    """
    rows = result.correlations
    rows = rows[(rows["model"] == model) & (rows["over"] == "languages") & (rows["word_measure"] == word_measure)]
    rows = rows.dropna(subset="value")
    if rows.empty:
        return ""
    pivot, n = lang.find(result.meta["pivot"]).name, counted(int(rows["n"].iloc[0]), "language")
    each = " and ".join(f"{_value(row)} with {label_of(row['measure'])}" for row in rows.to_dict("records"))
    said = f"rank correlation of the mean gate with similarity to {pivot} at the fused layer: {each}, n = {n}."
    if rows["ci_low"].isna().any():
        return f"These are too few languages for an interval: {said}"
    further, less = (rows["ci_low"] > 0).all(), (rows["ci_high"] < 0).all()
    if further or less:
        return f"The gate opens {'further' if further else 'less'} for languages that are closer to {pivot}: {said}"
    return (
        f"Whether the gate opens further for languages that are closer to {pivot}, these languages do not tell: {said}"
    )


def dimensions_said(result: "gates.Result", model: str) -> str:
    """Say how alike languages are in which dimensions they open."""
    opened = result.dimensions[model_names(result).index(model)]
    mean = opened.mean(0)
    spread = f"Dimensions open from {plain(mean.min())} to {plain(mean.max())}"
    if len(opened) < 2 or np.ptp(opened, axis=1).min() == 0:
        return f"{spread}, on average over words."
    with_others = np.corrcoef(opened)[np.triu_indices(len(opened), 1)]
    return f"{spread}; between two languages these profiles correlate at {plain(with_others.mean())} on average."


def summary(result: "gates.Result") -> Iterator[str]:
    """Yield what the gates of every model do."""
    say = typed_answer if result.meta["typed"] else answer
    yield from (f"{model}: {say(result, model)}" for model in model_names(result))


def classes_from(result: "gates.Result") -> str:
    """Say where the classes of the words are from."""
    source = result.meta["classes"]
    if source == "treebank":
        return "Word classes are those that the treebank's annotators gave."
    if source == "characters":
        return "Neither the corpus nor the model tags words, so their characters alone class them."
    return f"Word classes are predicted by {source}, mistakes included: no annotator saw these sentences."


def _about(result: "gates.Result", model: str) -> dict[str, Any]:
    return next(about for about in result.meta["models"] if about["name"] == model)


def _verb(result: "gates.Result", model: str) -> str:
    return "The gate takes" if _below(_about(result, model))[1] else "The gate opens to"


def _object(result: "gates.Result", model: str) -> str:
    """Return what the gate opens to. Only where it is the weight is it the share that comes from the lower layer."""
    below, is_share = _below(_about(result, model))
    if is_share:
        return f"of a word from {below} and the rest from the last"
    return f"for {below or 'the last layer'}"


def _below(about: dict[str, Any]) -> tuple[str, bool]:
    """Name what is fused with the last layer, "" for nothing, and tell whether the gate is the share of it."""
    if "below" in about:
        return about["below"], about["is_share"]
    fuses = about["layer"] is not None  # a result of a version that knew one lower layer only
    return f"layer {about['layer']}" if fuses else "", fuses and about["weight"] == "gate"


def _value(row: Record[Interval]) -> str:
    """A value and its interval, with as many digits as the interval needs to be one."""
    return with_interval(row, thousandths if row["ci_high"] - row["ci_low"] < 0.01 else plain)
