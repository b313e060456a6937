"""Transfer with all weights trained: the same tables, one stored training a head, going on after a stop."""

from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd
import pytest

from dlfa_core import models
from dlfa_core.experiments import sweep, train, transfer
from dlfa_core.experiments.training import DIFFERENT, MODES, TrainingSettings, head_specs, schedule_of
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_sentences, save_tags

SMALL = {
    "mode": "finetune",
    "fusions": ("dlfa", "last", "half_frozen"),
    "layers": (1,),
    "weights": ("gate",),
    "seeds": (0,),
    "epochs": 1,
    "resamples": 20,
    "batch_size": 8,
    "accumulation": 1,
    "lr": 5e-3,
    "dtype": "float32",
}


class Stopped(Exception):
    pass


@pytest.fixture
def spec(model, tmp_path):
    return transfer.Spec(task=save_tags(tmp_path / "tags"), model=model, **SMALL)


def test_both_modes_give_the_same_tables(spec):
    tuned = transfer.run(spec)
    frozen = transfer.run(replace(spec, mode="frozen", fusions=("dlfa", "last")))
    for name in sweep.FRAMES:
        assert list(getattr(tuned, name)) == list(getattr(frozen, name)), name
    assert frozen.meta.keys() <= tuned.meta.keys()
    assert (tuned.meta["mode"], frozen.meta["mode"]) == ("finetune", "frozen")
    assert set(tuned.means["fusion"]) == {"dlfa", "last", "half_frozen"}
    assert tuned.hits.shape == (3, 2 * 24)
    transfer.gains_of(store.fetch(transfer, spec)).differences()


def test_scores_are_those_of_each_head_trained_apart(spec):
    result = transfer.run(spec)
    scores, losses = result.scores, result.history.set_index("fusion")["loss"]
    one = train.Spec(task=spec.task, model=spec.model, mode="finetune", fusion="half_frozen", epochs=1)
    shared = {name: getattr(spec, name) for name in ("batch_size", "accumulation", "lr", "dtype")}
    alone = train.run(replace(one, **shared)).scores
    own = scores[scores["fusion"] == "half_frozen"]
    np.testing.assert_array_equal(own["value"], alone["value"])  # the same operations
    assert losses["last"] != losses["half_frozen"]


def test_heads_that_were_trained_are_not_trained_again(spec, monkeypatch):
    whole = transfer.run(replace(spec, seeds=(0, 1)))
    store.fetch(transfer, spec)
    ran = []
    run = train.run
    monkeypatch.setattr(train, "run", lambda one, progress: ran.append(one) or run(one, progress))
    again = transfer.run(replace(spec, seeds=(0, 1), resamples=30))
    pd.testing.assert_frame_equal(again.heads, whole.heads)
    assert ran == []


@pytest.mark.parametrize("calls", [9, 30])
def test_a_stopped_transfer_goes_on_where_it_was(spec, calls, home, monkeypatch):
    spec = replace(spec, epochs=2, eval_steps=1)
    whole = transfer.run(spec)
    monkeypatch.setenv("DLFA_HOME", str(home / "other"))
    number = count()

    def stop(*_):
        if next(number) == calls:
            raise Stopped

    with pytest.raises(Stopped):
        transfer.run(spec, stop)
    assert list((home / "other" / store.UNFINISHED / "train").iterdir())
    again = store.fetch(transfer, spec)
    for name in sweep.FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(whole, name))
    np.testing.assert_array_equal(again.hits, whole.hits)  # as if it had not been stopped
    assert not list((home / "other" / store.UNFINISHED / "train").iterdir())


def test_progress_rises_and_names_the_head(spec):
    calls = []
    transfer.run(spec, lambda fraction, message: calls.append((fraction, message)))
    fractions = [fraction for fraction, _ in calls]
    assert fractions == sorted(fractions)
    messages = [message for _, message in calls]
    assert "DLFA gate of layer 1, 1 of 3: Training, epoch 1 of 1" in messages
    assert "Last layer, lower half frozen, 3 of 3: Scoring German, 1 of 2" in messages


def test_the_result_says_how_it_was_trained_and_that_modes_differ(spec):
    result = transfer.run(replace(spec, fusions=("last", "half_frozen")))
    said = {"epochs": 1, "lr": 5e-3, "accumulation": 1, "eval_steps": 500, "batch_size": 8, "frozen_blocks": 0}
    assert {name: result.meta[name] for name in said} == said
    text = summary("transfer", result).splitlines()
    assert any(line.startswith("Last layer, lower half frozen: 0.") for line in text)
    assert f"{MODES['finetune']} {DIFFERENT}" in text


def test_a_frozen_half_is_no_control_where_all_is_frozen(spec):
    result = transfer.run(replace(spec, mode="frozen"))
    assert set(result.heads["fusion"]) == {"dlfa", "last"}
    why = "left out, because all of the encoder is frozen here; fine-tuning (--mode finetune) has it."
    note = f"Last layer, lower half frozen: {why}"
    assert note in result.meta["notes"]
    assert f"Note: {note}" in summary("transfer", result)
    with pytest.raises(ValueError, match=r"half_frozen leaves a part .* use mode=finetune, or fusion last"):
        transfer.run(replace(spec, mode="frozen", fusions=("half_frozen",)))
    with pytest.raises(ValueError, match=r"half_frozen leaves a part .* use mode=finetune, or fusion last"):
        train.run(train.Spec(task=spec.task, model=spec.model, fusion="half_frozen"))


