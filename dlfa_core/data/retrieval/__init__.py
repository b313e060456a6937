"""Questions and mentions with a pool of candidates to find their answers in. Nothing here imports torch."""

from dlfa_core.data.retrieval.sources import RETRIEVAL_KINDS, files_of, open_retrieval
from dlfa_core.data.retrieval.values import RetrievalSet

__all__ = ["RETRIEVAL_KINDS", "RetrievalSet", "files_of", "open_retrieval"]
