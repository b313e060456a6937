"""What lexicon words contribute, in sentences with intervals and n."""

from math import isnan

import pandas as pd

from dlfa_core import languages as lang
from dlfa_core.figures.lexicon.systems import rows_of, system_label

_TYPICAL_SHARE = 0.2  # of the words, at which faithfulness is put into words


def answer(result, place: int) -> str:
    """One sentence: how often a positive word counts for more than a negative one, the interval, and n.

    Args:
        result: a `lexicon.Result`.
        place: of the classifier among `result.systems`.
    """
    order = _score(result, place, "order")
    target, name = result.meta["target"], system_label(result, place)
    languages = len(result.meta["languages"])
    n = f"n = {result.meta['n']:,} sentences in {languages} {'languages' if languages > 1 else 'language'}"
    if order is None or isnan(order["value"]):
        return f"No words of both kinds were found, so nothing can be said about what carries “{target}”; {n}."
    if order["ci_low"] <= 0.5 <= order["ci_high"]:
        return (
            f"{name}: words of the lexicon do not carry the sentiment. A positive word speaks more for “{target}” than "
            f"a negative one in {_percent(order)} of all pairs, no more than chance (50 %); {n}."
        )
    if order["ci_high"] < 0.5:
        return (
            f"{name}: words of the lexicon speak against what they mean. A positive word speaks more for “{target}” "
            f"than a negative one in {_percent(order)} of all pairs, less often than by chance (50 %); {n}."
        )
    return (
        f"{name}: a positive word speaks more for “{target}” than a negative one in {_percent(order)} of all pairs, "
        f"where 50 % is chance; {n}."
    )


def extremes_said(result, place: int) -> str:
    """The languages in which words carry the sentiment most and least; empty for one language."""
    rows = rows_of(result, result.scores, place)
    rows = rows[(rows["measure"] == "order") & (rows["language"] != "all")].dropna(subset="value")
    if len(rows) < 2:
        return ""
    most, least = (rows.loc[rows["value"].idxmax()], rows.loc[rows["value"].idxmin()])
    return (
        f"Most clearly in {lang.find(most['language']).name}, {_percent(most)}, "
        f"and least in {lang.find(least['language']).name}, {_percent(least)}."
    )


def rival_said(result, place: int) -> str:
    """The same number of the last layer alone; empty where it is not there, or is what is shown."""
    rivals = result.systems.index[result.systems["fusion"] == "last"]
    if not len(rivals) or rivals[0] == place:
        return ""
    order = _score(result, int(rivals[0]), "order")
    return "" if order is None or isnan(order["value"]) else f"The last layer alone: {_percent(order)}."


def agreement_said(result, place: int) -> str:
    """How many words have the lexicon's sign, and how far the two kinds lie apart."""
    same, apart = _score(result, place, "agreement"), _score(result, place, "separation")
    if same is None or isnan(same["value"]):
        return ""
    said = f"{_percent(same)} of the words have the sign that the lexicon gives them"
    if apart is not None and not isnan(apart["value"]):
        said += (
            f"; on average positive words score {_signed(apart['value'])}{_interval(apart)} relative to negative ones"
        )
    return f"{said}."


def translations_said(result, place: int) -> str:
    """Whether a word does what its translation does; empty for one language."""
    rows = rows_of(result, result.translations, place)
    rows = rows[rows["source"] == "all"].set_index("measure")
    if "correlation" not in rows.index:
        return ""
    alike, same = rows.loc["correlation"], rows.loc["same_sign"]
    correlate = (
        "their scores do not vary, so they have no correlation"
        if isnan(alike["value"])
        else f"their scores correlate with {_signed(alike['value'])}{_interval(alike)}, where 0 says that they have "
        "nothing to do with each other"
    )
    return (
        f"A word and its translation in the same sentence: on average over pairs of languages {correlate}, and "
        f"{_percent(same)} have the same sign, where {100 * same['null']:.0f} % do by chance; "
        f"{int(alike['count']):,} pairs of words."
    )


def faithful_said(result, place: int) -> str:
    """What erasing the first words does, beside random ones; empty where it was not measured."""
    rows = rows_of(result, result.faithfulness, place) if len(result.faithfulness) else result.faithfulness
    rows = rows[(rows["group"] == "all") & (rows["measure"] == "comprehensiveness")] if len(rows) else rows
    if not len(rows):
        return ""
    row = rows.loc[(rows["share"].astype(float) - _TYPICAL_SHARE).abs().idxmin()]
    verdict = _signed(row["gain"], 3)
    if pd.notna(row["gain_low"]):
        verdict += f" [{_signed(row['gain_low'], 3)}, {_signed(row['gain_high'], 3)}]"
    return (
        f"Erasing the {100 * row['share']:.0f} % of the words with the highest scores lowers the probability of the "
        f"answer by {_plain(row['value'])}, as many random words by {_plain(row['random'])}: a difference of "
        f"{verdict}; n = {int(row['n']):,} texts."
    )


def coverage_said(result) -> str:
    """How much of the lexicon the sentences have."""
    rows = result.coverage[result.coverage["polarity"] == "all"]
    polar = result.coverage[result.coverage["polarity"] != "all"].groupby("polarity", sort=False)["matches"].sum()
    kinds = ", ".join(f"{int(count):,} {name}" for name, count in polar.items())
    return (
        f"{result.meta['lexicon_name']} list {int(rows['lemmas'].sum()):,} words; {int(rows['found'].sum()):,} of them "
        f"stand in the sentences, {int(rows['matches'].sum()):,} times: {kinds}."
    )


def value_said(texts: pd.Series) -> str:
    """What a model says of one explained text: a row of `attribute.Result.texts`."""
    less = f" less that for “{texts['against']}”" if texts["against"] else ""
    missed = texts["relative_delta"]
    added = f", but for {100 * missed:.1f} % of it" if missed < 10 else ""
    return (
        f"The model says “{texts['predicted']}”. Its output for “{texts['target']}”{less} is "
        f"{_signed(texts['value'])}, and {_signed(texts['baseline_value'])} for a text without words; the scores add "
        f"up to the difference of {_signed(texts['difference'])}{added}."
    )


def _score(result, place: int, measure: str, polarity: str = "both", language: str = "all") -> pd.Series | None:
    rows = rows_of(result, result.scores, place)
    rows = rows[(rows["measure"] == measure) & (rows["polarity"] == polarity) & (rows["language"] == language)]
    return rows.iloc[0] if len(rows) else None


def _percent(row: pd.Series) -> str:
    interval = "" if isnan(row["ci_low"]) else f" [{100 * row['ci_low']:.0f}, {100 * row['ci_high']:.0f}]"
    return f"{100 * row['value']:.0f} %{interval}"


def _interval(row: pd.Series) -> str:
    return "" if isnan(row["ci_low"]) else f" [{_signed(row['ci_low'])}, {_signed(row['ci_high'])}]"


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _plain(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
