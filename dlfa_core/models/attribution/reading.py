"""Texts that have words to explain."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from dlfa_core.models.word_reading import Text, WordReading, read_words


def read_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[Text], max_length: int) -> list[WordReading]:
    """`read_words`, with its arguments.

    Raises:
        ValueError: as there, or a text has no words.
    """
    readings = read_words(tokenizer, texts, max_length)
    for row, reading in enumerate(readings):
        parts = (reading.text,) if isinstance(reading.text, str) else reading.text
        if not all(part.strip() for part in parts):
            raise ValueError(f"Text {row} is empty, so there are no words to explain: write at least one.")
        if not reading.read:
            raise ValueError(f"Text {row} ({parts[0][:40]!r}) gives no subwords to explain: write some words.")
    return readings
