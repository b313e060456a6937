"""Which classifiers the Lexicon page knows."""

from ui import task_models
from ui.limits import limits

ON_THE_HUB = ("nlptown/bert-base-multilingual-uncased-sentiment",)


def classifiers(encoder: str) -> list[str]:
    """Models that label sentiment: those on the encoder of the sidebar, and on one's own machine one of the hub."""
    return [*task_models.for_sentiment(encoder), *(ON_THE_HUB if limits().any_model else ())]
