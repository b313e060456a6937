"""TransferStatistics and rank correlations, from counts that were made up so that the answer is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from dlfa_core.experiments import transfer
from dlfa_core.experiments.recommend import predictors
from dlfa_core.experiments.training import Resamples, TransferStatistics, language_groups
from dlfa_core.measures.stacked_counts import Counts

CODES = ("eng", "deu", "fra", "hin")
N = 400
SKILL = {("last", None): 0.6, ("dlfa", 1): 0.5, ("dlfa", 2): 0.6, ("dlfa", 3): 0.7, ("dlfa", 4): 0.8}


def made_up(seeds=(0, 1, 2), parallel=False, shift=0.0):
    """Right and wrong answers of five configurations in four languages; languages differ by a constant."""
    rng = np.random.default_rng(3)
    rows = [(fusion, layer, "gate" if layer else "", seed) for fusion, layer in SKILL for seed in seeds]
    heads = pd.DataFrame(rows, columns=["fusion", "layer", "weight", "seed"]).astype({"layer": "Int64"})
    skill = np.array([SKILL[fusion, None if pd.isna(layer) else layer] for fusion, layer, *_ in rows])
    counts = {}
    for index, code in enumerate(CODES):
        luck = rng.random(N)[None] + 0.02 * rng.random((len(heads), 1))
        hits = (luck < skill[:, None] - 0.05 * index + shift).astype(np.int64)
        counts[code] = Counts(hits, np.ones_like(hits), np.ones(N, dtype=np.int64))
    ids = {code: tuple(f"{'' if parallel else code}{row}" for row in range(N)) for code in CODES}
    return heads, counts, Resamples.of(ids, len(seeds), 200)


@pytest.fixture(scope="module")
def gains():
    return TransferStatistics(*made_up(), "eng")


def as_result(gains):
    counts = list(gains.counts.values())
    return SimpleNamespace(
        heads=gains.heads,
        examples=pd.DataFrame(
            [(code, f"{code}{row}") for code in CODES for row in range(N)], columns=["language", "id"]
        ),
        hits=np.concatenate([count.hits for count in counts], axis=1),
        predicted=np.concatenate([count.predicted for count in counts], axis=1),
        gold=np.concatenate([count.gold for count in counts]),
        meta={"resamples": 200, "source_language": "eng", "fingerprint": "sha256:a", "model": "demo"},
    )


def similarity(values=(0.1, 0.2, 0.3, 0.9), fingerprint="sha256:a", languages=CODES):
    pairs = [
        (layer, "eng", code, "cka", value + index / 100)
        for layer, value in enumerate(values, start=1)
        for index, code in enumerate(languages)
        if code != "eng"
    ]
    meta = {"fingerprint": fingerprint, "model": "other", "languages": list(languages)}
    return SimpleNamespace(
        pairs=pd.DataFrame(pairs, columns=["layer", "source", "target", "measure", "value"]), meta=meta
    )


def one(frame, **values):
    rows = frame[np.logical_and.reduce([(frame[name] == value).fillna(False) for name, value in values.items()])]
    assert len(rows) == 1
    return rows.iloc[0]


def test_groups_are_all_targets_families_and_languages(gains):
    groups = gains.means()[["level", "group", "n_languages"]].drop_duplicates().itertuples(index=False, name=None)
    assert list(groups) == [
        ("all", "all", 4),
        ("targets", "targets", 3),
        ("family", "Indo-European", 3),
        *(("language", code, 1) for code in CODES),
    ]


def test_a_mean_over_languages_weighs_them_alike(gains):
    means = gains.means()
    languages = means[(means["level"] == "language") & (means["layer"] == 2)]
    assert one(means, level="all", layer=2)["value"] == pytest.approx(languages["value"].mean())


def test_a_pair_of_heads_is_compared_on_the_same_examples(gains):
    """Luck is shared, so that the difference is far surer than the two scores are."""
    means, differences = (one(frame, level="targets", layer=4) for frame in (gains.means(), gains.differences()))
    assert differences["value"] == pytest.approx(0.2, abs=0.05)
    assert differences["ci_low"] > 0.1
    assert differences["ci_high"] - differences["ci_low"] < 1.2 * (means["ci_high"] - means["ci_low"])
    apart = one(gains.differences(), level="targets", layer=2)
    assert apart["ci_low"] < 0 < apart["ci_high"] or abs(apart["value"]) < 0.02
    assert apart["ci_high"] - apart["ci_low"] < 0.5 * (means["ci_high"] - means["ci_low"])


def test_the_interval_of_one_language_is_about_that_of_a_share(gains):
    row = one(gains.scores(), fusion="dlfa", layer=3, seed=1, language="deu")
    expected = 2 * 1.96 * np.sqrt(row["value"] * (1 - row["value"]) / N)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(expected, rel=0.25)


def test_translations_of_a_sentence_are_drawn_together():
    draws = made_up(parallel=True)[2].examples
    assert all(np.array_equal(draws[code], draws["eng"]) for code in CODES)
    apart = made_up()[2].examples
    assert not np.array_equal(apart["deu"], apart["eng"])


def test_seeds_that_disagree_widen_the_interval():
    def width(gap):
        heads, counts, draws = made_up(seeds=(0, 1, 2, 3))
        for count in counts.values():
            count.hits[heads["seed"] == 0, : int(gap * N)] = 0
        row = one(TransferStatistics(heads, counts, draws, "eng").means(), level="targets", layer=3)
        return row["ci_high"] - row["ci_low"]

    assert width(0.5) > 1.5 * width(0.0)


def test_the_better_layer_is_the_best_in_every_resample(gains):
    best = gains.best()
    assert dict(zip(best["layer"], best["share"], strict=True)) == {1: 0, 2: 0, 3: 0, 4: 1}


def test_without_last_there_are_no_differences():
    heads, counts, draws = made_up()
    keep = (heads["fusion"] != "last").to_numpy()
    counts = {code: Counts(count.hits[keep], count.predicted[keep], count.gold) for code, count in counts.items()}
    found = TransferStatistics(heads[keep].reset_index(drop=True), counts, draws, "eng").differences()
    assert len(found) == 0
    assert "value" in found


def test_fusions_with_different_seeds_are_not_compared(gains):
    heads = gains.heads.assign(seed=range(len(gains.heads)))
    with pytest.raises(ValueError, match=r"compared seed by seed, but they have different ones: .* Train them alike"):
        TransferStatistics(heads, gains.counts, gains.draws, "eng").means()


def test_depth_and_closeness_that_order_layers_as_transfer_does_correlate_fully(gains):
    found = predictors.rank_correlations(as_result(gains), similarity())
    assert set(found["predictor"]) == {"depth", "cka"}
    assert found["value"].eq(1).all()
    assert one(found, level="targets", predictor="cka")["n_languages"] == 3
    assert "eng" not in set(found["group"])


def test_correlations_equal_those_of_scipy(gains):
    values = (0.4, 0.1, 0.3, 0.2)
    found = predictors.rank_correlations(as_result(gains), similarity(values))
    row = one(found, group="hin", predictor="cka")
    scores = gains.means().query("group == 'hin' and fusion == 'dlfa'")["value"]
    assert row["value"] == pytest.approx(spearmanr(values, scores).statistic)
    assert np.isnan(row["ci_low"])  # four layers are too few to draw anew


def test_equal_predictors_correlate_with_nothing(gains):
    found = predictors.rank_correlations(as_result(gains), similarity((0.5,) * 4))
    assert found.loc[found["predictor"] == "cka", ["value", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_language_that_the_profile_lacks_is_left_out(gains):
    found = predictors.rank_correlations(as_result(gains), similarity(languages=("eng", "hin")))
    assert one(found, level="targets", predictor="cka")["n_languages"] == 1
    assert set(found.loc[found["predictor"] == "cka", "group"]) == {"targets", "hin"}
    assert "deu" in set(found.loc[found["predictor"] == "depth", "group"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fingerprint": "sha256:b"}, r"profile is of another model \(other, sha256:b…\) than the transfer \(demo"),
        ({"languages": ("deu", "hin")}, "The profile lacks eng, which was trained on, and has deu, hin"),
    ],
)
def test_a_profile_that_does_not_fit_is_refused(gains, changes, message):
    with pytest.raises(ValueError, match=message):
        predictors.rank_correlations(as_result(gains), similarity(**changes))


def test_gains_are_taken_again_from_a_result(gains):
    pd.testing.assert_frame_equal(transfer.gains_of(as_result(gains)).differences(), gains.differences())


def test_groups_are_all_languages_those_named_and_each():
    groups = language_groups(("eng", "deu", "hin"), ("targets", "targets", ["hin", "deu"]), ("seen", "seen", []))
    assert [tuple(group) for group in groups] == [
        ("all", "all", [0, 1, 2]),
        ("targets", "targets", [2, 1]),
        ("language", "eng", [0]),
        ("language", "deu", [1]),
        ("language", "hin", [2]),
    ]
