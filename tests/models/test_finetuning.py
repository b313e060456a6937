"""Training all weights: what a step does, the order of the data, the choice of the best, and going on after a stop."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core.models import (
    DlfaForSequenceClassification,
    DlfaForTokenClassification,
    TaskTrainer,
    Tuning,
    load_task_model,
    read_examples,
    start_task_model,
)
from dlfa_core.models.finetuning import STATE
from dlfa_core.models.length_sorted import LengthSorted
from dlfa_core.models.stacked import HeadSpec, StackedHeads
from tests.models.test_stacked import PAIRS, TAGGED
from tests.models.tiny import save_checkpoint, tiny_tokenizer

TUNING = Tuning(epochs=3, lr=1e-2, batch_size=4, accumulation=2, eval_steps=2, seed=5, dtype="float32")
QUIET = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return str(save_checkpoint(tmp_path_factory.mktemp("bert")))


def start(encoder, examples=TAGGED, **settings):
    kind = DlfaForTokenClassification if examples is TAGGED else DlfaForSequenceClassification
    return start_task_model(encoder, kind, examples.labels, 0, **{"layer": 2, **settings})


def readings(examples):
    return read_examples(tiny_tokenizer(), examples, 40)


def accuracy(classes, examples=TAGGED):
    return float(np.mean(np.array(examples.labels)[classes] == list(examples.flat_gold)))


def fit(model, folder, tuning=TUNING, examples=TAGGED, score=None, progress=lambda *_: None):
    trainer = TaskTrainer(model, 0, folder, tuning)
    read = readings(examples)
    return trainer.fit(read, read, score or (lambda classes: accuracy(classes, examples)), progress)


def assert_equal(model, other):
    """Bit by bit: both were trained by the same operations in the same order."""
    for name, weight in other.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight), name


def stop_at(fraction):
    def progress(done, _):
        if done >= fraction:
            raise Stopped

    return progress


@pytest.mark.parametrize(("warmup", "decay"), [(0, 0.0), (4, 0.3)], ids=["falling", "rising first, with decay"])
@pytest.mark.parametrize("examples", [TAGGED, PAIRS], ids=["tags", "pairs"])
def test_a_run_is_what_plain_pytorch_does(examples, warmup, decay, tmp_path):
    """Without dropout: AdamW, whose decay spares biases and norms, a rate that rises and falls in a line, clipping,
    means over accumulated batches.
    """
    encoder = str(save_checkpoint(tmp_path / "bert", **QUIET))
    model, other = (start(encoder, examples, dropout=0.0, norm="layer") for _ in range(2))
    tuning = replace(TUNING, eval_steps=0, warmup=warmup, weight_decay=decay)
    rising = iter(range(9))
    fit(model, tmp_path / "run", tuning, examples, score=lambda classes: next(rising))  # so that the last is the best
    norms = {f"{name}.weight" for name, part in other.named_modules() if isinstance(part, torch.nn.LayerNorm)}
    spared = {name for name, _ in other.named_parameters() if name.endswith("bias")} | norms
    groups = [
        {
            "params": [weight for name, weight in other.named_parameters() if (name in spared) == kept],
            "weight_decay": own,
        }
        for kept, own in ((True, 0.0), (False, decay))
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, eps=1e-8)
    read, trainer = readings(examples), TaskTrainer(other, 0, tmp_path, tuning)
    order = LengthSorted([len(reading.ids) for reading in read], tuning.batch_size, tuning.accumulation, tuning.seed)
    other.encoder.set_attn_implementation("eager")
    step, steps = 0, 9
    other.train()
    for epoch in range(3):
        order.epoch = epoch
        rows = list(order)
        for first in range(0, 12, 4):
            for half in (rows[first : first + 2], rows[first + 2 : first + 4]):
                (other(**trainer._collate([read[row] for row in half])).loss / 2).backward()
            torch.nn.utils.clip_grad_norm_(other.parameters(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = 1e-2 * (step / warmup if step < warmup else (steps - step) / (steps - warmup))
            optimizer.step()
            optimizer.zero_grad()
            step += 1
    for (name, weight), expected in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        if not name.endswith("key.bias"):  # has no gradient but noise, which Adam blows up
            torch.testing.assert_close(weight, expected, atol=2e-4, rtol=1e-3, msg=name)


@pytest.mark.parametrize("fraction", [0.12, 0.35, 0.7, 1.0])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(encoder, fraction, tmp_path):
    """Dropout, the order of the data and the optimiser's moments included; the best may lie before the stop."""
    whole, stopped = start(encoder), start(encoder)
    expected = fit(whole, tmp_path / "whole")
    with pytest.raises(Stopped):
        fit(start(encoder), tmp_path / "stopped", progress=stop_at(fraction))
    told = []
    found = fit(stopped, tmp_path / "stopped", progress=lambda done, _: told.append(done))
    assert found == expected
    assert_equal(stopped, whole)
    assert not told or min(told) > fraction - 3 / 9  # no more than the steps between two checks are done again


def test_a_checkpoint_that_was_being_written_is_passed_over(encoder, tmp_path):
    whole, stopped = start(encoder), start(encoder)
    expected = fit(whole, tmp_path / "whole")
    with pytest.raises(Stopped):
        fit(start(encoder), tmp_path / "stopped", progress=stop_at(0.6))
    *_, last = sorted((tmp_path / "stopped").glob("checkpoint-*"))
    (last / STATE).write_text((last / STATE).read_text()[:50])
    half_written = shutil.copytree(last, tmp_path / "stopped" / "checkpoint-6")
    (half_written / STATE).unlink()
    assert fit(stopped, tmp_path / "stopped") == expected
    assert_equal(stopped, whole)


