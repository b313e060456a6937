"""From the states of an encoder to labels: a fusion, and a classifier of sentences or of tokens.

A head knows no encoder, so that many of them, for all layers and seeds, can be trained on one pass of it;
inside a task model it is what comes after the encoder.
"""

from torch import Tensor, nn

START_SD = 0.02  # of the classifier's and the pooler's weights, as in BERT


class Head(nn.Module):
    """A fusion and a linear classifier of each vector that `read` makes of the fused sequence.

    Args:
        fusion: a module of `build_fusion`.
        hidden_size: width of a state.
        n_labels: classes.
        dropout: share of numbers set to 0 before the classifier, in training.
    """

    def __init__(self, fusion: nn.Module, hidden_size: int, n_labels: int, dropout: float = 0.1):
        super().__init__()
        self.fusion = fusion
        self.dropout = nn.Dropout(dropout)
        self.classifier = _linear(hidden_size, n_labels)

    def forward(self, *states: Tensor, mask: Tensor) -> Tensor:
        """Logits of the states that the fusion reads, each (batch, seq, hidden), with mask (batch, seq)."""
        return self.classify(self.fusion(*states, mask=mask).hidden)

    def classify(self, hidden: Tensor) -> Tensor:
        """Logits of the fused sequence, (batch, seq, hidden)."""
        return self.classifier(self.dropout(self.read(hidden)))

    def read(self, hidden: Tensor) -> Tensor:
        """The vectors to classify."""
        raise NotImplementedError


class TokenHead(Head):
    """Labels every token: logits (batch, seq, n_labels)."""

    def read(self, hidden: Tensor) -> Tensor:
        return hidden


class SpanHead(TokenHead):
    """Scores every token as the start and as the end of an answer: logits (batch, seq, 2)."""


class SentenceHead(Head):
    """Labels a text by its first token, [CLS] or <s>, through a pooler: logits (batch, n_labels)."""

    def __init__(self, fusion: nn.Module, hidden_size: int, n_labels: int, dropout: float = 0.1):
        super().__init__(fusion, hidden_size, n_labels, dropout)
        self.pooler = _linear(hidden_size, hidden_size)
        self.activation = nn.Tanh()  # a module, so that DeepLIFT finds it

    def read(self, hidden: Tensor) -> Tensor:
        return self.activation(self.pooler(hidden[:, 0]))


class ChoiceHead(SentenceHead):
    """Scores a question with one of its choices: logits (batch, 1), whatever the number of choices."""

    def __init__(self, fusion: nn.Module, hidden_size: int, n_labels: int, dropout: float = 0.1):
        super().__init__(fusion, hidden_size, 1, dropout)


def _linear(n_in: int, n_out: int) -> nn.Linear:
    linear = nn.Linear(n_in, n_out)
    nn.init.normal_(linear.weight, std=START_SD)
    nn.init.zeros_(linear.bias)
    return linear
