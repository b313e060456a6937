"""What a look into the gates says, in words, with intervals and n."""

from math import isnan

import numpy as np
import pandas as pd

from dlfa_core import languages as lang
from dlfa_core.figures.answers import label_of
from dlfa_core.figures.gates.names import class_name


def model_names(result) -> list[str]:
    """The models of `result`, a `gates.Result`, in their order."""
    return [model["name"] for model in result.meta["models"]]


def layer_of(result, model: str) -> int | None:
    """The layer that the model fuses with its last; None where it fuses none."""
    return _about(result, model)["layer"]


def answer(result, model: str) -> str:
    """One sentence: how far the gate opens, for which words most and least, and n."""
    means = result.means[(result.means["model"] == model) & (result.means["measure"] == "gate")]
    overall = means[means["level"] == "all"].iloc[0]
    n, n_languages = result.meta["n"], len(result.meta["languages"])
    said = f"{_verb(result, model)} {_value(overall)} {_object(result, model)}"
    classes = means[(means["level"] == "class") & means["ci_low"].notna()]
    if len(classes) > 1:
        most, least = (classes.loc[classes["value"].idxmax()], classes.loc[classes["value"].idxmin()])
        said += (
            f", most for {class_name(most['word_class'])} ({_value(most)}), "
            f"least for {class_name(least['word_class'])} ({_value(least)})"
        )
    return f"{said}; n = {n:,} sentences in {n_languages} {'languages' if n_languages > 1 else 'language'}."


def typed_answer(result, model: str) -> str:
    """The same of the words of typed sentences, without intervals."""
    words = result.words[result.words["model"] == model]
    most, least = words.loc[words["gate"].idxmax()], words.loc[words["gate"].idxmin()]
    said = f"{_verb(result, model)} {words['gate'].mean():.2f} {_object(result, model)}"
    if len(words) > 1:
        said += f", most for “{most['word']}” ({most['gate']:.2f}), least for “{least['word']}” ({least['gate']:.2f})"
    return f"{said}; {len(words)} {'words' if len(words) > 1 else 'word'}."


def spread_said(result, model: str) -> str:
    """How far languages differ, and how far the dimensions of a word."""
    means = result.means[(result.means["model"] == model) & (result.means["measure"] == "gate")]
    rows = means[means["level"] == "language"].set_index("group")["value"]
    words = result.words[result.words["model"] == model]
    inside = f"Within a word, dimensions differ far more: 90 % of them lie between {_inside(words)}."
    if len(rows) < 2:
        return inside
    low, high = rows.idxmin(), rows.idxmax()
    names = [lang.find(code).name for code in (low, high)]
    return f"From {names[0]} to {names[1]} its mean goes from {rows[low]:.3f} to {rows[high]:.3f}. {inside}"


def shares_said(result, model: str) -> str:
    """Who decides: the word or its sentence."""
    shares = result.shares[result.shares["model"] == model].dropna(subset="value")
    if shares.empty:
        return ""
    low, high = shares.loc[shares["value"].idxmin()], shares.loc[shares["value"].idxmax()]
    return (
        f"Of what differs from word to word, the local branch, which sees one word at a time, makes "
        f"{_value(low)} in {lang.find(low['language']).name} to {_value(high)} in {lang.find(high['language']).name}; "
        "the global branch, which sees the mean of the sentence, makes the rest."
    )


def closeness_said(result, model: str, measure: str, word_measure: str = "gate") -> str:
    """Whether gates open further for languages that are closer to the pivot."""
    rows = result.correlations
    rows = rows[(rows["model"] == model) & (rows["over"] == "languages") & (rows["measure"] == measure)]
    rows = rows[rows["word_measure"] == word_measure]
    if rows.empty or isnan(rows.iloc[0]["value"]):
        return ""
    row, pivot = rows.iloc[0], lang.find(result.meta["pivot"]).name
    what = f"closeness to {pivot} at the fused layer ({label_of(measure)})"
    said = f"Rank correlation of the mean gate with {what}: {_value(row)}, n = {row['n']} languages."
    if isnan(row["ci_low"]):
        return f"{said} These are too few languages for an interval."
    if row["ci_low"] <= 0 <= row["ci_high"]:
        return f"{said} The interval holds 0: these languages do not tell."
    return f"{said} The gate opens {'further' if row['value'] > 0 else 'less'} for languages that are closer."


def dimensions_said(result, model: str) -> str:
    """How alike languages are in which dimensions they open."""
    gates = result.dimensions[model_names(result).index(model)]
    spread = f"Dimensions open from {gates.mean(0).min():.2f} to {gates.mean(0).max():.2f}"
    if len(gates) < 2 or np.ptp(gates, axis=1).min() == 0:
        return f"{spread}, on average over words."
    with_others = np.corrcoef(gates)[np.triu_indices(len(gates), 1)]
    return f"{spread}; between two languages these profiles correlate at {with_others.mean():.2f} on average."


def classes_from(result) -> str:
    """Where the classes of the words are from."""
    source = result.meta["classes"]
    if source == "treebank":
        return "Word classes are those that the treebank's annotators gave."
    if source == "characters":
        return "Neither the corpus nor the model tags words, so their characters alone class them."
    return f"Word classes are predicted by {source}, mistakes included: no annotator saw these sentences."


def _about(result, model: str) -> dict:
    return next(about for about in result.meta["models"] if about["name"] == model)


def _verb(result, model: str) -> str:
    about = _about(result, model)
    return "AIF takes" if about["layer"] is not None and about["weight"] == "gate" else "The gate of AIF opens to"


def _object(result, model: str) -> str:
    """What the gate opens to. Only where it is the weight is it the share that comes from the lower layer."""
    about = _about(result, model)
    if about["layer"] is None:
        return "for the last layer"
    if about["weight"] == "gate":
        return f"of a word from layer {about['layer']} and the rest from the last"
    return f"for layer {about['layer']}"


def _value(row: pd.Series) -> str:
    """A value and its interval, with as many digits as the interval needs to be one."""
    if isnan(row["ci_low"]):
        return f"{row['value']:.2f}"
    digits = 2 if row["ci_high"] - row["ci_low"] >= 0.01 else 3
    return f"{row['value']:.{digits}f} [{row['ci_low']:.{digits}f}, {row['ci_high']:.{digits}f}]"


def _inside(words: pd.DataFrame) -> str:
    return f"{words['p05'].mean():.2f} and {words['p95'].mean():.2f}"
