"""What classifiers and languages are called on the Lexicon page."""

from dlfa_core import languages as lang
from ui import task_models
from ui.limits import limits

ON_THE_HUB = ("nlptown/bert-base-multilingual-uncased-sentiment",)
KEPT = {"bind": "query-params", "persist_state": "session"}


def classifiers(encoder: str) -> list[str]:
    """Models that label sentiment: those on the encoder of the sidebar, and on one's own machine one of the hub."""
    return [*task_models.for_sentiment(encoder), *(ON_THE_HUB if limits().any_model else ())]


def language_name(code: str) -> str:
    return "All languages" if code == "all" else lang.find(code).name
