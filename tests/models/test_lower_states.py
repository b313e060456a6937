"""States of frozen blocks that are computed once: the same training as when they are computed in every step."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from dlfa_core.models import TaskTrainer, finetuning, load_task_model, lower_states
from dlfa_core.models.lower_states import Kept, pad_states
from dlfa_core.models.task_batches import pad_readings
from tests.models.test_finetuning import TUNING, Stopped, fit, readings, start, stop_at
from tests.models.test_stacked import PAIRS, TAGGED
from tests.models.tiny import FAMILIES, save_checkpoint, tiny_tokenizer

FUSIONS = [("dlfa", 1), ("dlfa", 2), ("scalar_mix", None), ("last", None), ("dlfa_all", None)]
ROUNDING = {"atol": 1e-5, "rtol": 1e-4}  # float32, over a few blocks and in another order


@pytest.fixture(scope="module", params=FAMILIES)
def any_encoder(request, tmp_path_factory):
    return str(save_checkpoint(tmp_path_factory.mktemp(request.param), request.param))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return str(save_checkpoint(tmp_path_factory.mktemp("bert")))


def kept(model, sets, folder, **settings):
    return lower_states.lower_states(model, sets, 0, folder, nullcontext, lambda done: None, **settings)


@pytest.mark.parametrize(("fusion", "layer"), FUSIONS)
@pytest.mark.parametrize("frozen", [1, 2, 3])
def test_loss_and_gradients_are_those_without_kept_states(any_encoder, fusion, layer, frozen, tmp_path):
    """With the same dropout above the frozen blocks, which draw none."""
    model = start(any_encoder, PAIRS, fusion=fusion, layer=layer, frozen_blocks=frozen)
    trainer, read = TaskTrainer(model, 0, tmp_path, TUNING), readings(PAIRS)

    def gradients(examples):
        model.train()
        model.zero_grad()
        torch.manual_seed(0)
        loss = model(**trainer._collate(examples)).loss
        loss.backward()
        return loss.detach(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}

    loss, expected = gradients(read)
    with kept(model.eval(), [read], tmp_path) as (examples,):
        assert all(isinstance(one, Kept) for one in examples)
        again, found = gradients(examples)
    torch.testing.assert_close(again, loss, **ROUNDING)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, **ROUNDING, msg=name)


def test_what_is_kept_is_what_the_fusion_reads_below_and_the_last_frozen_state(encoder):
    for fusion, layer, frozen, expected in [
        ("dlfa", 1, 0, ()),
        ("dlfa", 1, 1, (1,)),
        ("dlfa", 2, 1, (1,)),
        ("dlfa", 1, 2, (1, 2)),
        ("dlfa", 1, 3, (1, 3)),
        ("scalar_mix", None, 2, (0, 1, 2)),
        ("last", None, 2, (2,)),
        ("half_frozen", None, 0, (1,)),
    ]:
        model = start(encoder, fusion=fusion, layer=layer, frozen_blocks=frozen)
        assert model.constant == expected, (fusion, layer, frozen)


def test_kept_states_are_those_of_the_plain_encoder(encoder, tmp_path):
    model, read = start(encoder, fusion="scalar_mix", frozen_blocks=2), readings(PAIRS)
    with kept(model, [read[:3], read[3:]], tmp_path) as (first, rest):
        assert (len(first), len(rest)) == (3, 9)
        for one in (*first, *rest):
            batch = pad_readings([one.reading], 0)
            with torch.no_grad():
                states = model.encoder(
                    batch.ids, attention_mask=batch.mask, token_type_ids=batch.types, output_hidden_states=True
                ).hidden_states
            assert one.states.dtype == np.float32
            torch.testing.assert_close(torch.from_numpy(one.states), torch.stack(states[:3])[:, 0], **ROUNDING)


def test_states_beyond_the_memory_lie_in_a_file_in_half_precision(encoder, tmp_path):
    model, read = start(encoder, frozen_blocks=2), readings(TAGGED)
    with (
        kept(model, [read], tmp_path / "run") as (exact,),
        kept(model, [read], tmp_path / "run", memory=0) as (halves,),
    ):
        assert isinstance(halves[0].states, np.memmap)
        for one, half in zip(exact, halves, strict=True):
            np.testing.assert_allclose(half.states.astype(np.float32), one.states, rtol=2**-11, atol=1e-7)
        assert pad_states([half.states for half in halves]).dtype == torch.float32
    assert list((tmp_path / "run").iterdir()) == []


def test_padding_stands_behind_the_states():
    long, short = np.ones((2, 3, 4), np.float32), np.full((2, 1, 4), 2.0, np.float16)
    padded = pad_states([long, short])
    assert padded.shape == (2, 2, 3, 4)
    assert padded[1, :, 0].unique().tolist() == [2]
    assert padded[1, :, 1:].unique().tolist() == [0]


@pytest.mark.parametrize("examples", [TAGGED, PAIRS], ids=["tags", "pairs"])
@pytest.mark.parametrize("memory", [2**20, 0])
def test_a_run_is_that_without_kept_states(encoder, examples, memory, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(lower_states, "_starts_from_given", lambda *_: False)
        plain = start(encoder, examples, frozen_blocks=2)
        expected = fit(plain, tmp_path / "plain", examples=examples)
    monkeypatch.setattr(lower_states, "MEMORY", memory)
    model = start(encoder, examples, frozen_blocks=2)
    found = fit(model, tmp_path / "kept", examples=examples)
    rounding = 1e-3 if memory else 2e-2  # over nine steps at a high rate; float16 has 11 bits
    for ours, theirs in zip(found.history, expected.history, strict=True):
        assert (ours["step"], ours["epoch"]) == (theirs["step"], theirs["epoch"])
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=rounding)
    if memory:
        assert found.dev_score == expected.dev_score
    assert not list((tmp_path / "kept").glob("tmp*"))


def test_the_frozen_blocks_run_once(encoder, tmp_path):
    model, runs = start(encoder, frozen_blocks=2), []
    block = model.encoder.encoder.layer[1]
    block.register_forward_hook(lambda *_: runs.append(1))
    told = []
    fit(model, tmp_path, progress=lambda done, message: told.append((done, message)))
    assert len(runs) == 2 + 1  # twice to see whether the upper one can start alone, then all sentences in a batch
    assert (0.0, "Running the frozen blocks, 0%") in told
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_where_upper_blocks_cannot_start_alone_all_run(tmp_path):
    """The first block of this DeBERTa is followed by a convolution, whichever block that is."""
    encoder = str(save_checkpoint(tmp_path / "conv", "deberta-v2", conv_kernel_size=3, conv_act="gelu"))
    model, read = start(encoder, frozen_blocks=2), readings(TAGGED)
    with kept(model, [read, read[:2]], tmp_path) as (first, second):
        assert (first, second) == (read, read[:2])
    assert len(fit(model, tmp_path / "run").history) == 5


@pytest.mark.parametrize("fraction", [0.35, 0.7])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(encoder, fraction, tmp_path):
    whole, stopped = (start(encoder, frozen_blocks=2) for _ in range(2))
    expected = fit(whole, tmp_path / "whole")
    with pytest.raises(Stopped):
        fit(start(encoder, frozen_blocks=2), tmp_path / "stopped", progress=stop_at(fraction))
    assert fit(stopped, tmp_path / "stopped") == expected
    for name, weight in whole.state_dict().items():
        assert torch.equal(stopped.state_dict()[name], weight), name


def test_frozen_blocks_draw_no_dropout(encoder):
    model = start(encoder, frozen_blocks=2).train()
    modes = [block.training for block in model.encoder.encoder.layer]
    assert modes == [False, False, True]
    assert not model.encoder.embeddings.training
    assert model.head.training
    assert not model.eval().encoder.encoder.layer[2].training
    assert start(encoder).train().encoder.embeddings.training


def test_a_saved_model_needs_no_kept_states(encoder, tmp_path):
    model = start(encoder, frozen_blocks=2)
    fit(model, tmp_path / "run")
    model.save_pretrained(tmp_path / "saved")
    tiny_tokenizer().save_pretrained(tmp_path / "saved")
    loaded, _ = load_task_model(str(tmp_path / "saved"))
    classes = [TaskTrainer(one, 0, tmp_path, TUNING).classes(readings(TAGGED)) for one in (model, loaded)]
    np.testing.assert_array_equal(*classes)


def test_several_processes_keep_none(encoder, tmp_path, monkeypatch):
    model = start(encoder, frozen_blocks=2)
    trainer = TaskTrainer(model, 0, tmp_path, TUNING)
    monkeypatch.setattr(finetuning, "lower_states", None)

    class Arguments:
        world_size = 2

    class Several:
        args = Arguments()

    with trainer._from_lower_states(Several(), None):
        pass
