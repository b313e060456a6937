"""Arms and fusions from end to end with a tiny model, and their statistics by second routes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import transformers
from scipy import stats

from dlfa_core.experiments import augment, pretrain, transfer
from dlfa_core.experiments.augment.two_by_two import ARMS, EFFECTS
from dlfa_core.figures.sentences import summary
from dlfa_core.measures.corrections import holm
from dlfa_core.measures.trainings import mean_over_trainings
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Cancelled
from tests.augmented import made_up_table
from tests.experiments.labelled_small import save_sentences
from tests.models.tiny import save_checkpoint, tiny_tokenizer

WORDS = "concept\tvalence\teng\tdeu\ncat\t1\tcat\tHaus\ndog\t-1\tdog\tMaison\nsees\t0\tsees\tthen\n"


@pytest.fixture
def spec(tmp_path):
    """A tiny model, its text in English and German, and a lexicon that lacks Hindi."""
    folder = save_checkpoint(tmp_path / "bert", model_class=transformers.AutoModelForMaskedLM)
    tokenizer = tiny_tokenizer()
    tokenizer.mask_token = "##s"
    tokenizer.save_pretrained(folder)
    (tmp_path / "text").mkdir()
    for code, line in (
        ("en", "the cat sees a dog and then walks home"),
        ("de", "a Haus and then Maison over long hill"),
    ):
        (tmp_path / "text" / f"{code}.txt").write_text("\n".join([line, f"{line} !"] * 20), encoding="utf-8")
    (tmp_path / "words.tsv").write_text(WORDS, encoding="utf-8")
    return augment.Spec(
        model=str(folder),
        lexicon=f"table:{tmp_path / 'words.tsv'}",
        task=save_sentences(tmp_path / "animals"),
        text=str(tmp_path / "text"),
        steps=4,
        tokens=120,
        seeds=(0, 1),
        epochs=2,
        resamples=60,
        batch_size=8,
        dtype="float32",
    )


def test_arms_and_fusions_are_compared_from_end_to_end(spec, monkeypatch):
    result = store.fetch(augment, spec)
    assert len(result.cells) == 4 * 4 * (4 + 3)  # all, targets, seen, unseen, and three languages
    assert set(result.effects["effect"]) == set(EFFECTS)
    assert result.languages.set_index("language")["seen"].to_dict() == {"eng": True, "deu": True, "hin": False}
    assert result.languages.set_index("language")["coverage"]["eng"] == 1.0
    assert result.curves.groupby(["arm", "seed"])["step"].max().tolist() == [4] * 8
    assert set(result.samples["language"]) == {"eng", "deu"}
    assert result.meta["layer"] in (1, 2)
    assert result.meta["arms"] == list(ARMS)
    assert result.correlations.empty  # two target languages
    assert "DLFA of layer" in summary("augment", result)
    assert not list((store.home() / augment.MODELS).glob("*/safe-point.pt"))

    monkeypatch.setattr(pretrain, "run", _never)  # models and transfers are stored, so other resamples need no training
    monkeypatch.setattr(transfer, "run", _never)
    other = store.fetch(augment, replace(spec, resamples=0))
    pd.testing.assert_series_equal(other.cells["value"], result.cells["value"])
    assert other.effects[["ci_low", "p", "p_holm"]].isna().all(axis=None)
    few = store.fetch(augment, replace(spec, controls=()))
    assert set(few.effects["effect"]) == {name for name in EFFECTS if not name.startswith("over")}
    both = ["arm", "fusion", "level", "group"]
    same = few.cells.merge(result.cells, on=both, suffixes=("", "_with_controls"))
    assert len(same) == len(few.cells) == 2 * 4 * (4 + 3)
    if few.meta["layer"] == result.meta["layer"]:
        np.testing.assert_allclose(same["value"], same["value_with_controls"])
    assert any("Without the control random and neutral, a difference" in said for said in few.meta["warnings"])


def test_what_can_be_told_without_the_files_is_part_of_what_is_told_with_them(spec):
    assert augment.inputs_at_hand(spec).items() < augment.inputs(spec).items()


def _never(*_):
    raise AssertionError("this was stored")


def test_a_run_that_was_stopped_keeps_its_finished_models(spec, monkeypatch):
    def stop_at_the_second_model(fraction, message):
        if "augmented" in message:
            raise Cancelled

    with pytest.raises(Cancelled):
        augment.run(spec, stop_at_the_second_model)
    assert store.find(pretrain, augment.continued(spec, "plain", 0)) is not None
    assert store.find(pretrain, augment.continued(spec, "augmented", 0)) is None


def test_the_arms_differ_in_the_lexicon_alone_and_methods_share_the_plain_one(spec):
    plain, augmented = (augment.continued(spec, arm, 1, out="") for arm in ("plain", "augmented"))
    differing = {name for name, value in vars(plain).items() if value != getattr(augmented, name)}
    assert differing == {"lexicon", "methods"}
    assert augment.continued(replace(spec, methods=("mask",)), "plain", 1) == augment.continued(spec, "plain", 1)


@pytest.mark.parametrize("control", ["random", "neutral"])
def test_a_control_differs_from_the_lexicon_in_its_name_alone(spec, control):
    assert augment.continued(spec, control, 1, out="") == replace(
        augment.continued(spec, "augmented", 1, out=""), control=control
    )


@pytest.mark.parametrize(
    ("changes", "arms"),
    [
        ({}, ARMS),
        ({"controls": ()}, ("plain", "augmented")),
        ({"controls": ("neutral", "random")}, ARMS),
        ({"controls": ("neutral",)}, ("plain", "augmented", "neutral")),
        ({"methods": ("mask",)}, ("plain", "augmented", "neutral")),  # hides the same words with any dictionary
        ({"methods": ("mask", "valence")}, ARMS),
    ],
)
def test_only_controls_that_were_asked_for_and_change_something_are_trained(spec, changes, arms):
    assert augment.arms_of(replace(spec, **changes)) == tuple(arms)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"methods": ()}, "methods is empty, so all arms are the same: name at least one of switch, replace"),
        ({"methods": ("swap",)}, "methods='swap' is unknown"),
        ({"controls": ("none",)}, "controls='none' is unknown: use random, neutral"),
        ({"seeds": ()}, "seeds is empty"),
        ({"steps": 0}, "steps=0 trains nothing"),
        ({"epochs": 0}, "epochs=0 trains nothing"),
    ],
)
def test_a_spec_that_compares_nothing_is_refused(spec, changes, said):
    with pytest.raises(ValueError, match=said):
        augment.run(replace(spec, **changes))


@pytest.fixture(scope="module")
def table():
    """Four arms of three seeds; the lexicon helps the last layer in German and Finnish, and nothing else."""
    return made_up_table()


def test_the_layer_is_the_best_on_the_dev_set(table):
    assert table.layer == 2


def test_cells_are_means_of_hits_and_effects_are_differences_of_cells(table):
    cells = table.cells().set_index(["arm", "fusion", "level", "group"])["value"]
    german = slice(60, 120)
    by_hand = np.mean([result.hits[0, german].mean() for result in table.arms["augmented"]])
    assert cells["augmented", "last", "language", "deu"] == pytest.approx(by_hand)
    effects = table.effects().set_index(["effect", "level", "group"])["value"]
    for level, group in effects.index.droplevel("effect").unique():
        a, b, c, d, e, f, g, h = (cells[arm, fusion, level, group] for arm in ARMS for fusion in ("last", "dlfa"))
        found = [effects[effect, level, group] for effect in EFFECTS]
        expected = [c - a, d - b, b - a, d - c, (d - c) - (b - a), c - e, d - f, c - g, d - h]
        assert found == pytest.approx(expected)


def test_the_average_is_of_the_layer_that_dlfa_fuses(table):
    cells = table.cells().set_index(["arm", "fusion", "level", "group"])["value"]
    for row, fusion in ((2, "dlfa"), (4, "average"), (5, "extra")):
        by_hand = np.mean([result.hits[row].mean() for result in table.arms["random"]])
        assert cells["random", fusion, "all", "all"] == pytest.approx(by_hand)


def test_seen_and_unseen_are_target_languages(table):
    sizes = table.cells().drop_duplicates(["level", "group"]).set_index("group")["n_languages"]
    assert sizes[["all", "targets", "seen", "unseen"]].tolist() == [5, 4, 2, 2]


def test_an_effect_that_is_there_is_found_and_one_that_is_not_is_not(table):
    effects = table.effects().set_index(["effect", "group"])
    assert effects.loc[("augmented", "deu"), "p"] < 0.02
    assert effects.loc[("augmented", "deu"), "ci_low"] > 0
    assert effects.loc[("interaction", "deu"), "ci_high"] < 0
    assert effects.loc[("augmented", "unseen"), "p"] > 0.05


def test_intervals_are_those_of_resampling_examples_and_seeds_by_hand(table):
    rng, german = np.random.default_rng(1), slice(60, 120)
    hits = {arm: np.stack([r.hits[0, german] for r in results]) for arm, results in table.arms.items()}
    drawn = []
    for _ in range(2000):
        seeds, rows = rng.integers(3, size=3), rng.integers(60, size=60)
        drawn.append((hits["augmented"] - hits["plain"])[seeds][:, rows].mean())
    row = table.effects().set_index(["effect", "group"]).loc[("augmented", "deu")]
    assert row["ci_high"] - row["ci_low"] == pytest.approx(np.ptp(np.quantile(drawn, [0.025, 0.975])), rel=0.3)


def test_the_lexicon_is_told_from_its_controls_where_it_helps_and_only_there(table):
    effects = table.effects().set_index(["effect", "group"])
    for control in ("random", "neutral"):
        assert effects.loc[(f"over_{control}", "targets"), "p"] < 0.05
        assert effects.loc[(f"over_{control}", "unseen"), "p_holm"] > 0.05
        assert effects.loc[(f"over_{control}_fused", "targets"), "p_holm"] > 0.05


def test_p_is_corrected_for_the_effects_of_the_same_level(table):
    for level, rows in table.effects().groupby("level"):
        assert len(rows) == len(EFFECTS) * (5 if level == "language" else 1)
        np.testing.assert_allclose(rows["p_holm"], holm(rows["p"].to_numpy()))


def test_p_of_a_table_is_that_of_its_effects_seed_by_seed(table):
    by_seed = [
        after.hits[0].mean() - before.hits[0].mean()
        for before, after in zip(table.arms["plain"], table.arms["augmented"], strict=True)
    ]
    drawn = np.random.default_rng(2).multinomial(60, np.full(60, 1 / 60), size=4000) / 60
    hits = [np.stack([one.hits[0].reshape(5, 60).mean(axis=0) for one in table.arms[arm]]) for arm in ARMS[:2]]
    replicates = drawn @ (hits[1] - hits[0]).T
    row = table.effects().set_index(["effect", "group"]).loc[("augmented", "all")]
    differs = [f"row {i}" for i in range(60)]  # an id is one example in all five languages
    assert sorted(set(table.arms["plain"][0].examples["id"])) == sorted(differs)
    assert row["p"] == pytest.approx(float(mean_over_trainings(by_seed, replicates).p_values()), rel=0.5)


def test_the_correlation_with_coverage_is_that_of_scipy_over_languages(table):
    coverage = {"eng": 0.9, "deu": 0.8, "fin": 0.5, "tha": 0.0, "arb": 0.1}
    rows = table.correlations(coverage).set_index(["effect", "level"])
    assert list(rows.index) == [("augmented", "targets"), ("augmented_fused", "targets")]  # two of them are seen
    gains = table._effects[0].mean(axis=0)[0]
    by_scipy = stats.pearsonr(gains[1:], [coverage[code] for code in ("deu", "fin", "tha", "arb")])
    row = rows.loc[("augmented", "targets")]
    assert row["value"] == pytest.approx(by_scipy.statistic)
    assert row["n_languages"] == 4
    low, high = by_scipy.confidence_interval(0.95)
    assert row["ci_low"] <= low < high <= row["ci_high"]  # Student's t reaches farther than the normal distribution
    assert table.correlations(dict.fromkeys(coverage, 0.5)).empty
