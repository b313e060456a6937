"""Fusions at labelled tokens alone: the same numbers as over whole sequences."""

from copy import deepcopy

import pytest
import torch

from dlfa_core.models import FUSIONS, build_fusion
from dlfa_core.models.fusion.packed import Packing, fuse_at
from dlfa_core.models.fusion.registry import NORMS, WEIGHTS

E, L = 12, 3
MASK = (torch.arange(6) < torch.tensor([6, 3, 5, 1])[:, None]).long()
ROWS, PLACES = torch.tensor([0, 0, 1, 2, 2, 3]), torch.tensor([1, 4, 2, 0, 4, 0])
GATED = [name for name, fusion in FUSIONS.items() if fusion.gated]


def both(name, norm="batch", weight="literal"):
    """A fusion and its copy, and states of an encoder; norms are away from where they start."""
    torch.manual_seed(2)
    fusion = build_fusion(name, E, L, norm=norm, weight=weight).double()
    for parameter in fusion.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    states = torch.randn(L + 1, 4, 6, E, dtype=torch.float64)
    return fusion, deepcopy(fusion), [states[number] for number in FUSIONS[name].needs(1, L)]


def packed(fusion, states, mask=MASK):
    packing = Packing.of(mask, ROWS, PLACES)
    return fuse_at(fusion, tuple(packing.pack(state) for state in states), packing)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", GATED)
def test_outputs_gradients_and_running_statistics_are_those_of_whole_sequences(name, weight, norm, training):
    whole, part, states = both(name, norm, weight)
    for _ in range(2):
        expected = whole.train(training)(*states, mask=MASK).hidden[ROWS, PLACES]
        found = packed(part.train(training), states)
        torch.testing.assert_close(found, expected, atol=1e-11, rtol=0)
    expected.square().sum().backward()
    found.square().sum().backward()
    for (key, theirs), ours in zip(whole.named_parameters(), part.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-9, rtol=1e-9, msg=key)
    for (key, theirs), ours in zip(whole.named_buffers(), part.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-11, rtol=0, msg=key)


@pytest.mark.parametrize("name", GATED)
def test_padding_changes_nothing(name):
    whole, part, states = both(name)
    wider = [torch.cat([state, torch.full_like(state, 9.0)], 1) for state in states]
    mask = torch.cat([MASK, torch.zeros_like(MASK)], 1)
    torch.testing.assert_close(packed(part, wider, mask), packed(whole, states), atol=1e-12, rtol=0)


def test_packed_tokens_are_those_of_the_mask_in_order():
    state = torch.arange(24.0).view(4, 6, 1)
    packing = Packing.of(MASK, ROWS, PLACES)
    assert packing.pack(state).flatten().tolist() == state[MASK.bool()].flatten().tolist()
    assert torch.equal(packing.pack(state)[packing.at], state[ROWS, PLACES])
    assert packing.belongs.sum(1).tolist() == [6, 3, 5, 1]
