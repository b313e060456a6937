"""What classifiers and languages are called on the Lexicon page."""

from dlfa_core import languages as lang
from dlfa_core.figures import lexicon as drawn

MODELS = ("demo-sentiment", "nlptown/bert-base-multilingual-uncased-sentiment")
KEPT = {"bind": "query-params", "persist_state": "session"}


def model_name(name: str) -> str:
    """How a classifier is called on a page."""
    return drawn.TASK_MODELS.get(name, name)


def language_name(code: str) -> str:
    return "All languages" if code == "all" else lang.find(code).name
