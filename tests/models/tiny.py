"""Tiny random checkpoints of every supported family, saved as a user's folder would be."""

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from tests.rounding import tolerance

TEXT = "the a cat dog sees Haus Maison дом घर 家 . , ! and then walks home over long green hill ##s"
SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": 40,
}
CONFIGS = {
    "bert": lambda size: transformers.BertConfig(vocab_size=size, **SIZES),
    "distilbert": lambda size: transformers.DistilBertConfig(
        vocab_size=size, dim=24, n_layers=3, n_heads=4, hidden_dim=40, max_position_embeddings=40
    ),
    "xlm-roberta": lambda size: transformers.XLMRobertaConfig(vocab_size=size, pad_token_id=1, **SIZES),
    "deberta-v2": lambda size: transformers.DebertaV2Config(
        vocab_size=size,
        relative_attention=True,
        position_biased_input=False,
        pos_att_type=["p2c", "c2p"],
        share_att_key=True,
        norm_rel_ebd="layer_norm",
        position_buckets=8,
        type_vocab_size=0,
        **SIZES,
    ),
}
FAMILIES = list(CONFIGS)

# Numbers that are added one after the other from a subword to the last state: two sums over 24 dimensions in each norm,
# and in each of 3 blocks those of projections, scores of 4 heads, up to 40 subwords (twice) and 40 inner dimensions.
TERMS = 2 * 24 + 3 * (3 * 24 + 6 + 2 * 40 + 40 + 4 * 24)
CLOSE = tolerance("float32", TERMS)  # how far states and logits, of size 1, may lie apart between two routes


def tiny_tokenizer(family="bert", special=True):
    """A tokenizer of whole words, with the special tokens of the family, or with none added."""
    if family == "xlm-roberta":
        names = {"cls_token": "<s>", "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
    else:
        names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    vocabulary = {subword: number for number, subword in enumerate([*names.values(), *TEXT.split()])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=names["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if special:
        first, last = names["cls_token"], names["sep_token"]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{first} $A {last}",
            pair=f"{first} $A {last} $B:1 {last}:1",
            special_tokens=[(t, vocabulary[t]) for t in (first, last)],
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **names)


def save_checkpoint(folder, family="bert", model_class=transformers.AutoModel, special=True, **changes):
    """Write a random checkpoint with its tokenizer; `changes` go into the configuration."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer(family, special)
    config = CONFIGS[family](len(tokenizer))
    config.update(changes)
    model = model_class.from_config(config) if hasattr(model_class, "from_config") else model_class(config)
    for parameter in model.parameters():  # far from the small start values, so that every part shows
        parameter.data += 0.2 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
