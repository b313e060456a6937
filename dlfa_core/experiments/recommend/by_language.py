"""Would each language do better with a layer of its own, chosen without a label in it?

A signal is a similarity to the source language, measured on parallel sentences: each language takes the fused layer at
which it is closest. What this gives is held against one layer for all languages, and against the same layers dealt out
to the languages at random: who chooses well for each language must do better than both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dlfa_core.experiments import profile, transfer
from dlfa_core.experiments.recommend.contest import Contest, contest_of
from dlfa_core.experiments.recommend.predictors import similarity_by_layer
from dlfa_core.experiments.transfer import DIFFERENCES, SCORES
from dlfa_core.measures.selection import LargestOfTrainings
from dlfa_core.tables import Interval, Table

SIGNALS = ("cka", "anc", "retrieval_csls")  # measures of a profile; named beforehand, as each more widens all intervals
ORACLE = "oracle"  # the rule that looks at the tests

Gain = Literal["gain", "gain_low", "gain_high"]
Dealt = Literal["over_dealt", "over_dealt_low", "over_dealt_high"]
Rules = Table[Literal["rule", "layers", Interval, Gain, Dealt]]


@dataclass(frozen=True, eq=False)
class ByLanguage:
    """What a layer for each language gives, by the rule that chooses it; means over the target languages.

    Attributes:
        rules: one row a rule. "dev" is one layer for all, by the source language's dev set; a signal's name, for each
            language the layer at which it is closest to the source; "depth", a layer taken blindly from the upper
            third; "random", one taken blindly from all, language by language; "oracle", for each language the best
            on its own test examples. `gain` is the score less that of "dev", `over_dealt` the score of a signal less
            that of its layers dealt out at random; the intervals of all of them hold together. That of the oracle is
            left out: its score is the largest of many, and lies too high for that.
        layers: the layer of each language by "dev", each signal and "oracle".
        head: fusion and weight, the same in every row.
        languages: codes of the target languages that the profile has, which all of this is over.
        left_out: those that it lacks.
        n: test examples of the languages together.
        n_seeds: how often each head was trained.
    """

    rules: Rules
    layers: Table[Literal["language", "rule", "layer"]]
    head: dict[str, str]
    languages: tuple[str, ...]
    left_out: tuple[str, ...]
    n: int
    n_seeds: int


def by_language(trained: transfer.Result, profiled: profile.Result) -> ByLanguage | None:
    """Choose a layer for each target language, by every rule; None where there is nothing to choose.

    That is where fewer than two layers were fused, or the profile has fewer than two of the target languages.

    Args:
        trained: with a fusion that has layers.
        profiled: of the same model, with the source language.

    Raises:
        ValueError: the profile is of another model, or lacks the source language.
    """
    gains = transfer.gains_of(trained)
    measured = similarity_by_layer(trained, profiled, gains.source_language)
    signals = {name: measured[name] for name in SIGNALS if name in measured}
    targets = [code for code in gains.counts if code != gains.source_language]
    known = [code for code in targets if all(code in table.columns for table in signals.values())]
    if len(known) < 2:
        return None
    contest = contest_of(trained, gains, known)
    if len(contest.alike) < 2:
        return None
    rules = list(rules_of(contest, signals))
    layers = contest.configurations["layer"]
    return ByLanguage(
        rules=_table(contest, rules),
        layers=pd.DataFrame(
            [
                (code, rule.name, int(layers[index]))
                for rule in rules
                if rule.chosen is not None
                for code, index in zip(known, rule.chosen, strict=True)
            ],
            columns=["language", "rule", "layer"],
        ),
        head={name: str(contest.configurations[name][contest.chosen]) for name in ("fusion", "weight")},
        languages=tuple(known),
        left_out=tuple(code for code in targets if code not in known),
        n=sum(len(gains.counts[code].gold) for code in known),
        n_seeds=len(gains.by_seed[0]),
    )


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule.

    Attributes:
        chosen: int (languages,), the configuration of each; None where one is taken blindly.
        weights: (configurations, languages), by which its score adds up those of configurations and languages.
        dealt: the same of its layers dealt out to the languages at random; None where that is no question.
    """

    name: str
    chosen: np.ndarray | None
    layers: str
    weights: np.ndarray
    dealt: np.ndarray | None = None


def rules_of(contest: Contest, signals: Mapping[str, pd.DataFrame]) -> Iterator[Rule]:
    """Yield all rules, "dev" first and the oracle last.

    Args:
        signals: by name; rows are layers, columns the languages of the contest.
    """
    layers, n = contest.configurations["layer"], len(contest.languages)
    fused = layers[contest.alike].astype(int).to_numpy()

    def shared(indices: np.ndarray) -> np.ndarray:
        """Weights of configurations that all languages take alike, each as often as it is named."""
        times = np.bincount(indices, minlength=len(layers))
        return np.repeat(times[:, None] / (len(indices) * n), n, axis=1)  # exactly 1 / n where all are the same

    def own(chosen: np.ndarray) -> np.ndarray:
        weights = np.zeros((len(layers), n))
        weights[chosen, np.arange(n)] = 1 / n
        return weights

    def said(indices: np.ndarray) -> str:
        low, high = layers[indices].min(), layers[indices].max()
        return str(low) if low == high else f"{low} to {high}"

    same = np.full(n, contest.chosen)
    yield Rule("dev", same, said(same), own(same))
    for name, table in signals.items():
        chosen = contest.alike[table.loc[fused, list(contest.languages)].to_numpy().argmax(axis=0)]
        yield Rule(name, chosen, said(chosen), own(chosen), shared(chosen))
    if len(contest.high) > 1:
        yield Rule("depth", None, said(contest.high), shared(contest.high))
    yield Rule("random", None, said(contest.alike), shared(contest.alike))
    best = contest.alike[contest.values.mean(axis=0)[contest.alike].argmax(axis=0)]
    yield Rule(ORACLE, best, said(best), own(best))


def differences_of(rules: Sequence[Rule]) -> dict[tuple[str, int], np.ndarray]:
    """Weights of the differences whose intervals hold together, by column of `ByLanguage.rules` and row."""
    honest = [(row, rule) for row, rule in enumerate(rules) if rule.name not in ("dev", ORACLE)]
    gains = {("gain", row): rule.weights - rules[0].weights for row, rule in honest}
    return gains | {("over_dealt", row): rule.weights - rule.dealt for row, rule in honest if rule.dealt is not None}


def _table(contest: Contest, rules: Sequence[Rule]) -> pd.DataFrame:
    """`ByLanguage.rules`."""
    scores = contest.means(np.stack([rule.weights for rule in rules]))
    low, high = scores.score_intervals(SCORES)
    frame = pd.DataFrame({"rule": [rule.name for rule in rules], "layers": [rule.layers for rule in rules]})
    frame = frame.assign(value=scores.values, ci_low=low, ci_high=high)
    asked = differences_of(rules)
    differences = contest.means(np.stack(list(asked.values())))
    low, high = LargestOfTrainings(differences).intervals(inside=DIFFERENCES)
    frame[[f"{column}{end}" for column in ("gain", "over_dealt") for end in ("", "_low", "_high")]] = np.nan
    for (column, row), *numbers in zip(asked, differences.values, low, high, strict=True):
        frame.loc[row, [column, f"{column}_low", f"{column}_high"]] = numbers
    last = len(rules) - 1  # the oracle
    frame.loc[last, ["gain", "ci_low", "ci_high"]] = scores.values[last] - scores.values[0], np.nan, np.nan
    return frame
