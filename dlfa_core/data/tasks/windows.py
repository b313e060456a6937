"""Tagged sentences that are too long for an encoder are split between words, not cut."""

from collections.abc import Sequence


def windows(subwords: Sequence[int], limit: int) -> tuple[slice, ...]:
    """Runs of words that fit into an encoder: each takes as many words as it can, as in XTREME.

    Args:
        subwords: (n,) subwords of each word. A word that the tokenizer leaves without a subword needs one all
            the same to carry its tag: replace it by the unknown token, as XTREME does, and count 1.
        limit: subwords in a window, special tokens not counted (126 for a length of 128 in BERT).

    Returns:
        Slices of the words, in order and without gaps; none is empty. A word of more subwords than the limit
        has a window to itself: what is cut off there is never its first subword, which carries the tag.

    Raises:
        ValueError: the limit is less than 1, or a count is negative.
    """
    if limit < 1:
        raise ValueError(f"A window of {limit} subwords holds no word. Give a limit of 1 or more.")
    if any(count < 0 for count in subwords):
        raise ValueError(f"A word cannot have {min(subwords)} subwords. Give the subwords of each word, 0 or more.")
    found, start, used = [], 0, 0
    for word, count in enumerate(subwords):
        if word > start and used + count > limit:
            found.append(slice(start, word))
            start, used = word, 0
        used += count
    return (*found, slice(start, len(subwords))) if subwords else ()


def split_tagged(
    words: Sequence[str], tags: Sequence[str], subwords: Sequence[int], limit: int
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """A tagged sentence as parts of at most `limit` subwords; put together, the parts are the sentence.

    Args:
        words, tags, subwords: (n,) words, their tags, and their numbers of subwords.
        limit: see `windows`.

    Returns:
        (words, tags) of each part.

    Raises:
        ValueError: the three differ in length; also as `windows`.
    """
    if not len(words) == len(tags) == len(subwords):
        raise ValueError(
            f"A sentence has one tag and one count of subwords for each word, but here are {len(words)} words, "
            f"{len(tags)} tags and {len(subwords)} counts."
        )
    return tuple((tuple(words[window]), tuple(tags[window])) for window in windows(subwords, limit))
