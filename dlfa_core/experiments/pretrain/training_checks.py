"""What is measured on a language model while it trains, and which of its states is kept.

The rule is fixed before a run: see `Rule`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import measures, models
from dlfa_core.data.pools import Pool
from dlfa_core.data.sources import open_corpus

RETRIEVAL, CKA, LOSS = "retrieval_centred", "cka", "mlm_loss"
RULES = ("retrieval", "mlm_loss")


@dataclass(frozen=True)
class Rule:
    """Which checkpoint is the best so far.

    Attributes:
        by: "retrieval", the highest at any layer; or "mlm_loss", the lowest mean over the languages, among the
            checkpoints whose languages still meet inside: debiased CKA is highest at neither end, and retrieval at its
            best layer reaches `least_retrieval`. Where no checkpoint does, the lowest loss of all.
        least_retrieval: in [0, 1].
    """

    by: str
    least_retrieval: float = 0.0

    def __post_init__(self) -> None:
        if self.by not in RULES:
            raise ValueError(f"keep={self.by!r} is unknown: use {' or '.join(RULES)}.")

    def score(self, checks: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
        """Higher is better; of the rows of one checkpoint."""
        retrieval = _curve(checks, RETRIEVAL)
        if self.by == "retrieval":
            return (max(retrieval, default=0.0),)
        losses, cka = _curve(checks, LOSS), _curve(checks, CKA)
        inside = bool(cka) and 0 < int(np.argmax(cka)) < len(cka) - 1
        return (float(inside and max(retrieval) >= self.least_retrieval), -float(np.mean(losses)))


def measured_alignment(folder: Path, corpus: str, limit: int, seed: int) -> list[dict[str, Any]]:
    """Centred top-1 retrieval and debiased CKA from English at every layer, means over the corpus's other languages."""
    texts = open_corpus(corpus).select(limit=limit, seed=seed)
    encoder = models.Encoder.from_pretrained(str(folder), dtype="float32")
    languages = ("eng", *(code for code in texts.languages if code != "eng"))
    english, *others = (encoder.encode(texts[code]).vectors for code in languages)
    retrieval = partial(measures.retrieval_accuracy, score="centred")
    return [
        {"measure": name, "layer": layer, "value": float(np.mean([of(english[layer], it[layer]) for it in others]))}
        for name, of in ((RETRIEVAL, retrieval), (CKA, measures.linear_cka))
        for layer in range(encoder.n_states)
    ]


def measured_loss(training: "models.Pretraining", dev: Mapping[str, Pool], longest: int) -> list[dict[str, Any]]:
    """Masked-language-model loss in each language, in nats, and the masked tokens that it is a mean of."""
    rows = []
    for language, pool in dev.items():
        if len(pool):
            value, n = training.evaluate([pool[row][:longest] for row in range(len(pool))])
            rows.append({"measure": LOSS, "language": language, "value": value, "n": n})
    return rows


def frame_of(checks: Sequence[Mapping[str, Any]], measure: str, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of one measure."""
    return pd.DataFrame([row for row in checks if row["measure"] == measure], columns=list(columns))


def _curve(checks: Sequence[Mapping[str, Any]], measure: str) -> list[float]:
    return [row["value"] for row in checks if row["measure"] == measure]
