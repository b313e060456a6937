"""Sentences beside what became of them."""

from collections.abc import Iterator

import pandas as pd

from ui.html import show


def rewritten(samples: pd.DataFrame) -> None:
    """Rows of `augment.Result.samples`: each sentence, and what became of it with what differs marked."""
    show(
        "augmentation.rewritten",
        [(row.language, row.original, _segments(row.changed, row.spans)) for row in samples.itertuples()],
    )


def _segments(text: str, spans: str) -> Iterator[tuple[str, str | None]]:
    """A text in segments: what differs, with its language, and what stands between; `spans` as in the samples."""
    end = 0
    for span in spans.split():
        characters, _, code = span.partition(":")
        start, stop = map(int, characters.split("-"))
        yield text[end:start], None
        yield text[start:stop], code
        end = stop
    yield text[end:], None
