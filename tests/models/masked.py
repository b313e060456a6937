"""Tiny random models with their output for masked words."""

import transformers

from tests.models.tiny import save_checkpoint, tiny_tokenizer


def save_masked(folder, family="bert", **changes):
    """Write a tiny checkpoint with its head, whose tokenizer knows a mask, and return its name."""
    save_checkpoint(folder, family, transformers.AutoModelForMaskedLM, **changes)
    tokenizer = tiny_tokenizer(family)
    tokenizer.mask_token = "##s"  # any subword will do
    tokenizer.save_pretrained(folder)
    return str(folder)
