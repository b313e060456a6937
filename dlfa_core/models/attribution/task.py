"""What is asked of every text, and how an answer is put."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dlfa_core.models.attribution.baselines import Baseline
from dlfa_core.models.attribution.memory import Budget, bytes_per_token
from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.result import Explanation
from dlfa_core.models.attribution.subject import Subject
from dlfa_core.models.word_reading import WordReading

Report = Callable[[float], None]  # told the fraction of the work that is done


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked, and of whom; see `Explainer.explain`."""

    subject: Subject
    pad_id: int
    method: str
    layer: int | None
    question: Question
    baseline: Baseline
    tolerance: float = 0.0
    seed: int = 0
    batch_tokens: int | None = None

    @property
    def refines(self) -> bool:
        """Tell whether texts that miss the tolerance get more points."""
        return self.method == "integrated_gradients" and self.tolerance > 0

    def budget(self, readings: Sequence[WordReading], room: int = 1) -> Budget:
        """Return how much of these texts may be read at once; `room` is that of `Budget`."""
        cost = bytes_per_token(self.subject.encoder.config, max(map(len, readings), default=1))
        return Budget(self.batch_tokens, self.subject.device, cost, room)

    def described(
        self, readings: Sequence[WordReading], scores: np.ndarray, ends: Sequence[Tensor], steps: int
    ) -> list[Explanation]:
        """Explanations in no language yet, from scores (batch, seq) and logits (batch, n_labels) of both ends."""
        targets, labels = self.question.targets(ends[0]), self.subject.labels
        against = "" if self.question.against is None else labels[self.question.against]
        values, baseline_values = (self.question.values(logits, targets).double().tolist() for logits in ends)
        predicted = ends[0].argmax(-1).tolist()
        return [
            Explanation(
                reading,
                language=None,
                scores=np.asarray(row[: len(reading)]),
                predicted=labels[guess],
                target=labels[target],
                against=against,
                value=value,
                baseline_value=baseline_value,
                steps=steps,
            )
            for reading, row, guess, target, value, baseline_value in zip(
                readings, scores, predicted, targets.tolist(), values, baseline_values, strict=True
            )
        ]
