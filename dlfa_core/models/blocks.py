"""The states of a Transformer encoder, seen one after the other while it runs.

An encoder with L blocks has L + 1 states. State k is what enters block k + 1, so state 0 is the embedding
output; state L is the model's last hidden state. Any model with one list of L blocks can be read like this.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn


def find_blocks(model: nn.Module) -> list[nn.Module]:
    """The blocks of an encoder: the one `ModuleList` that is as long as the configuration says.

    Returns:
        The L blocks in the order in which they run; empty when there is no such list, or more than one.
    """
    depth = getattr(model.config, "num_hidden_layers", None)
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList) and len(module) == depth]
    return list(lists[0]) if len(lists) == 1 else []


def visit_states(
    model: nn.Module, blocks: list[nn.Module], see: Callable[[Tensor], None], ids: Tensor, mask: Tensor
) -> None:
    """Run the model once and call `see` with each state, from 0 to L.

    Each state is let go before the next block has run, unless `see` keeps it.

    Args:
        model: an encoder whose output has `last_hidden_state`.
        blocks: its L blocks, from `find_blocks`.
        see: called L + 1 times with (batch, seq, hidden) in the model's dtype.
        ids: (batch, seq) piece numbers.
        mask: (batch, seq), 1 for pieces and 0 for padding.
    """
    with _entered(blocks, see):
        last = model(input_ids=ids, attention_mask=mask, return_dict=True).last_hidden_state
    see(last)


@contextmanager
def _entered(blocks: list[nn.Module], see: Callable[[Tensor], None]) -> Iterator[None]:
    """Call `see` with what enters each block while the `with` block lasts."""

    def look(block: nn.Module, inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        see(inputs[0] if inputs else named["hidden_states"])

    hooks = [block.register_forward_pre_hook(look, with_kwargs=True) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
