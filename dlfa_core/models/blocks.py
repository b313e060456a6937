"""The states of a Transformer encoder, seen one after the other while it runs.

An encoder with L blocks has L + 1 states. State k is what enters block k + 1, so state 0 is the embedding
output; state L is the model's last hidden state. Any model with one list of L blocks can be read like this.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from torch import Tensor, nn


def find_blocks(model: nn.Module) -> list[nn.Module]:
    """The blocks of an encoder: the one `ModuleList` that is as long as the configuration says.

    Returns:
        The L blocks in the order in which they run; empty when there is no such list, or more than one.
    """
    depth = getattr(model.config, "num_hidden_layers", None)
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList) and len(module) == depth]
    return list(lists[0]) if len(lists) == 1 else []


def with_types(model: nn.Module, types: Tensor | None) -> Callable:
    """Return an encoder that is told of the kinds of text, `token_type_ids`, where it knows more than one."""
    known = types is not None and getattr(model.config, "type_vocab_size", 0) > 1
    return partial(model, token_type_ids=types) if known else model


def visit_states(
    model: nn.Module, blocks: list[nn.Module], see: Callable[[Tensor], None], ids: Tensor, mask: Tensor
) -> None:
    """Run the model once and call `see` with each state, from 0 to L.

    Each state is let go before the next block has run, unless `see` keeps it.

    Args:
        model: an encoder whose output has `last_hidden_state`.
        blocks: its L blocks, from `find_blocks`.
        see: called L + 1 times with (batch, seq, hidden) in the model's dtype.
        ids: (batch, seq) subword numbers.
        mask: (batch, seq), 1 for subwords and 0 for padding.
    """
    with _entered(blocks, see):
        last = model(input_ids=ids, attention_mask=mask, return_dict=True).last_hidden_state
    see(last)


def visit_lower(
    model: nn.Module, blocks: list[nn.Module], last: int, see: Callable[[Tensor], None], ids: Tensor, mask: Tensor
) -> None:
    """Run the model up to block `last` and call `see` with each state, from 0 to `last`; else as `visit_states`."""
    seen = 0

    def look(state: Tensor) -> None:
        nonlocal seen
        see(state)
        seen += 1
        if seen > last:
            raise _Enough

    with suppress(_Enough):
        visit_states(model, blocks, look, ids, mask)


@contextmanager
def skipping(model: nn.Module, blocks: list[nn.Module], count: int) -> Iterator[None]:
    """Leave out the first blocks of a model while the `with` block lasts.

    In a few architectures a block's place decides what it does, so that the others then do something else.
    """
    if not count:
        yield
        return
    parent, name = next(
        (module, name)
        for module in model.modules()
        for name, child in module.named_children()
        if isinstance(child, nn.ModuleList) and list(child) == blocks
    )
    whole = getattr(parent, name)
    setattr(parent, name, whole[count:])
    try:
        yield
    finally:
        setattr(parent, name, whole)


@contextmanager
def fed(block: nn.Module, state: Tensor) -> Iterator[None]:
    """Let a block read a state, (batch, seq, hidden), whatever comes out of what is before it."""

    def enter(block: nn.Module, inputs: tuple, named: dict) -> tuple[tuple, dict]:
        return ((state, *inputs[1:]), named) if inputs else (inputs, {**named, "hidden_states": state})

    with block.register_forward_pre_hook(enter, with_kwargs=True):
        yield


class _Enough(Exception):
    """No further block need run."""


@contextmanager
def _entered(blocks: list[nn.Module], see: Callable[[Tensor], None]) -> Iterator[None]:
    """Call `see` with what enters each block while the `with` block lasts."""

    def look(block: nn.Module, inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        see(inputs[0] if inputs else named["hidden_states"])

    with ExitStack() as hooks:
        for block in blocks:
            hooks.enter_context(block.register_forward_pre_hook(look, with_kwargs=True))
        yield
