"""What a layer for each language gives, in words and as a table."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Literal

from dlfa_core.figures.sentences.numbers import between, counted, listed, signed, thousandths, with_interval
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.languages import find
from dlfa_core.tables import Record

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend

Rule = Record[Literal["rule", "gain", "gain_low", "gain_high", "over_dealt", "over_dealt_low", "over_dealt_high"]]
BLIND = {
    "depth": "Any high layer, blindly",
    "random": "Any layer, blindly",
    "oracle": "Oracle, by each language's tests",
}
HEAD = ("Layer of each language", "Layers", "Score", "Above one for all", "Above its layers dealt out")


def answer(found: "recommend.ByLanguage", source: str) -> str:
    """Say whether a layer for each language does better than one for all, signal by signal.

    Args:
        source: code of the language that was trained on, whose dev set chose the one layer.
    """
    one, rows = found.rules.iloc[0], signals(found)
    n = f"n = {found.n:,} in {counted(len(found.languages), 'language')}"
    closest = f"A layer for each language, the one at which it is closest to {find(source).name},"
    all_of = f"layer {one['layers']} for all"
    if isnan(rows[0]["gain_low"]):
        scores = listed([f"{signed(row['gain'])} by {label_of(row['rule'])}" for row in rows])
        return f"{closest} against {all_of}: {scores}; {n}. Without an interval, that shows no difference."
    verdicts = {
        "does better than": [row for row in rows if row["gain_low"] > 0],
        "does worse than": [row for row in rows if row["gain_high"] < 0],
        "is not shown to do better than": [row for row in rows if row["gain_low"] <= 0 <= row["gain_high"]],
    }
    said = [
        f"{verdict} {all_of} ({'; '.join(_gain(row, 'gain') for row in own)})"
        for verdict, own in verdicts.items()
        if own
    ]
    return f"{closest} {listed(said)}; {n}."


def dealt(found: "recommend.ByLanguage") -> str:
    """Say whether it matters which language has which layer, beside the same layers dealt out at random."""
    rows = [row for row in signals(found) if (row["over_dealt_low"], row["over_dealt_high"]) != (0, 0)]
    if not rows:
        return "Every signal points at the same layer for all languages."
    if isnan(rows[0]["over_dealt_low"]):
        return ""
    if better := [row for row in rows if row["over_dealt_low"] > 0]:
        each = "; ".join(_gain(row, "over_dealt") for row in better)
        return f"It matters which language has which layer: they do better than dealt out at random ({each})."
    each = "; ".join(_gain(row, "over_dealt") for row in rows)
    return f"That it matters which language has which layer is not shown: against them dealt out at random, {each}."


def signals(found: "recommend.ByLanguage") -> Sequence[Rule]:
    """The rows of the rules that ask how close a language is to the source."""
    return [row for row in found.rules.to_dict("records") if row["rule"] not in ("dev", *BLIND)]


def rules_table(found: "recommend.ByLanguage", source: str) -> list[tuple[str, ...]]:
    """The rows below `HEAD`."""
    named = {"dev": f"One for all, by the {find(source).name} dev set", **BLIND}
    return [
        (
            named.get(row["rule"]) or f"By {label_of(row['rule'])}",
            row["layers"],
            with_interval(row, thousandths),
            "" if row["rule"] == "dev" else _number(row, "gain"),
            "" if isnan(row["over_dealt"]) else _number(row, "over_dealt"),
        )
        for row in found.rules.to_dict("records")
    ]


def left_out_said(found: "recommend.ByLanguage") -> str:
    """Name the languages that the parallel sentences lack; empty where there are none."""
    if not found.left_out:
        return ""
    return f"Left out, as the parallel sentences lack them: {listed([find(code).name for code in found.left_out])}."


def _gain(row: Rule, what: Literal["gain", "over_dealt"]) -> str:
    return f"{_number(row, what)} by {label_of(row['rule'])}"


def _number(row: Rule, what: Literal["gain", "over_dealt"]) -> str:
    if what == "gain":
        value, low, high = row["gain"], row["gain_low"], row["gain_high"]
    else:
        value, low, high = row["over_dealt"], row["over_dealt_low"], row["over_dealt_high"]
    return "the same" if value == low == high == 0 else f"{signed(value)}{between(low, high, signed)}"