def test_plans_of_both_modes_differ_by_the_frozen_half_alone():
    spec = transfer.Spec(seeds=(0,))
    frozen, tuned = (head_specs.plans_of(spec, 4, mode) for mode in ("frozen", "finetune"))
    assert [plan for plan in tuned if plan not in frozen] == [models.HeadSpec("half_frozen", None, None, 0)]


@pytest.mark.parametrize(
    ("task", "epochs", "eval_steps"),
    [("xnli:x", 5, 100), ("pawsx:x", 5, 200), ("pos:x", 10, 500), ("ner:x", 10, 1000), ("sentiment:sample", 5, 0)],
)
def test_what_is_left_open_is_as_in_xtreme(task, epochs, eval_steps):
    schedule = schedule_of(TrainingSettings(), "finetune", task)
    usual = {"epochs": epochs, "lr": 2e-5, "accumulation": 4, "eval_steps": eval_steps, "patience": 0}
    usual |= {"warmup": 0, "weight_decay": 0.0}
    assert vars(schedule) == usual
    assert schedule_of(TrainingSettings(lr=1e-4, eval_steps=0), "finetune", task).lr == 1e-4
    assert schedule_of(TrainingSettings(eval_steps=0), "finetune", task).eval_steps == 0
    frozen = schedule_of(TrainingSettings(), "frozen", task)
    assert (frozen.epochs, frozen.lr, frozen.patience) == (60, 1e-3, 5)
    assert schedule_of(TrainingSettings(patience=0), "frozen", task).patience == 0


@pytest.mark.parametrize("task", ["xquad:x", "mlqa:x", "tydiqa:x", "qa:sample"])
def test_questions_are_learnt_as_xtreme_learns_them(task):
    """As google-research/xtreme has it in scripts/train_qa.sh."""
    usual = {"epochs": 3, "lr": 3e-5, "accumulation": 8, "eval_steps": 0, "patience": 0}
    assert vars(schedule_of(TrainingSettings(), "finetune", task)) == usual | {"warmup": 500, "weight_decay": 1e-4}
    asked = schedule_of(TrainingSettings(warmup=0, weight_decay=0.01), "finetune", task)
    assert vars(asked) == usual | {"warmup": 0, "weight_decay": 0.01}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "thaw"}, "mode='thaw' is unknown: use 'frozen' or 'finetune'"),
        ({"layers": (9,)}, r"Layer 9 cannot be fused with the last of an encoder with 3 layers: choose .* 1 to 2"),
        ({"languages": ("tha",)}, r"POS has no test set in Thai \(tha\). Choose from deu, eng"),
        ({"frozen_blocks": 9}, "frozen_blocks=9 but the encoder has 3 blocks: use a number from 0 to 3"),
        ({"accumulation": 3}, "batch_size=8 cannot be divided into 3 accumulated batches"),
        ({"accumulation": 0}, "accumulation=0 trains nothing: give a number above 0"),
        ({"eval_steps": -1}, "eval_steps=-1 trains nothing"),
        ({"warmup": -1}, "warmup=-1 trains nothing"),
        ({"weight_decay": -0.1}, "weight_decay=-0.1 trains nothing"),
        ({"dtype": "float16"}, "dtype='float16' is not trained in"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_reason(spec, changes, message):
    with pytest.raises(ValueError, match=message):
        transfer.run(replace(spec, **changes))


def test_a_missing_dev_set_and_unknown_labels_are_refused(spec, tmp_path):
    bare = save_sentences(tmp_path / "no dev", leave_out=("dev-eng",))
    with pytest.raises(ValueError, match=r"has no dev set in English, .* dev_share=0.1"):
        transfer.run(replace(spec, task=bare))
    odd = save_sentences(tmp_path / "odd")
    path = tmp_path / "odd" / "test-deu.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("\tcat", "\tcow"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels that the task does not: .*cow.* The task's labels are cat, dog"):
        transfer.run(replace(spec, task=odd))


def test_a_sweep_has_a_column_of_modes(spec):
    shared = {name: value for name, value in SMALL.items() if name != "mode"}
    grid = sweep.Spec(tasks=(spec.task,), models=(spec.model,), modes=("frozen", "finetune"), **shared)
    result = store.fetch(sweep, grid)
    heads = result.heads.groupby("mode", sort=False)["fusion"].agg(list).to_dict()
    assert heads == {"frozen": ["dlfa", "last"], "finetune": ["dlfa", "last", "half_frozen"]}
    text = summary("sweep", result)
    assert f"POS with {spec.model} (fine-tuned, norm batch), pos_f1 above the last layer:" in text
    assert DIFFERENT in text
