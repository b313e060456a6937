"""What lexicon words contribute, in sentences with intervals and n."""

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from dlfa_core import languages as lang
from dlfa_core.figures.sentences.attribute import NAMED
from dlfa_core.figures.sentences.numbers import (
    between,
    counted,
    percent,
    percent_with_interval,
    signed,
    signed_hundredths,
    thousandths,
    with_interval,
)
from dlfa_core.figures.sentences.systems import chosen_systems, layered, rows_of, system_label
from dlfa_core.tables import Record, highest, lowest

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

_TYPICAL_SHARE = 0.2  # of the words, at which faithfulness is put into words


def answer(result: "lexicon.Result", index: int) -> str:
    """One sentence: how often a positive word counts for more than a negative one, the interval, and n.

    Args:
        index: of the classifier among `result.systems`.
    """
    order = _score(result, index, "order")
    target, name = result.meta["target"], system_label(result, index)
    n = f"n = {counted(result.meta['n'], 'sentence')} in {counted(len(result.meta['languages']), 'language')}"
    if order is None or isnan(order["value"]):
        return f"No words of both kinds were found, so nothing can be said about what carries “{target}”; {n}."
    pairs = percent_with_interval(order)
    if order["ci_low"] <= 0.5 <= order["ci_high"]:
        return (
            f"{name}: words of the lexicon do not carry the sentiment. A positive word speaks more for “{target}” than "
            f"a negative one in {pairs} of all pairs, no more than chance (50 %); {n}."
        )
    if order["ci_high"] < 0.5:
        return (
            f"{name}: words of the lexicon speak against what they mean. A positive word speaks more for “{target}” "
            f"than a negative one in {pairs} of all pairs, less often than by chance (50 %); {n}."
        )
    return (
        f"{name}: a positive word speaks more for “{target}” than a negative one in {pairs} of all pairs, "
        f"where 50 % is chance; {n}."
    )


def extremes_said(result: "lexicon.Result", index: int) -> str:
    """The languages in which words carry the sentiment most and least; empty for one language."""
    rows = rows_of(result, result.scores, index)
    rows = rows[(rows["measure"] == "order") & (rows["language"] != "all")].dropna(subset="value")
    if len(rows) < 2:
        return ""
    most, least = highest(rows, rows["value"]), lowest(rows, rows["value"])
    return (
        f"Most clearly in {lang.find(most['language']).name}, {percent_with_interval(most)}, "
        f"and least in {lang.find(least['language']).name}, {percent_with_interval(least)}."
    )


def rival_said(result: "lexicon.Result", index: int) -> str:
    """The same number of the last layer alone; empty where it is not there, or is what is shown."""
    rivals = result.systems.index[result.systems["fusion"] == "last"]
    if not len(rivals) or rivals[0] == index:
        return ""
    order = _score(result, int(rivals[0]), "order")
    return "" if order is None or isnan(order["value"]) else f"The last layer alone: {percent_with_interval(order)}."


def agreement_said(result: "lexicon.Result", index: int) -> str:
    """Say how many words have the lexicon's sign, and how far the two kinds lie apart."""
    same, apart = _score(result, index, "agreement"), _score(result, index, "separation")
    if same is None or isnan(same["value"]):
        return ""
    said = f"{percent_with_interval(same)} of the words have the sign that the lexicon gives them"
    if apart is not None and not isnan(apart["value"]):
        said += f"; on average positive words score {with_interval(apart, signed_hundredths)} relative to negative ones"
    return f"{said}."


def random_said(result: "lexicon.Result", index: int) -> str:
    """Say what random words do in the place of the lexicon's, and in how many languages that is less; empty without."""
    order, same = (_score(result, index, measure) for measure in ("order", "agreement"))
    if order is None or same is None or isnan(order["null"]):
        return ""
    rows = rows_of(result, result.scores, index)
    rows = rows[(rows["measure"] == "order") & (rows["language"] != "all")].dropna(subset="null_high")
    above = int((rows["value"] > rows["null_high"]).sum())
    many = (
        f" The lexicon's words are above these in {above} of {counted(len(rows), 'language')}." if len(rows) > 1 else ""
    )
    return (
        f"Random words of the same texts, as frequent and as long, in their place: {_null(order)} of all pairs, and "
        f"{_null(same)} have the sign.{many}"
    )


def _null(row: "Record[lexicon.Score]") -> str:
    ends = {"value": row["null"], "ci_low": row["null_low"], "ci_high": row["null_high"]}
    return percent_with_interval(ends)


