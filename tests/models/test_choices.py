"""Multiple choice: questions in one batch with all their choices, and heads that choose among them."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from dlfa_core.data.tasks import ChoiceSet
from dlfa_core.models import (
    DlfaForMultipleChoice,
    Encoder,
    HeadSpec,
    HeadTraining,
    StackedHeads,
    load_task_model,
    read_choices,
    start_task_model,
)
from dlfa_core.models.choices import spread
from dlfa_core.models.passes import Passes
from dlfa_core.models.task_batches import batch_examples, pad_readings
from tests.models.tiny import CLOSE, save_checkpoint

CPU = torch.device("cpu")
ROWS = (
    ("the cat sees", ("a dog", "a green hill home"), "2"),
    ("the dog walks", ("home", "a cat", "over a long hill"), "3"),
    ("and then the cat walks over a long green hill", ("home", "the dog"), "1"),
    ("a dog", ("walks", "sees", "home", "hill"), "1"),
)
ASKED = ChoiceSet(
    language="eng",
    split="train",
    ids=tuple("abcd"),
    texts=tuple(row[0] for row in ROWS),
    choices=tuple(row[1] for row in ROWS),
    gold=tuple(row[2] for row in ROWS),
    labels=tuple("1234"),
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return Encoder.from_pretrained(str(save_checkpoint(tmp_path_factory.mktemp("bert"))), device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def readings(encoder):
    return read_choices(encoder.tokenizer, ASKED, 40)


def test_each_choice_is_a_pair_with_its_question(encoder, readings):
    assert [reading.n_rows for reading in readings] == [2, 3, 2, 4]
    for reading, (text, choices, gold) in zip(readings, ROWS, strict=True):
        assert reading.gold.tolist() == [int(gold) - 1]
        for pair, choice in zip(reading.pairs, choices, strict=True):
            assert pair.ids.tolist() == encoder.tokenizer(text, choice)["input_ids"]
            assert set(pair.types) == {0, 1}
        assert len(reading) == max(map(len, reading.pairs))


def test_too_long_pairs_are_cut_and_counted(encoder):
    cut = read_choices(encoder.tokenizer, ASKED, 8)
    assert all(len(pair) <= 8 for reading in cut for pair in reading.pairs)
    assert cut[2].truncated


def test_a_batch_holds_all_choices_of_its_questions(readings):
    batch = pad_readings([readings[1], readings[0]], 0)
    assert batch.ids.shape[0] == 5
    assert batch.rows_of.tolist() == [[0, 1, 2], [3, 4, -1]]
    assert batch.gold.tolist() == [2, 1]
    assert batch.numbers.tolist() == [1, 0]
    assert batch.targets.tolist() == [[2, 0, 1, 2], [1, 3, 4, -1]]


def test_losses_and_classes_are_those_of_a_softmax_over_each_questions_choices(readings):
    batch = pad_readings(readings, 0)
    logits = torch.randn(3, 11, 1, generator=torch.Generator().manual_seed(0))
    losses, classes = batch.losses(logits), batch.classes(logits)
    for head in range(3):
        expected, start = [], 0
        for number, reading in enumerate(readings):
            own = logits[head, start : start + reading.n_rows, 0]
            expected.append(functional.cross_entropy(own[None], torch.tensor(reading.gold)))
            assert classes[head, number] == own.argmax()
            start += reading.n_rows
        assert losses[head] == pytest.approx(float(torch.stack(expected).mean()), abs=1e-6)


def test_what_is_not_there_is_never_chosen():
    found = spread(torch.tensor([-9.0, -8.0, 5.0]), torch.tensor([[0, 1], [2, -1]]))
    assert found.argmax(-1).tolist() == [1, 0]
    assert found[1, 1] == -torch.inf


def test_stacked_heads_learn_to_choose_and_score_as_one_head_does(encoder, readings):
    plans = [HeadSpec("dlfa", layer, "gate", seed) for layer in (1, 2) for seed in (0, 1)] + [
        HeadSpec("last", None, None, 0),
        HeadSpec("concat", 1, None, 0),
    ]
    heads = StackedHeads(plans, False, encoder.hidden_size, encoder.n_states - 1, 1)
    passes = Passes(encoder, batch_examples(readings, 4, 0, CPU), heads.states, 2**30)
    training = HeadTraining(heads, 1e-2, None)
    first = last = None
    for _ in range(60):
        for batch, states in passes.over():
            last = training.step(states, batch)
            first = last if first is None else first
    assert (last < first).all()
    ((batch, states),) = passes.over()
    chosen = heads.predict(states, batch)
    right = np.array([int(row[2]) - 1 for row in ROWS])
    assert (chosen.numpy() == right[batch.numbers]).mean() > 0.7
    for index, plan in enumerate(plans):
        settings = {"fusion": plan.fusion, "layer": plan.layer, "weight": plan.weight or "literal"}
        model = start_task_model(encoder.name, DlfaForMultipleChoice, tuple("123"), plan.seed, **settings)
        model.head.load_state_dict(heads.state_of(index))
        with torch.inference_mode():
            logits = model.eval()(batch.ids, batch.mask, batch.types).logits
        torch.testing.assert_close(logits, heads.logits(states, batch)[index], rtol=0, atol=CLOSE)


def test_a_model_is_read_back_as_it_was_saved(encoder, readings, tmp_path):
    model = start_task_model(encoder.name, DlfaForMultipleChoice, tuple("12"), 0, fusion="dlfa", layer=2, pairs=True)
    model.save_pretrained(tmp_path / "kept")
    encoder.tokenizer.save_pretrained(tmp_path / "kept")
    again, _ = load_task_model(str(tmp_path / "kept"))
    assert isinstance(again, DlfaForMultipleChoice)
    batch = pad_readings(readings, 0)
    with torch.inference_mode():
        one, two = (each.eval()(batch.ids, batch.mask, batch.types, batch.targets) for each in (model, again))
    torch.testing.assert_close(one.logits, two.logits)
    assert one.loss == pytest.approx(float(batch.losses(one.logits[None])[0]), abs=1e-6)
    assert "multiple choice" in (tmp_path / "kept" / "README.md").read_text("utf-8")
