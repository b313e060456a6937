from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlfa_core import models
from dlfa_core.experiments import transfer
from dlfa_core.experiments.training import frozen, head_specs
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_sentences, save_tags

SMALL = {"epochs": 2, "seeds": (0, 1), "resamples": 50, "batch_size": 8, "lr": 5e-3, "dtype": "float32"}


@pytest.fixture
def sentences(model, tmp_path):
    return transfer.Spec(task=save_sentences(tmp_path / "animals"), model=model, **SMALL)


@pytest.fixture
def tags(model, tmp_path):
    return transfer.Spec(task=save_tags(tmp_path / "tags"), model=model, **SMALL)


def choose(frame, **values):
    return frame[np.logical_and.reduce([frame[name] == value for name, value in values.items()])]


def test_every_fusion_layer_weight_and_seed_is_scored_on_every_language(sentences):
    result = transfer.run(sentences)
    # of two lower layers: dlfa and se in two weights, average, concat and its MLP in one; last, scalar mix, extra, MLP
    configurations = 2 * (2 + 2 + 1 + 1 + 1) + 4
    assert len(result.heads) == configurations * 2
    assert len(result.scores) == configurations * 2 * 3
    assert set(result.scores["language"]) == {"eng", "deu", "hin"}
    assert len(result.history) == configurations * 2 * 2
    assert result.hits.shape == (configurations * 2, 3 * 24)
    assert result.scores["n"].eq(24).all()


def test_scores_are_those_of_the_counts_and_means_those_of_the_scores(sentences):
    result = transfer.run(sentences)
    german = (result.examples["language"] == "deu").to_numpy()
    scores = choose(result.scores, language="deu")
    np.testing.assert_allclose(scores["value"], result.hits[:, german].mean(axis=1))
    row = {"fusion": "dlfa", "layer": 2, "weight": "gate"}
    own = choose(result.scores, **row)
    (mean,) = choose(result.means, **row, level="all")["value"]
    assert mean == pytest.approx(own["value"].mean())
    (targets,) = choose(result.means, **row, level="targets")["value"]
    assert targets == pytest.approx(own[own["language"] != "eng"]["value"].mean())


def test_dev_scores_are_those_of_the_dev_counts(sentences):
    result = transfer.run(sentences)
    assert result.dev_gold.shape == (8,)
    np.testing.assert_allclose(result.dev_hits.mean(axis=1), result.heads["dev_score"])


def test_a_part_of_the_dev_set_is_chosen_on_where_that_is_asked_for(sentences):
    whole, part = transfer.run(sentences), transfer.run(replace(sentences, dev_limit=5))
    assert part.dev_gold.shape == (5,)
    assert part.meta["n_dev"] == 5
    assert part.meta["n_train"] == whole.meta["n_train"]


def test_differences_are_to_the_last_layer_alone(sentences):
    result = transfer.run(sentences)
    assert choose(result.differences, fusion="last")[["value", "ci_low", "ci_high"]].eq(0).all(axis=None)
    row = {"fusion": "concat", "layer": 1, "level": "language", "group": "hin"}
    (difference,) = choose(result.differences, **row)["value"]
    (value,) = choose(result.means, **row)["value"]
    (last,) = choose(result.means, fusion="last", level="language", group="hin")["value"]
    assert difference == pytest.approx(value - last)


def test_what_one_head_learns_does_not_depend_on_the_others(sentences):
    alone = transfer.run(replace(sentences, fusions=("dlfa",), layers=(1,), weights=("gate",), seeds=(1,)))
    together = transfer.run(sentences)
    row = choose(together.heads, fusion="dlfa", layer=1, weight="gate", seed=1).index[0]
    assert (together.hits[row] != alone.hits[0]).sum() <= 1  # one answer may be undecided but for rounding
    assert together.heads["epoch"][row] == alone.heads["epoch"][0]
    losses = choose(together.history, fusion="dlfa", layer=1, weight="gate", seed=1)["loss"]
    np.testing.assert_allclose(losses, alone.history["loss"], rtol=1e-4)


def test_states_that_do_not_fit_are_computed_anew_with_the_same_result(sentences, monkeypatch):
    kept = transfer.run(sentences)
    monkeypatch.setattr(frozen, "FrozenRecipe", partial(frozen.FrozenRecipe, memory=0))
    again = transfer.run(sentences)
    np.testing.assert_array_equal(kept.hits, again.hits)  # the same batches
    pd.testing.assert_frame_equal(kept.history, again.history)


@pytest.mark.parametrize("task", ["sentences", "tags"])
def test_every_head_learns(request, task):
    history = transfer.run(replace(request.getfixturevalue(task), epochs=12, lr=1e-2)).history
    first, last = (choose(history, epoch=epoch)["loss"].to_numpy() for epoch in (1, 12))
    assert (last < first).all()
    assert last.mean() < 0.9 * first.mean()


