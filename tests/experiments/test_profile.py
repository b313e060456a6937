from dataclasses import replace

import numpy as np
import pytest

from dlfa_core import measures
from dlfa_core.experiments import encode, profile
from dlfa_core.experiments.sources import cautions
from dlfa_core.runtime import store
from dlfa_core.tables import columns_of

N, HIDDEN = 60, 16


@pytest.fixture
def spec(model, corpus):
    return profile.Spec(model=model, corpus=corpus, resamples=50, dtype="float32")


@pytest.fixture
def result(spec):
    return profile.run(spec)


@pytest.fixture
def layered(spec, monkeypatch):
    """Profiles three languages that share the more, the higher `shared[layer]`; the rest is `noises[layer]`."""

    def run(shared, noises=None, **changes):
        rng = np.random.default_rng(0)
        common, own = rng.normal(size=(N, HIDDEN)), rng.normal(size=(3, 4, N, HIDDEN))
        layers = list(zip(shared, noises or [0] * len(shared), strict=True))

        def fetch(experiment, wanted, progress):
            noise = own[("eng", "deu", "hin").index(wanted.language)]
            vectors = np.stack([c * common + (1 - c) * noise[k] for c, k in layers]).astype(np.float32)
            subwords, unknown = np.full(N, 10), np.full(N, wanted.language == "hin")
            return encode.Result(vectors, subwords, unknown, 3 * (wanted.language == "deu"), "float32")

        monkeypatch.setattr(store, "fetch", fetch)
        return profile.run(replace(spec, **changes))

    return run


def test_values_are_those_of_the_measure_on_the_two_languages(spec, result):
    x, y = (encode.run(encode.Spec(spec.model, spec.corpus, code, dtype="float32")).vectors for code in ("eng", "hin"))
    rows = result.pairs.query("source == 'eng' and target == 'hin'").set_index(["measure", "layer"])["value"]
    for name in spec.measures:
        for layer in range(4):
            expected = measures.measure(name)(x[layer], y[layer])
            assert rows[name, layer] == pytest.approx(expected, abs=1e-6)


def test_symmetric_measures_list_each_pair_once_and_others_both_ways(result):
    counts = result.pairs.groupby("measure").size() / 4
    for name, count in counts.items():
        assert count == (3 if measures.measure(name).symmetric else 6)


def test_means_are_the_means_over_pairs(result):
    expected = result.pairs.groupby(["measure", "layer"])["value"].mean()
    found = result.means.set_index(["measure", "layer"])["value"]
    np.testing.assert_allclose(found, expected[found.index], atol=1e-12)
    assert (result.means.n == 36).all()


def test_the_columns_are_the_documented_ones(result):
    assert columns_of(profile.Result) == {name: tuple(getattr(result, name)) for name in ("pairs", "means", "best")}


@pytest.mark.parametrize("name", ["cka", "anc", "retrieval_csls", "svcca", "cka_biased"])
def test_the_best_layer_is_where_the_languages_share_most(layered, name):
    best = layered([0.1, 0.3, 0.7, 0.3], measures=(name,)).best
    assert best.set_index("layer")["share"].to_dict() == pytest.approx({0: 0, 1: 0, 2: 1, 3: 0}, abs=0.02)


@pytest.mark.parametrize("name", ["cka", "svcca"])
def test_shares_sum_to_one_and_say_when_layers_are_hard_to_tell_apart(layered, name):
    best = layered([0.1, 0.6, 0.6, 0.1], noises=[0, 1, 2, 3], measures=(name,)).best.set_index("layer")["share"]
    assert best.sum() == pytest.approx(1)
    assert best[1] + best[2] > 0.99
    assert min(best[1], best[2]) > 0.01


def test_all_layers_see_the_same_resamples(layered):
    means = layered([0.5, 0.5, 0.5]).means
    spread = means.groupby("measure")[["value", "ci_low", "ci_high"]].agg(np.ptp)
    assert (spread.to_numpy() < 1e-12).all()


def test_intervals_hold_the_value_and_unrelated_languages_stay_within_the_null(layered):
    means = layered([0.0, 0.6]).means.set_index(["layer", "measure"])
    assert (means.ci_low <= means.value).all()
    assert (means.value <= means.ci_high).all()
    unrelated, related = means.loc[0], means.loc[1]
    assert (unrelated.ci_low < unrelated.null_high).all()
    assert (related.ci_low > related.null_high).all()


def test_the_null_of_a_mean_is_no_narrower_than_that_of_independent_pairs(result):
    pairs = result.pairs.assign(sd=(result.pairs.null_high - result.pairs.null_mean) / profile.ONE_SIDED)
    independent = pairs.groupby(["measure", "layer"])["sd"].agg(lambda sd: np.sqrt((sd**2).sum()) / len(sd))
    means = result.means.set_index(["measure", "layer"])
    assert (means.null_high - means.null_mean >= profile.ONE_SIDED * independent[means.index] - 1e-12).all()


