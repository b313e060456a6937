"""Many fusions at once: stacked weights and one batched pass equal one module after the other."""

import subprocess
import sys
from copy import deepcopy

import pytest
import torch
from torch.func import functional_call, stack_module_state, vmap

from dlfa_core.models import FUSIONS, SentenceHead, TokenHead, build_fusion
from dlfa_core.models.fusion.registry import NORMS

E, L, LAYERS = 24, 5, (1, 2, 3)
MASK = torch.arange(6) < torch.tensor([6, 3, 5, 1])[:, None]


def heads_of(name, norm, kind=TokenHead):
    """A head a layer, each with weights of its own, without dropout; and the states of an encoder."""
    torch.manual_seed(5)
    heads = [kind(build_fusion(name, E, L, norm=norm), E, n_labels=3, dropout=0.0).double() for _ in LAYERS]
    return heads, torch.randn(L + 1, 4, 6, E, dtype=torch.float64)


def stacked_pass(heads, weights, buffers, states, training, randomness="error"):
    """(heads, ...) logits; states are (heads, reads, batch, seq, hidden)."""
    base = deepcopy(heads[0]).to("meta").train(training)

    def one(weights, buffers, states):
        return functional_call(base, (weights, buffers), tuple(states), {"mask": MASK})

    return vmap(one, randomness=randomness)(weights, buffers, states)


def read_states(name, states):
    return torch.stack([states[list(FUSIONS[name].needs(layer, L))] for layer in LAYERS])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", FUSIONS)
def test_a_stack_equals_its_modules_in_outputs_gradients_and_running_statistics(name, norm, training):
    heads, states = heads_of(name, norm)
    read = read_states(name, states)
    weights, buffers = stack_module_state(heads)
    for _ in range(2):
        together = stacked_pass(heads, weights, buffers, read, training)
        alone = torch.stack([head.train(training)(*own, mask=MASK) for head, own in zip(heads, read, strict=True)])
        torch.testing.assert_close(together, alone, atol=1e-12, rtol=0)
    together[:, MASK].square().sum().backward()
    alone[:, MASK].square().sum().backward()
    for key, stacked in weights.items():
        separate = torch.stack([head.get_parameter(key).grad for head in heads])
        torch.testing.assert_close(stacked.grad, separate, atol=1e-10, rtol=1e-10, msg=key)
    for key, stacked in buffers.items():
        separate = torch.stack([head.get_buffer(key) for head in heads])
        torch.testing.assert_close(stacked, separate, atol=1e-12, rtol=0, msg=key)


def test_running_statistics_move_in_the_stack_itself():
    heads, states = heads_of("dlfa", "batch", SentenceHead)
    weights, buffers = stack_module_state(heads)
    before = {key: value.clone() for key, value in buffers.items()}
    stacked_pass(heads, weights, buffers, read_states("dlfa", states), training=True)
    assert len(buffers) == 8
    assert all((buffers[key] != before[key]).all() for key in buffers)


def test_heads_of_a_stack_may_drop_out_different_numbers():
    heads, states = heads_of("last", None)
    twins = [deepcopy(heads[0]) for _ in LAYERS]
    for twin in twins:
        twin.dropout.p = 0.5
    weights, buffers = stack_module_state(twins)
    logits = stacked_pass(twins, weights, buffers, read_states("last", states), training=True, randomness="different")
    assert not torch.allclose(logits[0], logits[1])


def test_properties_of_fusions_are_read_without_torch():
    code = (
        "import sys; from dlfa_core import models; models.FUSIONS['dlfa'].needs(3, 4); "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