def test_the_epoch_is_the_first_best_on_the_dev_set(sentences):
    result = transfer.run(replace(sentences, epochs=4))
    head = ["fusion", "layer", "weight", "seed"]
    first_best = result.history.sort_values(["dev_score", "epoch"], ascending=[False, True]).drop_duplicates(head)
    expected = result.heads[head].merge(first_best, on=head, how="left", sort=False)
    assert result.heads["epoch"].tolist() == expected["epoch"].tolist()
    assert result.heads["dev_score"].tolist() == expected["dev_score"].tolist()
    assert result.heads["epoch"].nunique() > 1


def test_tags_are_scored_by_word_with_both_measures(tags):
    result = transfer.run(replace(tags, fusions=("dlfa", "last")))
    assert set(result.scores["measure"]) == {"pos_f1", "token_accuracy"}
    f1 = choose(result.means, measure="pos_f1", fusion="last", level="all")["value"].item()
    assert f1 < choose(result.means, measure="token_accuracy", fusion="last", level="all")["value"].item()


def test_sentences_over_the_limit_are_split_and_every_word_is_scored(tags):
    result = transfer.run(replace(tags, fusions=("last",), max_length=5))
    words = choose(result.scores, measure="token_accuracy")
    assert words["n"].eq(24).all()
    assert not any("cut" in warning for warning in result.meta["warnings"])


def test_the_statistics_of_a_stored_result_are_taken_again_from_its_counts(tags):
    spec = replace(tags, fusions=("dlfa", "last"))
    stored = store.fetch(transfer, spec)
    again = transfer.gains_of(stored).differences()
    main = choose(stored.differences, measure="pos_f1").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, main[again.columns])


def test_a_stored_result_equals_a_fresh_one(sentences):
    spec = replace(sentences, fusions=("dlfa", "last"))
    fresh, stored = transfer.run(spec), store.fetch(transfer, spec)
    for name in ("scores", "means", "differences", "best", "history", "heads", "examples"):
        pd.testing.assert_frame_equal(getattr(fresh, name), getattr(stored, name))
    np.testing.assert_array_equal(fresh.hits, stored.hits)
    assert fresh.meta == stored.meta


def test_shares_of_the_best_layer_sum_to_one(sentences):
    best = transfer.run(replace(sentences, fusions=("dlfa", "average", "last"))).best
    assert set(best["fusion"]) == {"dlfa", "average"}
    assert best.groupby(["fusion", "weight"])["share"].sum().tolist() == [1, 1, 1]


def test_without_resamples_there_are_no_intervals(sentences):
    result = transfer.run(replace(sentences, fusions=("last", "average"), resamples=0))
    assert result.scores["ci_low"].isna().all()
    assert result.differences["value"].notna().all()


def test_the_summary_names_the_best_layer_and_its_gain(sentences):
    text = summary("transfer", transfer.run(replace(sentences, fusions=("dlfa", "last"))))
    first, dlfa, *_ = text.splitlines()
    assert first == "Sentences, accuracy, mean over 2 target languages and 2 seeds:"
    assert dlfa.startswith("DLFA literal: 0.")
    assert "best at layer" in dlfa
    assert "against the last layer alone" in dlfa
    assert "Note: Fewer than three seeds" in text


@pytest.mark.parametrize(
    ("layers", "targets", "seeds", "first", "where"),
    [
        ((6, 3), 2, (0, 1), "mean over 2 target languages and 2 seeds:", "best at layer 6, of 2 fused layers"),
        ((6,), 1, (0,), "mean over 1 target language and 1 seed:", "0.600, at layer 6; +0.100"),
        ((None,), 2, (0,), "mean over 2 target languages and 1 seed:", "DLFA literal: 0.600; +0.100"),
    ],
)
def test_the_sentences_say_of_how_many_layers_one_is_the_best(layers, targets, seeds, first, where):
    rows = pd.DataFrame({"layer": pd.array(layers, dtype="Int64"), "value": [0.6, 0.5][: len(layers)]})
    means = rows.assign(fusion="dlfa", weight="literal", measure="accuracy", level="targets", n_languages=targets)
    gains = means.assign(value=0.1, joint_low=0.0, joint_high=0.2)
    meta = {"metric": "accuracy", "task_name": "Sentences", "seeds": seeds, "mode": "frozen", "warnings": []}
    head, *said = summary("transfer", SimpleNamespace(means=means, differences=gains, meta=meta)).splitlines()
    assert head.endswith(first)
    assert ("One run: another seed may say otherwise" in said[0]) == (len(seeds) == 1)
    dlfa = said[len(seeds) == 1]
    assert where in dlfa


def test_progress_rises_to_the_end_and_says_what_is_done(sentences):
    calls = []
    transfer.run(sentences, lambda fraction, message: calls.append((fraction, message)))
    fractions = [fraction for fraction, _ in calls]
    assert fractions == sorted(fractions)
    messages = [message for _, message in calls]
    assert "Training, epoch 2 of 2" in messages
    assert "Scoring Hindi, 3 of 3" in messages


