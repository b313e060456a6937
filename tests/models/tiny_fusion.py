"""Tiny fusion models with their tokenizer, saved as a user's folder would be."""

import torch

from dlfa_core.models import DlfaForSequenceClassification, DlfaForTokenClassification
from tests.models.tiny import save_checkpoint, tiny_tokenizer

TAGS = ("NOUN", "VERB", "PUNCT")


def save_fusion(folder, seed=0, tagger=True, labels=TAGS, **settings):
    """Write a fusion model over the tiny BERT, its gates far from their start; `settings` of `DlfaConfig`."""
    encoder = save_checkpoint(folder.with_name(f"{folder.name}-encoder"))
    kind = DlfaForTokenClassification if tagger else DlfaForSequenceClassification
    torch.manual_seed(seed)
    model = kind.from_encoder(str(encoder), labels, **{"layer": 1, "weight": "gate"} | settings)
    for parameter in model.head.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)
