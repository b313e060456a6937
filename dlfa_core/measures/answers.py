"""How well are questions answered? F1 and exact match as the scripts of SQuAD 1.1, SQuAD 2.0 and MLQA count them.

XTREME scores XQuAD and TyDiQA-GoldP with SQuAD's script, in every language by the rules of English: only English
articles and ASCII punctuation are taken out, and only spaces part words. MLQA's script has rules of its own for seven
languages: articles of each, punctuation of all scripts, and Chinese characters as words. What either does that seems
odd is kept, because published numbers were counted so.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from string import punctuation
from unicodedata import category

import numpy as np

RULES = ("squad", "squad2", "mlqa")
Answers = Sequence[str]  # those that are accepted; none where the context has no answer

_ENGLISH = re.compile(r"\b(a|an|the)\b")
_ARTICLES = {  # of MLQA's script, by ISO 639-3; its Arabic pattern takes the two letters out wherever they stand
    "eng": _ENGLISH,
    "spa": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "deu": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    "vie": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
    "arb": re.compile("ال"),
    "hin": None,
    "cmn": None,
}
_CHINESE = re.compile("([\u4e00-\u9fa5])")


def answer_f1(predicted: str, answers: Answers, rules: str = "squad", language: str = "eng") -> float:
    """F1 of the words of an answer, with the accepted answer that it shares most with.

    Args:
        predicted: the answer; "" says that there is none.
        answers: those that are accepted; none where there is no answer, which only "" answers.
        rules: "squad" (SQuAD 1.1, and XQuAD and TyDiQA-GoldP as XTREME scores them), "squad2" or "mlqa".
        language: ISO 639-3; plays a part for "mlqa" alone.

    Returns:
        F1 in [0, 1]. An answer of which normalisation leaves nothing gets 0 by SQuAD 1.1 and MLQA, whatever is
        accepted; SQuAD 2.0 takes it for no answer.

    Raises:
        ValueError: no such rules, or MLQA's have none for the language.

    Reference: Rajpurkar et al. (2016, 2018), `evaluate-v1.1.py` and `evaluate-v2.0.py`; Lewis et al. (2020),
    `mlqa_evaluation_v1.py`; google-research/xtreme, `evaluate.py`.
    """
    words = _words(predicted, rules, language)
    return max(_f1(words, accepted, rules) for accepted in _accepted(answers, rules, language))


def exact_match(predicted: str, answers: Answers, rules: str = "squad", language: str = "eng") -> float:
    """1 if an answer is one of the accepted ones after normalisation, else 0; arguments and errors as `answer_f1`."""
    words = _words(predicted, rules, language)
    return float(any(words == accepted for accepted in _accepted(answers, rules, language)))


def answer_counts(
    gold: Sequence[Answers], predicted: Sequence[str], language: str = "eng", *, rules: str, exact: bool = False
) -> np.ndarray:
    """(n, 3) counts of `mean_answer_score` by question: its score in [0, 1], 1, 1; arguments and errors as there."""
    if len(gold) != len(predicted):
        raise ValueError(
            f"There are {len(gold)} gold answers but {len(predicted)} predicted ones: predict every example."
        )
    if not gold:
        raise ValueError("There are no questions to score: choose a test set that holds some.")
    score = exact_match if exact else answer_f1
    rows = [(score(one, answers, rules, language), 1, 1) for one, answers in zip(predicted, gold, strict=True)]
    return np.array(rows, dtype=np.float64)


def mean_answer_score(
    gold: Sequence[Answers], predicted: Sequence[str], language: str = "eng", *, rules: str, exact: bool = False
) -> float:
    """Mean of `answer_f1`, or of `exact_match`, over questions.

    Args:
        gold: (n,) the accepted answers of each question.
        predicted: (n,) answers.
        language, rules: as for `answer_f1`.
        exact: take `exact_match`.

    Returns:
        A mean in [0, 1].

    Raises:
        ValueError: the numbers of questions and of answers differ, there is nothing to score, or as `answer_f1`.
    """
    return float(answer_counts(gold, predicted, language, rules=rules, exact=exact)[:, 0].mean())


def _f1(predicted: tuple[str, ...], accepted: tuple[str, ...], rules: str) -> float:
    if rules == "squad2" and not (predicted and accepted):
        return float(predicted == accepted)
    same = (Counter(predicted) & Counter(accepted)).total()
    return 2 * same / (len(predicted) + len(accepted)) if same else 0.0


def _accepted(answers: Answers, rules: str, language: str) -> list[tuple[str, ...]]:
    """The words of each accepted answer; SQuAD 2.0 leaves out those of which nothing is left, if any other is."""
    words = [_words(answer, rules, language) for answer in answers]
    return [own for own in words if own or rules != "squad2"] or [()]


@lru_cache(maxsize=1 << 16)
def _words(text: str, rules: str, language: str) -> tuple[str, ...]:
    """The words of an answer without capitals, punctuation and articles."""
    if rules not in RULES:
        raise ValueError(f"rules={rules!r} are unknown: use {', '.join(map(repr, RULES))}.")
    lowered = text.lower()
    if rules != "mlqa":
        return tuple(_ENGLISH.sub(" ", lowered.translate(_WITHOUT_ASCII)).split())
    if language not in _ARTICLES:
        raise ValueError(
            f"MLQA's script has no rules for the language {language!r}: use 'squad', or one of {', '.join(_ARTICLES)}."
        )
    bare = "".join(character for character in lowered if not _is_punctuation(character))
    articles = _ARTICLES[language]
    bare = bare if articles is None else articles.sub(" ", bare)
    return tuple((_CHINESE.sub(r" \1 ", bare) if language == "cmn" else bare).split())


_WITHOUT_ASCII = str.maketrans("", "", punctuation)


def _is_punctuation(character: str) -> bool:
    return character in punctuation or category(character).startswith("P")