def test_the_key_follows_the_files_of_the_task(sentences, tmp_path):
    before = store.key_of(transfer, sentences)
    path = tmp_path / "animals" / "test-deu.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("hill", "Haus"), encoding="utf-8")
    assert store.key_of(transfer, sentences) != before


def test_plans_hold_nothing_twice():
    spec = transfer.Spec(fusions=("dlfa", "last", "dlfa"), layers=(3, 3), weights=("gate", "gate"), seeds=(1, 1))
    assert head_specs.plans_of(spec, 4) == [
        models.HeadSpec("dlfa", 3, "gate", 1),
        models.HeadSpec("last", None, None, 1),
    ]


def test_fusions_beyond_the_paper_are_trained_where_they_are_named(sentences):
    beyond = ("dlfa_two", "average_two", "iterated", "dlfa_all")
    assert not set(beyond) & set(sentences.fusions)
    result = transfer.run(replace(sentences, fusions=("last", *beyond), seeds=(0,), resamples=0))
    found = result.heads.astype({"layer": object}).fillna(0).groupby("fusion", sort=False)
    assert {name: list(zip(rows["layer"], rows["weight"], strict=True)) for name, rows in found} == {
        "last": [(0, "")],
        "dlfa_two": [(1, "literal"), (1, "gate")],
        "average_two": [(1, "")],
        "iterated": [(1, "literal"), (1, "gate"), (2, "literal"), (2, "gate")],
        "dlfa_all": [(0, "")],
    }


def test_a_layer_with_none_between_it_and_the_last_is_left_out_with_a_note(sentences):
    spec = replace(sentences, fusions=("last", "dlfa_two", "dlfa"), layers=(1, 2), weights=("gate",))
    assert [plan.layer for plan in head_specs.plans_of(replace(spec, seeds=(0,)), 3)] == [None, 1, 1, 2]
    note = "DLFA of two layers: left out at layer 2, which has none between it and the last."
    assert transfer.run(replace(spec, seeds=(0,), epochs=1, resamples=0)).meta["notes"] == [note]
    assert head_specs.left_out(replace(spec, layers=(1,)), 3, "frozen") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": (9,)}, r"Layer 9 cannot be fused with the last of an encoder with 3 layers: choose .* 1 to 2"),
        ({"source_language": "hin"}, r"Sentences has no training set in Hindi \(hin\); there are some in: eng"),
        ({"languages": ("tha",)}, r"Sentences has no test set in Thai \(tha\). Choose from deu, eng, hin"),
        (
            {"layers": (2,), "fusions": ("dlfa_two",)},
            r"Layer 2 cannot be fused with the last and one between .* 1 to 1",
        ),
        ({"layers": (1, 9), "fusions": ("dlfa_two",)}, r"Layer 9 cannot be fused with the last and one between"),
        ({"fusions": ("dlfo",)}, "Unknown fusion 'dlfo': did you mean dlfa"),
        ({"weights": ("sigmoid",)}, "weight='sigmoid' is unknown: use 'literal' or 'gate'"),
        ({"norm": "group"}, "norm='group' is unknown: use 'batch', 'layer' or 'none'"),
        ({"reduction": 99}, "reduction=99 cannot squeeze 24 dimensions"),
        ({"epochs": 0}, "epochs=0 trains nothing: give a number above 0"),
        ({"seeds": ()}, "seeds is empty, so there is nothing to train: name at least one"),
        ({"max_length": 2}, "max_length=2 leaves no room for text beside 2 special tokens"),
        ({"task": "stories:here"}, "'stories:here' names no task"),
        ({"languages": ("deu",), "test_limit": 10}, "needs at least 20 sentences or examples, but got 10"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_reason(sentences, changes, message):
    with pytest.raises(ValueError, match=message):
        transfer.run(replace(sentences, **changes))


def test_a_missing_dev_set_is_refused_and_may_be_set_aside(sentences, tmp_path):
    spec = replace(sentences, task=save_sentences(tmp_path / "no dev", leave_out=("dev-eng",)), fusions=("last",))
    with pytest.raises(ValueError, match=r"has no dev set in English, .* dev-eng.tsv, or set a part .* dev_share=0.1"):
        transfer.run(spec)
    result = transfer.run(replace(spec, dev_share=0.25))
    assert result.meta["n_dev"] == 4
    assert any("set aside" in note for note in result.meta["notes"])


def test_labels_that_were_not_trained_are_refused(sentences, tmp_path):
    path = tmp_path / "animals" / "test-deu.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("\tcat", "\tKatze"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels that the task does not: 'Katze' .* The task's labels are cat, dog"):
        transfer.run(sentences)


def test_retrieval_is_refused(sentences, tmp_path):
    (tmp_path / "deu-eng.tsv").write_text("text\tenglish\nHaus\thouse\nHund\tdog\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Tatoeba trains nothing, so there is no layer to fuse"):
        transfer.run(replace(sentences, task=f"tatoeba:{tmp_path / 'deu-eng.tsv'}"))
