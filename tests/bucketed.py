"""A small sweep in buckets: made-up answers to sentences of one to twelve words; no model is involved."""

from functools import partial

import numpy as np

from dlfa_core.data.tasks import SentenceSet, Task
from dlfa_core.experiments import buckets, transfer
from dlfa_core.experiments.buckets.properties import n_words
from tests.conftest import LANGUAGES
from tests.recommended import N, small_sweep

KEY = "f" * 64  # of the transfer that `small_recommendation` names


def small_task(languages=LANGUAGES, n=N) -> Task:
    """The task of `small_sweep`: sentence i of each language has 1 + i % 12 words."""
    about = partial(SentenceSet, split="test", labels=("a", "b"), gold=("a",) * n)
    tests = {
        code: about(
            language=code,
            ids=tuple(f"{code}{row}" for row in range(n)),
            texts=tuple(" ".join(["word"] * (1 + row % 12)) for row in range(n)),
        )
        for code in languages
    }
    return Task("Sentiment", "sentence", ("a", "b"), "accuracy", "eng", None, None, tests, "sentiment:sample")


def two_and_a_half(examples):
    """Cut every word in two, and every second sentence's words in three."""
    return n_words(examples) * (2 + np.arange(len(examples)) % 2)


def small_buckets(**sweep) -> buckets.Result:
    """What `buckets` says of `small_sweep(**sweep)`."""
    trained = transfer.Result(**vars(small_sweep(**sweep)))
    return buckets.in_buckets(trained, small_task(), two_and_a_half, key=KEY)
