"""Tiny tokenizers whose subwords compete, and random checkpoints that have one row for each of them."""

from itertools import product

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertTokenizer, PreTrainedTokenizerFast

from tests.models.tiny import CONFIGS

STRINGS = ["".join(letters) for length in (1, 2, 3) for letters in product("abc", repeat=length)]
CHARACTERS = "abc🙂"  # what both tokenizers know
TEXTS = ["abc cab ab", "a bb ccc abca", "cabbac bac ca", "b", "acacac cc 🙂"]
NAMES = {
    "cls_token": "<s>",
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "sep_token": "</s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def wordpiece():
    """As multilingual BERT has it, with unused entries between [PAD] and the other special tokens."""
    special = ["[PAD]", "[unused1]", "[unused2]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    subwords = [*special, "🙂", "##🙂", *STRINGS, *(f"##{string}" for string in STRINGS)]
    vocabulary = {subword: number for number, subword in enumerate(subwords)}
    return BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=40)


def unigram(first=("<s>", "<pad>", "</s>", "<unk>"), mask_on_top=False):
    """As XLM-R has it, with <mask> behind all others; on top of the model's vocabulary as in mDeBERTa, if asked for.

    Scores are random, so that no segmentation is the obvious one, and NFKC is applied first.
    """
    rng = np.random.default_rng(0)
    strings = ["▁", "🙂", *STRINGS, *(f"▁{string}" for string in STRINGS), "--"]
    scored = [(string, float(-4 - 3 * rng.random() - 1.5 * len(string))) for string in strings]
    vocabulary = [(name, 0.0) for name in first] + scored
    vocabulary += [] if mask_on_top else [("<mask>", 0.0)]
    vocabulary += [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>") if name not in first]
    numbers = {subword: number for number, (subword, _) in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=numbers["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[(t, numbers[t]) for t in ("<s>", "</s>")]
    )
    mask = transformers.AddedToken("<mask>", lstrip=True, special=True)
    inputs = ["input_ids", "attention_mask"]
    names = NAMES | {"mask_token": mask}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=38, model_input_names=inputs, **names)


TOKENIZERS = {
    "bert": wordpiece,
    "distilbert": wordpiece,
    "xlm-roberta": unigram,
    "deberta-v2": lambda: unigram(mask_on_top=True),
}


def save_subword_checkpoint(folder, family="bert", kind="AutoModelForMaskedLM", tokenizer=None, rows=3, **changes):
    """Write a random checkpoint with some rows more than its tokenizer has subwords; `changes` go to the configuration.

    Parameters are far from their small start values, so that every part shows.
    """
    torch.manual_seed(0)
    tokenizer = tokenizer or TOKENIZERS[family]()
    config = CONFIGS[family](len(tokenizer) + rows)
    named = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "bos", "eos")}
    config.update(named | changes)
    model = getattr(transformers, kind)
    model = model.from_config(config) if kind.startswith("Auto") else model(config)
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
