"""What the tasks are: their kind, labels and metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dlfa_core.data.tasks.values import Kind

_UPOS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
UPOS = tuple(_UPOS.split())
SPAN = ("start", "end")  # what a classifier says of every subword of a context: an answer begins here, ends here


@dataclass(frozen=True)
class TaskFormat:
    """A task before its data.

    Attributes:
        title: for headings.
        kind: as in `Task`.
        metric: as in `Task`.
        labels: in the order of the classifier's outputs; empty where the training set decides.
        spellings: other ways in which sources write the labels -> the label; in small letters.
        unlabelled: what sources write where annotators found no label; such examples are left out. In small letters.
        untranslated: what sources write in place of a sentence that was not translated; such examples are left out.
        fewer: whether the training set may do without some of the labels (two-way sentiment).
        beside: as in `Task`.
        languages: ISO 639-1 codes of the languages that the published mean is over; empty where there is none.
        licence: of the data that the name stands for, where no list beside the files says it.
    """

    title: str
    kind: Kind
    metric: str = "accuracy"
    labels: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
    untranslated: str = ""
    fewer: bool = False
    beside: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    licence: str = "not stated"


TASK_FORMATS: dict[str, TaskFormat] = {
    "xnli": TaskFormat(
        "XNLI",
        "pair",
        labels=("entailment", "neutral", "contradiction"),
        spellings={"contradictory": "contradiction", "0": "entailment", "1": "neutral", "2": "contradiction"},
        unlabelled=("-", "-1"),  # SNLI itself, and on the hub
        licence="CC BY-NC 4.0",
    ),
    "pawsx": TaskFormat(
        "PAWS-X",
        "pair",
        labels=("different", "paraphrase"),
        spellings={"0": "different", "1": "paraphrase"},
        unlabelled=("ns", "-1"),
        untranslated="NS",
        licence="free for any purpose, credit to Google LLC asked",
    ),
    "ner": TaskFormat("NER", "tagging", metric="span_f1"),
    "pos": TaskFormat("POS", "tagging", metric="pos_f1", labels=UPOS, beside=("token_accuracy",)),
    "sentiment": TaskFormat(
        "Sentiment",
        "sentence",
        labels=("negative", "neutral", "positive"),
        spellings={"neg": "negative", "neu": "neutral", "pos": "positive"},
        fewer=True,
    ),
    "sentence": TaskFormat("Sentences", "sentence"),
    "pair": TaskFormat("Pairs of sentences", "pair"),
    "xquad": TaskFormat(
        "XQuAD",
        "question",
        metric="squad_f1",
        labels=SPAN,
        beside=("squad_em",),
        languages=("en", "es", "de", "el", "ru", "tr", "ar", "vi", "th", "zh", "hi"),
        licence="CC BY-SA 4.0",
    ),
    "mlqa": TaskFormat(
        "MLQA",
        "question",
        metric="mlqa_f1",
        labels=SPAN,
        beside=("mlqa_em",),
        languages=("en", "es", "de", "ar", "hi", "vi", "zh"),
        licence="CC BY-SA 3.0",
    ),
    "tydiqa": TaskFormat(
        "TyDiQA-GoldP",
        "question",
        metric="squad_f1",
        labels=SPAN,
        beside=("squad_em",),
        languages=("en", "ar", "bn", "fi", "id", "ko", "ru", "sw", "te"),
        licence="Apache 2.0",
    ),
    "xcopa": TaskFormat(
        "XCOPA",
        "choice",
        labels=tuple("123456789"),
        fewer=True,
        licence="CC BY 4.0",
    ),
    "choice": TaskFormat("Multiple choice", "choice", labels=tuple("123456789"), fewer=True),
    "qa": TaskFormat("Questions", "question", metric="squad_f1", labels=SPAN, beside=("squad_em",)),
}
