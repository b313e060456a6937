"""Random classifiers of texts, in folders as a user's would be."""

import torch
from transformers import AutoModelForSequenceClassification

from dlfa_core.models import DlfaForSequenceClassification
from tests.models.tiny import save_checkpoint, tiny_tokenizer

LABELS = ["negative", "neutral", "positive"]


def save_fusion(folder, encoder, labels=LABELS, kind=DlfaForSequenceClassification, **settings):
    """Write a fusion model whose head is far from its start."""
    torch.manual_seed(1)
    model = kind.from_encoder(str(encoder), labels, **{"layer": 1, **settings})
    for parameter in model.head.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)


def save_plain(folder):
    """Write a checkpoint of transformers with three labels."""
    return str(save_checkpoint(folder, "bert", AutoModelForSequenceClassification, num_labels=3))
