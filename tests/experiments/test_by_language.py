"""A layer for each language: rules that were made to be right or wrong, and scores by a second route."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.experiments import recommend
from dlfa_core.experiments.recommend.by_language import SIGNALS
from dlfa_core.figures.sentences import by_language as said
from tests.conftest import LANGUAGES, PEAKS, small_profile
from tests.recommended import small_sweep

TARGETS = [code for code in LANGUAGES if code != "eng"]
OWN = dict(zip(TARGETS, (3, 4, 5, 6, 7, 8, 9), strict=True))  # a layer of its own for each language


@pytest.fixture(scope="module")
def sweep():
    return small_sweep()


@pytest.fixture(scope="module")
def found(sweep):
    return recommend.by_language(sweep, small_profile())


def with_peaks(peaks, measures=SIGNALS):
    """A profile whose signals point at these layers; others as they were."""
    profiled = small_profile()
    pairs = profiled.pairs.copy()
    other = pairs["target"].where(pairs["source"] == "eng", pairs["source"])
    own = ((pairs["source"] == "eng") | (pairs["target"] == "eng")) & pairs["measure"].isin(measures)
    pairs.loc[own, "value"] = -(pairs["layer"] - other.map(peaks)).abs()[own]
    return SimpleNamespace(**vars(profiled) | {"pairs": pairs})


def with_own_layers(sweep, right=0.9):
    """The sweep where DLFA gate is right more often at the layer of its own of each language."""
    hits, languages = sweep.hits.copy(), sweep.examples["language"].to_numpy()
    rng = np.random.default_rng(3)
    for code, layer in OWN.items():
        rows = (sweep.heads["fusion"] == "dlfa") & (sweep.heads["layer"] == layer) & (sweep.heads["weight"] == "gate")
        where = np.ix_(rows.fillna(False).to_numpy(dtype=bool), languages == code)
        hits[where] = rng.random(hits[where].shape) < right
    return SimpleNamespace(**vars(sweep) | {"hits": hits})


def rule(found, name):
    return found.rules[found.rules["rule"] == name].iloc[0]


def score(sweep, layers):
    """Second route: mean over languages and seeds of the right answers of DLFA gate, at a layer of each language."""
    gate = (sweep.heads["fusion"] == "dlfa") & (sweep.heads["weight"] == "gate")
    languages = sweep.examples["language"].to_numpy()
    parts = [
        sweep.hits[np.ix_((gate & (sweep.heads["layer"] == layer)).to_numpy(dtype=bool), languages == code)].mean()
        for code, layer in layers.items()
    ]
    return np.mean(parts)


def test_each_language_takes_the_layer_at_which_it_is_closest_to_the_source(sweep):
    found = recommend.by_language(sweep, with_peaks(OWN, ["cka"]))
    layers = found.layers.pivot(index="language", columns="rule", values="layer")
    assert layers["cka"].to_dict() == OWN
    assert set(layers["anc"]) == {PEAKS["anc"]}
    assert set(layers["dev"]) == {9}
    assert rule(found, "cka")["layers"] == "3 to 9"
    assert (found.languages, found.left_out, found.head) == (tuple(TARGETS), (), {"fusion": "dlfa", "weight": "gate"})


def test_scores_and_gains_are_those_of_the_answers(sweep):
    found = recommend.by_language(sweep, with_peaks(OWN, ["cka"]))
    own, one = score(sweep, OWN), score(sweep, dict.fromkeys(TARGETS, 9))
    every = np.mean([score(sweep, dict.fromkeys(TARGETS, layer)) for layer in range(1, 12)])
    assert rule(found, "cka")["value"] == pytest.approx(own)
    assert rule(found, "cka")["gain"] == pytest.approx(own - one)
    assert rule(found, "random")["value"] == pytest.approx(every)
    high = np.mean([score(sweep, dict.fromkeys(TARGETS, layer)) for layer in range(8, 12)])
    assert rule(found, "depth")["gain"] == pytest.approx(high - one)
    shuffled = np.mean([score(sweep, dict.fromkeys(TARGETS, layer)) for layer in OWN.values()])
    assert rule(found, "cka")["over_dealt"] == pytest.approx(own - shuffled)


def test_the_oracle_is_the_best_of_each_language_on_its_tests_and_has_no_interval(sweep, found):
    best = {code: max(range(1, 12), key=lambda layer, code=code: score(sweep, {code: layer})) for code in TARGETS}
    oracle = rule(found, "oracle")
    assert oracle["value"] == pytest.approx(score(sweep, best))
    assert oracle["value"] == found.rules["value"].max()
    assert oracle[["ci_low", "ci_high", "gain_low", "gain_high", "over_dealt"]].isna().all()
    assert oracle["gain"] == pytest.approx(oracle["value"] - rule(found, "dev")["value"])


def test_test_answers_change_no_choice_but_the_oracles(sweep, found):
    other = recommend.by_language(SimpleNamespace(**vars(sweep) | {"hits": 1 - sweep.hits}), small_profile())
    ours, theirs = (each.layers[each.layers["rule"] != "oracle"] for each in (found, other))
    pd.testing.assert_frame_equal(ours, theirs)
    assert rule(other, "oracle")["layers"] != rule(found, "oracle")["layers"]


def test_a_signal_that_knows_each_languages_layer_beats_one_for_all_and_itself_dealt_out(sweep):
    found = recommend.by_language(with_own_layers(sweep), with_peaks(OWN, ["cka"]))
    cka = rule(found, "cka")
    assert cka["gain_low"] > 0
    assert cka["over_dealt_low"] > 0
    answer = said.answer(found, "eng")
    assert answer.startswith("A layer for each language, the one at which it is closest to English, does better than")
    assert "layer 9 for all (+0." in answer
    assert "by CKA" in answer.split("does better than")[1].split(")")[0]
    assert said.dealt(found).startswith("It matters which language has which layer: they do better than dealt out")


def test_the_same_signal_for_other_languages_is_no_better_than_itself_dealt_out(sweep):
    turned = dict(zip(TARGETS, [*list(OWN.values())[1:], 3], strict=True))
    found = recommend.by_language(with_own_layers(sweep), with_peaks(turned, ["cka"]))
    assert rule(found, "cka")["over_dealt_low"] < 0
    assert said.dealt(found).startswith("That it matters which language has which layer is not shown")


def test_one_layer_for_all_languages_is_the_same_dealt_out(found):
    assert (
        found.rules.loc[found.rules["rule"] == "anc", ["over_dealt", "over_dealt_low", "over_dealt_high"]]
        .eq(0)
        .all(axis=None)
    )
    same = recommend.by_language(small_sweep(), with_peaks(dict.fromkeys(TARGETS, 9)))
    assert rule(same, "cka")[["gain", "gain_low", "gain_high"]].eq(0).all()
    assert said.dealt(same) == "Every signal points at the same layer for all languages."
    one, cka = said.rules_table(same, "eng")[:2]
    assert cka == ("By CKA, debiased", "9", one[2], "the same", "the same")


def test_intervals_are_wider_than_those_of_one_difference_alone(sweep, found):
    """They hold together, and those of more signals are wider."""
    alone = recommend.by_language(sweep, with_measures(["cka"]))
    one, three = (rule(each, "cka") for each in (alone, found))
    assert one["gain"] == pytest.approx(three["gain"])
    assert one["gain_high"] - one["gain_low"] < three["gain_high"] - three["gain_low"]


def with_measures(measures):
    profiled = small_profile()
    return SimpleNamespace(**vars(profiled) | {"pairs": profiled.pairs[profiled.pairs["measure"].isin(measures)]})


def test_one_run_or_no_resamples_show_nothing(sweep):
    first = (sweep.heads["seed"] == 0).to_numpy()
    single = {name: getattr(sweep, name)[first] for name in ("hits", "predicted", "dev_hits", "dev_predicted")}
    one = SimpleNamespace(**vars(sweep) | single | {"heads": sweep.heads[first].reset_index(drop=True)})
    for each in (one, small_sweep(resamples=0)):
        found = recommend.by_language(each, small_profile())
        assert found.rules[["gain_low", "over_dealt_low"]].isna().all(axis=None)
        assert said.answer(found, "eng").endswith("Without an interval, that shows no difference.")
        assert said.dealt(found) == ""


def test_languages_that_the_profile_lacks_are_left_out_and_named(sweep):
    profiled = small_profile()
    pairs = profiled.pairs[(profiled.pairs["source"] != "tur") & (profiled.pairs["target"] != "tur")]
    found = recommend.by_language(sweep, SimpleNamespace(**vars(profiled) | {"pairs": pairs}))
    assert found.left_out == ("tur",)
    assert found.n == 80 * (len(TARGETS) - 1)
    assert said.left_out_said(found) == "Left out, as the parallel sentences lack them: Turkish."


def test_where_nothing_can_be_chosen_there_is_nothing(sweep):
    profiled = small_profile()
    near = profiled.pairs[profiled.pairs["source"].isin(["eng", "deu"]) & profiled.pairs["target"].isin(["eng", "deu"])]
    assert recommend.by_language(sweep, SimpleNamespace(**vars(profiled) | {"pairs": near})) is None
    kept = (sweep.heads["layer"].isna() | (sweep.heads["layer"] == 9)).to_numpy(dtype=bool)
    parts = {name: getattr(sweep, name)[kept] for name in ("hits", "predicted", "dev_hits", "dev_predicted")}
    single = SimpleNamespace(**vars(sweep) | parts | {"heads": sweep.heads[kept].reset_index(drop=True)})
    assert recommend.by_language(single, profiled) is None


def test_a_profile_of_another_model_is_refused(sweep):
    profiled = small_profile()
    other = SimpleNamespace(**vars(profiled) | {"meta": profiled.meta | {"fingerprint": "1" * 64}})
    with pytest.raises(ValueError, match="The profile is of another model"):
        recommend.by_language(sweep, other)


def test_every_verdict_is_said_of_its_own_signals(found):
    rules = found.rules.copy()
    low, high = [0.01, -0.04, -0.01], [0.03, -0.01, 0.02]
    rules.loc[rules["rule"].isin(SIGNALS), ["gain_low", "gain_high"]] = np.transpose([low, high])
    answer = said.answer(recommend.ByLanguage(**vars(found) | {"rules": rules}), "eng")
    for verdict, name in (("does better than", "CKA"), ("does worse than", "ANC"), ("not shown to do better", "CSLS")):
        assert name in answer.split(verdict)[1].split(")")[0]
