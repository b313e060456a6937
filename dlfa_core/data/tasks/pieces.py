"""Tagged sentences that are too long for an encoder are split between words, not cut."""

from collections.abc import Sequence


def windows(pieces: Sequence[int], limit: int) -> tuple[slice, ...]:
    """Runs of words that fit into an encoder: each takes as many words as it can, as in XTREME.

    Args:
        pieces: (n,) word pieces of each word. A word that the tokenizer leaves without a piece needs one all
            the same to carry its tag: replace it by the unknown token, as XTREME does, and count 1.
        limit: pieces in a window, special tokens not counted (126 for a length of 128 in BERT).

    Returns:
        Slices of the words, in order and without gaps; none is empty. A word of more pieces than the limit
        has a window to itself: what is cut off there is never its first piece, which carries the tag.

    Raises:
        ValueError: the limit is less than 1, or a count is negative.
    """
    if limit < 1:
        raise ValueError(f"A window of {limit} pieces holds no word. Give a limit of 1 or more.")
    if any(count < 0 for count in pieces):
        raise ValueError(f"A word cannot have {min(pieces)} pieces. Give the pieces of each word, 0 or more.")
    found, start, used = [], 0, 0
    for word, count in enumerate(pieces):
        if word > start and used + count > limit:
            found.append(slice(start, word))
            start, used = word, 0
        used += count
    return (*found, slice(start, len(pieces))) if pieces else ()


def split_tagged(
    words: Sequence[str], tags: Sequence[str], pieces: Sequence[int], limit: int
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """A tagged sentence as parts of at most `limit` pieces; put together, the parts are the sentence.

    Args:
        words, tags, pieces: (n,) words, their tags, and their numbers of word pieces.
        limit: see `windows`.

    Returns:
        (words, tags) of each part.

    Raises:
        ValueError: the three differ in length; also as `windows`.
    """
    if not len(words) == len(tags) == len(pieces):
        raise ValueError(
            f"A sentence has one tag and one count of pieces for each word, but here are {len(words)} words, "
            f"{len(tags)} tags and {len(pieces)} counts."
        )
    return tuple((tuple(words[window]), tuple(tags[window])) for window in windows(pieces, limit))