def baseline_said(result: "lexicon.Result") -> str:
    """Say what takes the place of words that are taken out, and what the classifiers say of texts made of it."""
    meta = result.meta
    return " ".join(
        f"Held against {NAMED[baseline]}, of which “{meta['target']}” less “{meta['against']}” is "
        + ", ".join(
            f"{signed_hundredths(lean)}{'' if name == baseline else f' of {NAMED[name]}'}"
            for name, lean in sorted(leans.items(), key=lambda each: each[0] != baseline)
        )
        + "."
        for baseline, leans in zip(meta["baselines"], meta["leans"], strict=True)
        if baseline in leans
    )


def cautions(result: "lexicon.Result") -> tuple[list[str], list[str]]:
    """Return what a reader must know before believing the picture, and how the word list was put together."""
    name = result.meta["lexicon_name"]
    of_the_list = [
        note for note in result.meta["warnings"] if note.startswith((f"Rows of {name} ", f"Words of {name} "))
    ]
    return [note for note in result.meta["warnings"] if note not in of_the_list], of_the_list


def translations_said(result: "lexicon.Result", index: int) -> str:
    """Say whether a word does what its translation does; empty for one language."""
    rows = rows_of(result, result.translations, index)
    rows = rows[rows["source"] == "all"]
    if not (rows["measure"] == "correlation").any():
        return ""
    alike, same = (rows[rows["measure"] == measure].iloc[0] for measure in ("correlation", "same_sign"))
    correlate = (
        "their scores do not vary, so they have no correlation"
        if isnan(alike["value"])
        else f"their scores correlate with {with_interval(alike, signed_hundredths)}, where 0 says that they have "
        "nothing to do with each other"
    )
    return (
        f"A word and its translation in the same sentence: on average over pairs of languages {correlate}, and "
        f"{percent_with_interval(same)} have the same sign, where {percent(same['null'])} do by chance; "
        f"{counted(int(alike['count']), 'pair')} of words."
    )


def faithful_said(result: "lexicon.Result", index: int) -> str:
    """Say what erasing the first words does, beside random ones; empty where it was not measured."""
    rows = rows_of(result, result.faithfulness, index) if len(result.faithfulness) else result.faithfulness
    rows = rows[(rows["group"] == "all") & (rows["measure"] == "comprehensiveness")] if len(rows) else rows
    if not len(rows):
        return ""
    row = rows.iloc[int((rows["share"].astype(float) - _TYPICAL_SHARE).abs().argmin())]
    return (
        f"Erasing the {percent(row['share'])} of the words with the highest scores lowers the probability of the "
        f"answer by {thousandths(row['value'])}, as many random words by {thousandths(row['random'])}: a difference of "
        f"{signed(row['gain'])}{between(row['gain_low'], row['gain_high'], signed)}; "
        f"n = {counted(int(row['n']), 'text')}."
    )


def coverage_said(result: "lexicon.Result") -> str:
    """Say how much of the lexicon the sentences have."""
    rows = result.coverage[result.coverage["polarity"] == "all"]
    polar = result.coverage[result.coverage["polarity"] != "all"].groupby("polarity", sort=False)["matches"].sum()
    kinds = ", ".join(f"{int(count):,} {name}" for name, count in polar.items())
    return (
        f"{result.meta['lexicon_name']} list {int(rows['lemmas'].sum()):,} words; {int(rows['found'].sum()):,} of them "
        f"stand in the sentences, {int(rows['matches'].sum()):,} times: {kinds}."
    )


def summary(result: "lexicon.Result") -> Iterator[str]:
    """Yield how far positive words stand from negative ones, for every kind of system."""
    meta = result.meta
    yield (
        f"{meta['method_label']} of {meta['target']} against {meta['against']}, "
        f"{counted(len(result.matches), 'word')} of {meta['lexicon_name']} in "
        f"{counted(len(result.sentences), 'sentence')}, {counted(len(meta['languages']), 'language')}:"
    )
    for index in chosen_systems(result):
        order, agreement = (_score(result, index, measure) for measure in ("order", "agreement"))
        if order is None or agreement is None or pd.isna(order["value"]):
            continue
        about = result.systems.iloc[index]
        where = "" if pd.isna(about["layer"]) else f" with layer {about['layer']}"
        where += ", chosen on the dev set" * (layered(result) and bool(where))
        name = " ".join(filter(None, (about["model"], about["fusion"], about["weight"])))
        beside = random_said(result, index)
        yield (
            f"{name}{where}: a positive word scores above a negative one in {percent_with_interval(order)} of all "
            f"pairs, 50 % is chance; {percent(agreement['value'])} of the signs agree.{' ' * bool(beside)}{beside}"
        )
    if said := baseline_said(result):
        yield said


def _score(
    result: "lexicon.Result", index: int, measure: str, polarity: str = "both", language: str = "all"
) -> "Record[lexicon.Score] | None":
    rows = rows_of(result, result.scores, index)
    rows = rows[(rows["measure"] == measure) & (rows["polarity"] == polarity) & (rows["language"] == language)]
    return rows.iloc[0] if len(rows) else None