def test_the_first_of_the_best_checks_is_kept_and_the_last_step_is_one(encoder, tmp_path):
    scores, seen = iter([0.2, 0.7, 0.7, 0.1, 0.3]), []
    model = start(encoder)

    def score(classes):
        seen.append({name: weight.clone() for name, weight in model.state_dict().items()})
        return next(scores)

    tuned = fit(model, tmp_path, score=score)
    assert [row["step"] for row in tuned.history] == [2, 4, 6, 8, 9]
    assert (tuned.step, tuned.dev_score) == (4, 0.7)
    assert tuned.epoch == pytest.approx(4 / 3)
    assert all(torch.equal(weight, seen[1][name]) for name, weight in model.state_dict().items())


def test_patience_counts_checks_without_a_better_score(encoder, tmp_path):
    scores = iter([0.2, 0.7, 0.7, 0.1, 0.9])
    model = start(encoder)
    tuned = fit(model, tmp_path / "run", replace(TUNING, patience=2), score=lambda classes: next(scores))
    assert [row["step"] for row in tuned.history] == [2, 4, 6, 8]
    assert (tuned.step, tuned.dev_score, tuned.stopped) == (4, 0.7, True)
    scores = iter([0.2, 0.7, 0.7, 0.1, 0.9])
    tuned = fit(start(encoder), tmp_path / "long", replace(TUNING, patience=3), score=lambda classes: next(scores))
    assert (tuned.step, tuned.stopped) == (9, False)
    assert not fit(start(encoder), tmp_path / "all").stopped


def test_up_to_its_end_an_impatient_run_is_a_patient_one(encoder, tmp_path):
    whole = fit(start(encoder), tmp_path / "whole", score=lambda classes: 0.5)
    ended = fit(start(encoder), tmp_path / "ended", replace(TUNING, patience=2), score=lambda classes: 0.5)
    assert ended.history == whole.history[:3]


@pytest.mark.parametrize("fraction", [0.35, 0.6, None])
def test_patience_goes_on_after_a_stop(encoder, fraction, tmp_path):
    """Stopped before its end, or killed behind it, when the result had not been stored."""
    tuning, score, trained = replace(TUNING, patience=2), lambda classes: 0.5, []
    whole, stopped = start(encoder), start(encoder)
    expected = fit(whole, tmp_path / "whole", tuning, score=score)
    if fraction is None:
        fit(start(encoder), tmp_path / "stopped", tuning, score=score)
    else:
        with pytest.raises(Stopped):
            fit(start(encoder), tmp_path / "stopped", tuning, score=score, progress=stop_at(fraction))
    found = fit(stopped, tmp_path / "stopped", tuning, score=score, progress=lambda *_: trained.append(1))
    assert found == expected
    assert bool(trained) == (fraction is not None)
    for name, weight in whole.state_dict().items():
        assert torch.equal(stopped.state_dict()[name], weight), name


def test_few_examples_are_checked_once_an_epoch(encoder, tmp_path):
    tuned = fit(start(encoder), tmp_path, replace(TUNING, eval_steps=1000))
    assert [row["epoch"] for row in tuned.history] == [1, 2, 3]


def test_loss_falls(encoder, tmp_path):
    history = fit(start(encoder), tmp_path, replace(TUNING, epochs=12, eval_steps=0)).history
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]


@pytest.mark.parametrize("examples", [TAGGED, PAIRS], ids=["tags", "pairs"])
def test_classes_come_in_the_order_of_the_set(encoder, examples, tmp_path):
    model, read = start(encoder, examples), readings(examples)
    expected = []
    for reading in read:
        with torch.inference_mode():
            said = model(torch.tensor(reading.ids)[None], token_type_ids=torch.tensor(reading.types)[None]).logits[0]
        expected += said[reading.positions].argmax(-1).tolist() if examples is TAGGED else [int(said.argmax())]
    assert TaskTrainer(model, 0, tmp_path, TUNING).classes(read).tolist() == expected


def test_attention_is_as_before_after_training(encoder, tmp_path):
    model = start(encoder)
    before = model.encoder.config._attn_implementation
    fit(model, tmp_path / "run", replace(TUNING, epochs=1))
    assert model.encoder.config._attn_implementation == before
    model.save_pretrained(tmp_path / "saved")
    tiny_tokenizer().save_pretrained(tmp_path / "saved")
    assert load_task_model(str(tmp_path / "saved"))[0].encoder.config._attn_implementation == before


def test_a_head_starts_as_the_frozen_head_of_its_seed(encoder):
    heads = StackedHeads([HeadSpec("dlfa", 2, "gate", 0)], True, 24, 3, 2)
    model = start(encoder, weight="gate")
    for name, weight in heads.state_of(0).items():
        assert torch.equal(model.head.state_dict()[name], weight), name


def test_a_batch_that_cannot_be_divided_is_refused(encoder, tmp_path):
    with pytest.raises(
        ValueError, match=r"batch_size=4 cannot be divided into 3 accumulated batches .* a multiple of 3"
    ):
        fit(start(encoder), tmp_path, replace(TUNING, accumulation=3))


def test_float16_is_refused(encoder, tmp_path):
    with pytest.raises(ValueError, match="dtype='float16' is not trained in: use 'auto', 'float32' or 'bfloat16'"):
        TaskTrainer(start(encoder), 0, tmp_path, replace(TUNING, dtype="float16")).classes(readings(TAGGED))
