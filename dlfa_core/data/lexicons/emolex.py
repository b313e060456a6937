"""The NRC Word-Emotion Association Lexicon, or EmoLex (Mohammad and Turney 2013)."""

import re
from pathlib import Path

from dlfa_core.data.files import existing, read_lines
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.data.lexicons.values import Lexicon
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find

EMOTIONS = "anger|anticipation|disgust|fear|joy|negative|positive|sadness|surprise|trust"
LINE = re.compile(rf"([^\t]+)\t({EMOTIONS})\t([01])\s*")
SIGNS = {"positive": 1.0, "negative": -1.0}


def read_emolex(path: str | Path, *, language: str | None = None) -> Lexicon:
    """Lines of a word, an emotion and 0 or 1; of the emotions, positive and negative are taken.

    A word with one of the two has the valence 1 or -1, a word with neither 0; one with both is left out and counted.
    Prose above the first line of that kind is passed over.

    Args:
        language: code or name of the words' language; English by default.

    Raises:
        CorpusError: a line of another kind, or none of a positive or negative word.
    """
    name, lines = existing(path).name, read_lines(path)
    start = next((number for number, line in enumerate(lines) if LINE.fullmatch(line)), 0)
    signs: dict[str, list[float]] = {}
    for number, line in enumerate(lines[start:], start=start + 1):
        if found := LINE.fullmatch(line):
            if found[2] in SIGNS:
                signs.setdefault(found[1], []).extend([SIGNS[found[2]]] * int(found[3]))
        elif line.strip():
            raise CorpusError(
                f"Line {number:,} of {name} is no line of EmoLex: {line[:60]!r}. It has a word, one of "
                f"{EMOTIONS.replace('|', ', ')}, and 0 or 1, with tabs between them."
            )
    code = find(language or "eng").code
    return build_lexicon(
        [Row(word, code, valence) for word, valences in signs.items() for valence in valences or [0.0]],
        name="EmoLex",
        source=f"emolex:{path}",
        scale="1 for positive, -1 for negative, 0 for neither",
        licence="NRC terms of use: research only unless licensed, no redistribution",
        notes=[f"Lines above the first word of {name} that are passed over: {start:,}."] if start else [],
    )
