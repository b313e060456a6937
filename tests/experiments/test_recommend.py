"""The choice of a layer, held against plainer ones: numbers that were made up, and a model that was trained."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dlfa_core.experiments import profile, recommend, transfer
from dlfa_core.experiments.recommend.contest import Contest, dev_scores_of
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.languages import family_order
from dlfa_core.runtime import store
from tests.conftest import MEASURES
from tests.experiments.labelled_small import save_sentences
from tests.recommended import small_recommendation, small_sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sweep():
    return small_sweep()


@pytest.fixture(scope="module")
def result():
    return small_recommendation()


def row(result, against, **more):
    rows = result.choices[result.choices["against"] == against]
    for name, value in more.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def target_means(sweep):
    """Second route: mean over targets and seeds of the share of right answers, from the answers alone."""
    targets = (sweep.examples["language"] != "eng").to_numpy()
    heads = sweep.heads.assign(score=sweep.hits[:, targets].mean(axis=1))
    keys = [heads["fusion"], heads["layer"].fillna(0).astype(int), heads["weight"]]
    return heads.groupby(keys)["score"].mean()


def with_dev_scores(sweep, layer, weight="gate", score=0.99):
    """The sweep with another layer that the dev set points at."""
    own = (sweep.heads["layer"] == layer) & (sweep.heads["weight"] == weight) & (sweep.heads["fusion"] == "dlfa")
    dev = sweep.heads["dev_score"].where(~own.fillna(False), score)
    return type(sweep)(**{**vars(sweep), "heads": sweep.heads.assign(dev_score=dev)})


def test_the_chosen_layer_is_the_dev_sets_whatever_the_tests_say(sweep):
    for layer in (2, 9):
        result = recommend.compared(with_dev_scores(sweep, layer), None)
        assert row(result, "chosen")["layer"] == layer
        assert row(result, "chosen")["value"] == pytest.approx(target_means(sweep)["dlfa", layer, "gate"])
        assert row(result, "oracle")["layer"] == 9


def test_changing_test_answers_changes_no_choice_but_the_oracles(sweep, result):
    other = type(sweep)(**{**vars(sweep), "hits": 1 - sweep.hits})
    found = recommend.compared(other, None)
    kinds = ["chosen", "last", "depth", "random", "control"]
    ours, theirs = (each.choices[each.choices["against"].isin(kinds)]["layers"].tolist() for each in (found, result))
    assert ours == theirs
    assert row(found, "oracle")["layer"] != row(result, "oracle")["layer"]


def test_the_oracle_is_the_best_of_dlfa_on_the_tests(sweep, result):
    means, oracle = target_means(sweep), row(result, "oracle")
    best = means["dlfa"].idxmax()
    assert (oracle["layer"], oracle["weight"]) == best == (9, "gate")
    assert oracle["value"] == pytest.approx(means["dlfa"].max())


def test_gains_are_differences_of_the_answers_means(sweep, result):
    means, best = target_means(sweep), row(result, "chosen")["value"]
    assert row(result, "last")["gain"] == pytest.approx(best - means["last"].item())
    assert row(result, "control", fusion="extra")["gain"] == pytest.approx(best - means["extra"].item())
    assert row(result, "control", fusion="average")["gain"] == pytest.approx(best - means["average", 9].item())
    high = [means["dlfa", layer, "gate"] for layer in (8, 9, 10, 11)]
    assert row(result, "depth")["gain"] == pytest.approx(best - np.mean(high))
    assert row(result, "depth")["layers"] == "8 to 11"
    every = [means["dlfa", layer, "gate"] for layer in range(1, 12)]
    assert row(result, "random")["gain"] == pytest.approx(best - np.mean(every))
    assert row(result, "random")["layers"] == "1 to 11"


def test_by_other_languages_each_half_is_scored_with_the_choice_of_the_other(sweep):
    """Second route: halves by hand, of languages in which other layers are best."""
    hits, languages = sweep.hits.copy(), sweep.examples["language"].to_numpy()
    targets = [code for code in family_order(set(languages)) if code != "eng"]
    halves = targets[::2], targets[1::2]
    for half, layer in zip(halves, (3, 6), strict=True):
        rows = (sweep.heads["fusion"] == "dlfa") & (sweep.heads["layer"] == layer) & (sweep.heads["weight"] == "gate")
        hits[np.ix_(rows.fillna(False).to_numpy(dtype=bool), np.isin(languages, half))] = 1
    other = type(sweep)(**{**vars(sweep), "hits": hits})
    found = row(recommend.compared(other, None), "languages")
    assert found["layers"] == "6 and 3"  # the first half has the second's best layer, and the other way round
    heads = {
        layer: ((sweep.heads["fusion"] == "dlfa") & (sweep.heads["layer"] == layer) & (sweep.heads["weight"] == "gate"))
        .fillna(False)
        .to_numpy(dtype=bool)
        for layer in (3, 6)
    }
    by_language = [hits[np.ix_(heads[6 if code in halves[0] else 3], languages == code)].mean() for code in targets]
    assert found["value"] == pytest.approx(np.mean(by_language))


def test_intervals_hold_what_further_seeds_and_examples_may_give(sweep, result):
    """Second route: standard error over examples by resampling the answers by hand; the interval is wider than it."""
    rng = np.random.default_rng(11)
    answers = {
        code: sweep.hits[:, rows.index.to_numpy()] for code, rows in sweep.examples.groupby("language", sort=False)
    }
    pick = [
        ((sweep.heads["fusion"] == name) & (sweep.heads["layer"].fillna(0) == layer) & sweep.heads["weight"].isin(kind))
        for name, layer, kind in (("dlfa", 9, ["gate"]), ("last", 0, [""]))
    ]
    ours, last = (np.flatnonzero(rows) for rows in pick)
    drawn = []
    for _ in range(400):
        by_language = []
        for code, hits in answers.items():
            if code != "eng":
                own = hits[:, rng.integers(hits.shape[1], size=hits.shape[1])].mean(axis=1)
                by_language.append(own[ours].mean() - own[last].mean())
        drawn.append(np.mean(by_language))
    stored = row(result, "last")
    reach = 1.96 * np.std(drawn)
    assert stored["gain_low"] < stored["gain"] - reach < stored["gain"] + reach < stored["gain_high"]
    assert stored["gain_high"] - stored["gain_low"] < 6 * reach


def test_nothing_is_above_itself(result):
    for against in ("chosen", "oracle"):
        assert row(result, against)[["gain", "gain_low", "gain_high"]].tolist() == [0, 0, 0]
        assert row(result, against)["same"]


def test_what_lies_within_the_margin_is_the_same_and_nothing_else(result, undecided):
    for found in (result, undecided):
        inside = found.choices["gain_low"].ge(-recommend.MARGIN) & found.choices["gain_high"].le(recommend.MARGIN)
        assert found.choices["same"].tolist() == inside.tolist()


def test_one_run_has_no_interval_of_a_difference(sweep):
    first = (sweep.heads["seed"] == 0).to_numpy()
    names = ("hits", "predicted", "dev_hits", "dev_predicted")
    parts = {name: getattr(sweep, name)[first] for name in names}
    heads = sweep.heads[first].reset_index(drop=True)
    one = type(sweep)(**{**vars(sweep), **parts, "heads": heads, "meta": {**sweep.meta, "seeds": [0]}})
    result = recommend.compared(one, None)
    assert result.choices.loc[result.choices["against"] == "last", ["gain_low", "gain_high"]].isna().all(axis=None)
    without = result.choices["ci_low"].isna()  # the best of many, picked on its score, has none without a test
    assert result.choices.loc[without, "against"].tolist() == ["oracle"]
    assert not result.choices.loc[1:, "same"][result.choices.loc[1:, "gain"] != 0].any()


def test_dev_draws_point_at_the_candidates_and_add_up(sweep, result):
    assert result.dev_best["share"].sum() == pytest.approx(1)
    assert set(result.dev_best["fusion"]) == {"dlfa"}
    sure = type(sweep)(**{**vars(sweep), "dev_hits": np.zeros_like(sweep.dev_hits)})
    own = (sweep.heads["fusion"] == "dlfa") & (sweep.heads["layer"] == 4) & (sweep.heads["weight"] == "gate")
    sure.dev_hits[own.fillna(False).to_numpy(dtype=bool)] = 1
    best = recommend.compared(sure, None).dev_best
    assert best[best["share"] == 1][["layer", "weight"]].to_numpy().tolist() == [[4, "gate"]]


@pytest.mark.parametrize(
    ("n_layers", "expected"), [(12, (8, 11)), (24, (16, 23)), (6, (4, 5)), (4, (3, 3)), (2, (1, 1))]
)
def test_the_upper_third_ends_below_the_last_layer(n_layers, expected):
    assert recommend.upper_third(n_layers) == expected


def contest(fusions, layers, weights, values, n_layers=4):
    table = pd.DataFrame({"fusion": fusions, "layer": layers, "weight": weights}).astype({"layer": "Int64"})
    rng = np.random.default_rng(0)
    drawn = rng.random((50, 3, len(table), 2))
    scores = np.broadcast_to(np.array(values)[None, :, None], (3, len(table), 2))
    return Contest(table, scores, drawn, np.array(values), ("deu", "hin"), n_layers)


def test_one_layer_alone_is_no_upper_third_and_two_languages_no_halves():
    found = contest(["last", "dlfa"], [pd.NA, 3], ["", "gate"], [0.5, 0.6]).table()
    assert list(found["against"]) == ["chosen", "oracle", "last"]


def test_without_dlfa_the_best_fused_layer_of_any_fusion_is_chosen():
    found = contest(["last", "average", "concat"], [pd.NA, 3, 2], [""] * 3, [0.5, 0.6, 0.7]).table()
    assert found["fusion"][0] == "concat"
    assert "control" not in set(found["against"])


def test_dev_scores_are_means_over_seeds_in_the_order_of_the_configurations(sweep, result):
    scores = dev_scores_of(sweep.heads)
    best = result.configurations.query("fusion == 'dlfa' and layer == 9 and weight == 'gate'").index[0]
    assert len(scores) == len(result.configurations)
    assert scores[best] == scores.max()


@pytest.fixture(scope="module")
def undecided():
    return small_recommendation(height=0.0)


# From the spec


@pytest.fixture
def spec(model, corpus, tmp_path):
    return recommend.Spec(
        task=save_sentences(tmp_path / "animals"),
        model=model,
        corpus=corpus,
        fusions=("dlfa", "average", "last"),
        seeds=(0, 1),
        epochs=2,
        resamples=30,
        batch_size=8,
        dtype="float32",
    )


def test_it_trains_and_profiles_once_and_keeps_what_it_was_made_of(spec):
    result = store.fetch(recommend, spec)
    trained = store.find(transfer, recommend.trained_as(spec))
    assert trained is not None
    assert store.find(profile, profile.Spec(model=spec.model, corpus=spec.corpus)) is not None
    assert result.meta["transfer"] == store.key_of(transfer, recommend.trained_as(spec))
    pd.testing.assert_frame_equal(result.differences, trained.differences)
    assert result.meta["similarity"]["n"] == 36


def test_an_encoder_with_random_weights_is_asked_the_same_and_kept_apart(spec):
    untrained = replace(spec, model=f"untrained:{spec.model}")
    one, other = (store.fetch(recommend, each) for each in (spec, untrained))
    assert store.key_of(recommend, spec) != store.key_of(recommend, untrained)
    pd.testing.assert_frame_equal(one.configurations, other.configurations)
    similarities = [
        store.find(profile, profile.Spec(model=each.model, corpus=each.corpus)).means["value"]
        for each in (spec, untrained)
    ]
    assert not np.allclose(*similarities, atol=0.05)
    assert other.meta["model"] == untrained.model


def test_predictors_are_depth_and_every_measure_of_the_profile(result):
    assert set(result.predictors["predictor"]) == {"depth", *MEASURES}
    assert result.predictors["n_layers"].eq(11).all()


def test_it_is_stored_under_the_version_of_the_scores_of_a_profile_not_of_its_intervals(spec, monkeypatch):
    key = store.key_of(recommend, spec)
    monkeypatch.setattr(profile, "VERSION", profile.VERSION + 1)
    assert store.key_of(recommend, spec) == key
    monkeypatch.setattr(profile, "SCORES_VERSION", profile.SCORES_VERSION + 1)
    assert store.key_of(recommend, spec) != key


def test_a_stored_transfer_is_not_trained_again(spec, monkeypatch):
    store.fetch(transfer, recommend.trained_as(spec))
    monkeypatch.setattr(transfer, "run", None)
    assert recommend.run(spec).meta["mode"] == "frozen"


def test_every_setting_of_a_transfer_is_one_of_a_recommendation(spec):
    assert recommend.trained_as(spec) == transfer.Spec(
        **{name: value for name, value in vars(spec).items() if name != "corpus"}
    )


def test_the_key_follows_the_corpus(spec, tmp_path):
    before = store.key_of(recommend, spec)
    path = tmp_path / "corpus.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("cat", "dog"), encoding="utf-8")
    assert store.key_of(recommend, spec) != before


def test_a_corpus_without_the_source_language_leaves_depth_alone(spec, tmp_path):
    (tmp_path / "other.tsv").write_text("deu\thin\n" + "Haus\tघर\n" * 30, encoding="utf-8")
    result = recommend.run(replace(spec, corpus=f"table:{tmp_path / 'other.tsv'}"))
    assert result.meta["similarity"] is None
    assert any("lack English, which was trained on" in warning for warning in result.meta["warnings"])


@pytest.mark.parametrize(
    ("fusions", "message"),
    [
        (("dlfa",), r"gain is one over the last layer alone, but fusions=\('dlfa',\) leaves it out: add last"),
        (("last", "extra"), r"None of fusions=\('last', 'extra'\) fuses a lower layer.*: add dlfa"),
        (("dlfo", "last"), "Unknown fusion 'dlfo': did you mean dlfa"),
    ],
)
def test_what_cannot_be_recommended_is_refused_before_training(spec, fusions, message, monkeypatch):
    monkeypatch.setattr(transfer, "run", None)
    with pytest.raises(ValueError, match=message):
        recommend.run(replace(spec, fusions=fusions))


def test_the_command_says_what_the_page_says(spec, tmp_path):
    result = store.fetch(recommend, spec)
    (entry,) = (entry for entry in store.listing(recommend) if not entry.bundled)
    command = [sys.executable, *entry.command.split()[1:]]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert advice.answer(result) in said
    assert all(text in said for text in advice.confidence(result))
