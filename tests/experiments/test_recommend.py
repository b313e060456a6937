"""The choice of a layer, held against plainer ones: numbers that were made up, and a model that was trained."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dlfa_core.experiments import profile, recommend, transfer
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.measures import interval
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


def test_the_chosen_layer_is_the_best_of_dlfa(sweep, result):
    means, chosen = target_means(sweep), row(result, "chosen")
    best = means["dlfa"].idxmax()
    assert (chosen["layer"], chosen["weight"]) == best == (9, "gate")
    assert chosen["value"] == pytest.approx(means["dlfa"].max())


def test_gains_are_differences_of_the_answers_means(sweep, result):
    means, best = target_means(sweep), row(result, "chosen")["value"]
    assert row(result, "last")["gain"] == pytest.approx(best - means["last"].item())
    assert row(result, "control", fusion="extra")["gain"] == pytest.approx(best - means["extra"].item())
    assert row(result, "control", fusion="average")["gain"] == pytest.approx(best - means["average"].max())
    high = [means["dlfa", layer, "gate"] for layer in (8, 9, 10, 11)]
    assert row(result, "depth")["gain"] == pytest.approx(best - np.mean(high))
    assert row(result, "depth")["layers"] == "8 to 11"


def test_intervals_are_those_of_examples_and_seeds_drawn_again(sweep, result):
    """Second route: resample the answers by hand, with fresh draws; the widened interval is the wider one."""
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
        seeds = rng.integers(3, size=3)
        by_language = []
        for code, hits in answers.items():
            if code != "eng":
                own = hits[:, rng.integers(hits.shape[1], size=hits.shape[1])].mean(axis=1)
                by_language.append(own[ours][seeds].mean() - own[last][seeds].mean())
        drawn.append(np.mean(by_language))
    stored = row(result, "last")
    low, high = interval(stored["gain"], np.array(drawn), "bootstrap")
    width = stored["gain_high"] - stored["gain_low"]
    assert 1.0 < width / (high - low) < 2.0
    assert stored["gain_low"] < low < stored["gain"] < high < stored["gain_high"]


def test_what_is_stored_is_enough_for_the_same_choices(result):
    """Without any example's score: replicates of the means give the table again."""
    table, drawn = result.configurations, result.replicates.astype(np.float64)
    main = result.means[(result.means["level"] == "targets") & (result.means["measure"] == "accuracy")]
    values = table.merge(main, on=["fusion", "layer", "weight"], how="left")["value"].to_numpy()
    again = recommend.choices_of(table, values, drawn, 12, np.arange(len(table), dtype=float))
    same = [name for name in again if name not in ("against", "fusion", "weight", "layers")]
    ours, theirs = (frame[frame["against"] != "dev"][same].astype(float) for frame in (again, result.choices))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_nothing_is_above_itself(result):
    for against in ("chosen", "dev"):
        assert row(result, against)[["gain", "gain_low", "gain_high"]].tolist() == [0, 0, 0]


def test_the_dev_set_may_point_elsewhere(sweep):
    dev = sweep.heads["dev_score"].where(~((sweep.heads["layer"] == 2) & (sweep.heads["weight"] == "gate")), 0.99)
    other = type(sweep)(**{**vars(sweep), "heads": sweep.heads.assign(dev_score=dev)})
    found = row(recommend.compared(other, None), "dev")
    assert (found["layer"], found["layers"]) == (2, "2")
    assert found["gain_low"] > 0


@pytest.mark.parametrize(
    ("n_layers", "expected"), [(12, (8, 11)), (24, (16, 23)), (6, (4, 5)), (4, (3, 3)), (2, (1, 1))]
)
def test_the_upper_third_ends_below_the_last_layer(n_layers, expected):
    assert recommend.upper_third(n_layers) == expected


def test_one_layer_alone_is_no_upper_third():
    table = pd.DataFrame({"fusion": ["last", "dlfa"], "layer": [pd.NA, 3], "weight": ["", "gate"]})
    table = table.astype({"layer": "Int64"})
    found = recommend.choices_of(table, np.array([0.5, 0.6]), np.random.default_rng(0).random((50, 2)), 4, np.ones(2))
    assert list(found["against"]) == ["chosen", "last", "dev"]


def test_without_dlfa_the_best_fused_layer_of_any_fusion_is_chosen():
    table = pd.DataFrame({"fusion": ["last", "average", "concat"], "layer": [pd.NA, 3, 2], "weight": [""] * 3})
    table = table.astype({"layer": "Int64"})
    drawn = np.random.default_rng(0).random((50, 3))
    found = recommend.choices_of(table, np.array([0.5, 0.6, 0.7]), drawn, 4, np.ones(3))
    assert found["fusion"][0] == "concat"
    assert "control" not in set(found["against"])


def test_dev_scores_are_means_over_seeds_in_the_order_of_the_configurations(sweep, result):
    scores = recommend.dev_scores_of(sweep.heads)
    best = result.configurations.query("fusion == 'dlfa' and layer == 9 and weight == 'gate'").index[0]
    assert len(scores) == len(result.configurations)
    assert scores[best] == scores.max()


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


def test_it_holds_no_score_of_an_example(spec):
    folder = store.save(recommend, spec, recommend.run(spec))
    assert sum(path.stat().st_size for path in folder.iterdir()) < 200_000
    assert not {"hits", "examples"} & {path.stem for path in folder.iterdir()}
    stored = store.find(recommend, spec)
    assert stored.replicates.dtype == np.float32
    assert stored.replicates.shape == (30, len(stored.configurations))


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