def test_the_same_spec_gives_identical_numbers_and_another_seed_other_intervals(spec, result):
    again = profile.run(spec)  # the same operations on the stored encodings
    assert again.pairs.equals(result.pairs)
    assert again.best.equals(result.best)
    other = profile.run(replace(spec, seed=1))
    assert other.pairs.value.equals(result.pairs.value)
    assert not other.means.ci_low.equals(result.means.ci_low)


def test_no_resamples_leave_intervals_and_best_layers_open(spec):
    result = profile.run(replace(spec, resamples=0))
    assert result.means.ci_low.isna().all()
    assert result.pairs.ci_high.isna().all()
    assert result.best.empty


def test_too_few_sentences_for_intervals_are_refused_before_any_is_encoded(spec, monkeypatch):
    monkeypatch.setattr(profile, "all_encoded", lambda *_: pytest.fail("encoded"))
    with pytest.raises(ValueError, match=r"needs at least 20 sentences or examples, but got 19.*resamples=0"):
        profile.run(replace(spec, limit=19))


def test_stored_encodings_are_used_again(spec, monkeypatch):
    profile.run(spec)
    monkeypatch.setattr(encode, "run", None)
    assert not profile.run(replace(spec, measures=("retrieval_csls@2",), seed=3)).pairs.empty


def test_a_limit_compares_that_many_sentences(spec):
    result = profile.run(replace(spec, limit=25))
    x, y = (
        encode.run(encode.Spec(spec.model, spec.corpus, code, limit=25, dtype="float32")).vectors[3]
        for code in ("eng", "hin")
    )
    found = result.pairs.query("layer == 3 and measure == 'cka' and target == 'hin' and source == 'eng'")
    assert found.value.item() == pytest.approx(measures.linear_cka(x, y), abs=1e-6)
    assert result.meta["n"] == found.n.item() == 25


def test_meta_tells_what_was_compared(spec, result):
    assert result.meta["languages"] == ["eng", "deu", "hin"]
    assert (result.meta["n"], result.meta["n_states"], result.meta["hidden_size"]) == (36, 4, 24)
    assert result.meta["fingerprint"].startswith("sha256:")
    assert result.meta["unknown"].keys() == result.meta["truncated"].keys() == {"eng", "deu", "hin"}


def test_warnings_name_what_limits_the_numbers(layered):
    warnings = layered([0.5, 0.6], measures=("cka_biased",)).meta["warnings"]
    assert any("Biased CKA at n = 60 and d = 16" in warning for warning in warnings)
    assert "Cut at 256 subwords, of 60 sentences each: German 3. A larger max_length reads them whole." in warnings
    assert any("lacks much of the text: Hindi 10% of the subwords" in warning for warning in warnings)


def test_languages_that_multilingual_bert_never_saw_are_named():
    found = list(cautions.unseen_languages("bert-base-multilingual-cased", ["eng", "tha", "mai"]))
    assert found == ["Multilingual BERT was not trained on Maithili: read these as unseen languages."]
    assert not list(cautions.unseen_languages("some/other-model", ["mai"]))


def test_progress_is_in_plain_words_and_never_falls(spec):
    calls = []
    profile.run(spec, lambda fraction, message: calls.append((fraction, message)))
    fractions, messages = zip(*calls, strict=True)
    assert list(fractions) == sorted(fractions)
    assert "Encoding Hindi, 3 of 3" in messages
    assert messages[-1] == "Comparing languages at layer 3"


def test_one_language_is_not_enough(spec):
    with pytest.raises(ValueError, match="only German was chosen: choose at least two of eng, deu, hin"):
        profile.run(replace(spec, languages=("deu",)))


def test_an_unknown_measure_is_refused_before_anything_is_encoded(spec, monkeypatch):
    monkeypatch.setattr(encode, "run", None)
    with pytest.raises(ValueError, match="did you mean cka"):
        profile.run(replace(spec, measures=("ckaa",)))


def test_languages_are_compared_in_the_order_asked_for(spec):
    result = profile.run(replace(spec, languages=("hin", "eng"), measures=("cka",)))
    assert result.meta["languages"] == ["hin", "eng"]
    assert set(zip(result.pairs.source, result.pairs.target, strict=True)) == {("hin", "eng")}


def test_an_error_of_a_measure_names_the_layer_and_the_languages(layered):
    with pytest.raises(ValueError, match=r"At layer 1, with the views eng, deu, hin: .* needs finite numbers"):
        layered([0.5, np.nan])


def test_with_cls_pooling_the_curves_begin_at_layer_1_and_say_why(spec):
    """Every sentence has the same first token, so that nothing differs at the embedding output."""
    result = profile.run(replace(spec, pooling="cls"))
    assert sorted(result.pairs.layer.unique()) == sorted(result.best.layer.unique()) == [1, 2, 3]
    assert any("the curves begin at layer 1" in warning for warning in result.meta["warnings"])
