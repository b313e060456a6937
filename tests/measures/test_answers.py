"""Answers to questions: what the official scripts give, torchmetrics as second route, and properties."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlfa_core.measures.answers import RULES, answer_counts, answer_f1, exact_match, mean_answer_score
from dlfa_core.measures.classification import METRICS, score
from dlfa_core.measures.stacked_counts import stacked_answers

OFFICIAL = [  # rules, language, answer, accepted ones; then F1 and exact match that the official scripts give
    ("squad", "eng", "The River Nile!", ["river Nile"], 1, 1),
    ("squad", "eng", "in the year 1976", ["1976", "year 1976"], 4 / 5, 0),
    ("squad", "eng", "", ["1976"], 0, 0),
    ("squad", "eng", "the", ["a"], 0, 1),
    ("squad", "eng", "new new york", ["New York York"], 2 / 3, 0),
    ("squad", "eng", "U.S.A.", ["USA"], 1, 1),
    ("squad", "deu", "der Rhein", ["Rhein"], 2 / 3, 0),
    ("squad", "spa", "¿Madrid?", ["Madrid"], 0, 0),
    ("squad", "cmn", "北京大学", ["北京"], 0, 0),
    ("squad", "tha", "กรุงเทพ มหานคร", ["กรุงเทพ"], 2 / 3, 0),
    ("squad", "tha", "กรุงเทพมหานคร", ["กรุงเทพ"], 0, 0),
    ("squad", "eng", "an anthem – a song", ["anthem – song"], 1, 1),
    ("squad2", "eng", "", [], 1, 1),
    ("squad2", "eng", "the", [], 1, 1),
    ("squad2", "eng", "Paris", [], 0, 0),
    ("squad2", "eng", "", ["Paris"], 0, 0),
    ("squad2", "eng", "the", ["a"], 1, 1),
    ("squad2", "eng", "Paris", ["the", "Paris France"], 2 / 3, 0),
    ("mlqa", "eng", "The River Nile!", ["river Nile"], 1, 1),
    ("mlqa", "eng", "“Nile”", ["Nile"], 1, 1),
    ("mlqa", "deu", "der Rhein", ["Rhein"], 1, 1),
    ("mlqa", "deu", "Die Städte des Landes", ["Städte Landes im Norden"], 2 / 3, 0),
    ("mlqa", "spa", "¿La casa de los espíritus?", ["casa de espíritus"], 1, 1),
    ("mlqa", "spa", "un libro", ["el libro", "los libros"], 1, 1),
    ("mlqa", "arb", "القاهرة", ["قاهرة"], 1, 1),
    ("mlqa", "arb", "في مدينة القاهرة، مصر", ["مدينة القاهرة"], 2 / 3, 0),
    ("mlqa", "arb", "سؤال", ["سؤ"], 1, 1),
    ("mlqa", "hin", "नई दिल्ली।", ["नई दिल्ली"], 1, 1),
    ("mlqa", "hin", "दिल्ली में", ["दिल्ली"], 2 / 3, 0),
    ("mlqa", "vie", "những ngôi nhà của tôi", ["ngôi nhà tôi"], 1, 1),
    ("mlqa", "cmn", "北京大学。", ["北京"], 2 / 3, 0),
    ("mlqa", "cmn", "1949年10月", ["1949年"], 2 / 3, 0),
    ("mlqa", "cmn", "在 Apple 公司", ["Apple公司"], 6 / 7, 0),
    ("mlqa", "cmn", "《红楼梦》", ["红楼梦"], 1, 1),
    ("mlqa", "eng", "", ["x"], 0, 0),
    ("mlqa", "eng", "the", ["a"], 0, 1),
]
WORDS = st.lists(
    st.sampled_from(["the", "a", "an", "The", "Nile", "nile,", "river", "1976", "—", "¿si?", "."]), max_size=5
)
ANSWER = WORDS.map(" ".join)


@pytest.mark.parametrize(("rules", "language", "predicted", "answers", "f1", "exact"), OFFICIAL)
def test_scores_equal_those_of_the_official_scripts(rules, language, predicted, answers, f1, exact):
    assert answer_f1(predicted, answers, rules, language) == pytest.approx(f1, abs=1e-15)
    assert exact_match(predicted, answers, rules, language) == exact


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("exact", [False, True])
def test_means_equal_those_of_the_official_scripts(rules, exact):
    cases = [case for case in OFFICIAL if case[0] == rules and case[1] == "eng"]
    predicted, answers = [case[2] for case in cases], [case[3] for case in cases]
    expected = np.mean([case[5 if exact else 4] for case in cases])
    assert mean_answer_score(answers, predicted, rules=rules, exact=exact) == pytest.approx(expected, abs=1e-15)
    metric = METRICS[f"{rules}_{'em' if exact else 'f1'}"]
    assert metric.function(answers, predicted) == pytest.approx(expected, abs=1e-15)
    assert score(metric.counts(answers, predicted)) == pytest.approx(expected, abs=1e-15)


@given(ANSWER, st.lists(ANSWER, min_size=1, max_size=3))
def test_squad_equals_torchmetrics(predicted, answers):
    for one in (predicted, *answers):
        assume(not exact_match(one, [""]))  # where nothing is left, torchmetrics does as SQuAD 2.0
    squad = pytest.importorskip("torchmetrics.functional.text").squad
    target = [{"answers": {"answer_start": [0] * len(answers), "text": answers}, "id": "q"}]
    expected = squad([{"prediction_text": predicted, "id": "q"}], target)
    assert 100 * answer_f1(predicted, answers) == pytest.approx(float(expected["f1"]), rel=1e-5)
    assert 100 * exact_match(predicted, answers) == float(expected["exact_match"])


@given(ANSWER, st.lists(ANSWER, max_size=3), st.sampled_from(RULES))
def test_scores_lie_in_range_and_more_accepted_answers_never_lower_them(predicted, answers, rules):
    for one in (answer_f1, exact_match):
        assert 0 <= one(predicted, answers, rules) <= 1
        if rules != "squad2":  # there, a first answer of words takes the place of none
            assert one(predicted, [*answers, predicted], rules) >= one(predicted, answers, rules)


@given(ANSWER, ANSWER, st.sampled_from(RULES))
def test_f1_does_not_care_which_of_the_two_is_accepted(one, other, rules):
    assert answer_f1(one, [other], rules) == answer_f1(other, [one], rules)


def test_the_accepted_answers_of_a_question_are_tried_one_by_one():
    assert answer_f1("new york", ["Boston", "york city", "new york"]) == 1
    assert exact_match("new york", ["Boston", "york city"]) == 0


@pytest.mark.parametrize("language", ["deu", "spa", "arb", "cmn", "hin", "vie", "eng"])
def test_an_answer_of_mlqa_is_right_whatever_punctuation_surrounds_it(language):
    assert exact_match("「1976。」", ["1976"], "mlqa", language) == 1


def test_many_predictors_are_scored_as_one_by_one():
    contexts, gold = ["the Nile is long", "in 1976 or so"], [("Nile",), ("1976", "in 1976")]
    spans = np.array([[[0, 8], [3, 7]], [[4, 8], [0, 13]], [[0, 0], [0, 7]], [[0, 8], [0, 0]]])
    found = stacked_answers("squad_f1", "eng", contexts, gold, spans)
    for head, own in enumerate(spans):
        texts = [context[start:end] for context, (start, end) in zip(contexts, own, strict=True)]
        np.testing.assert_allclose(found.hits[head], answer_counts(gold, texts, rules="squad")[:, 0], rtol=1e-6)
        assert found.scores()[head] == pytest.approx(mean_answer_score(gold, texts, rules="squad"), rel=1e-6)


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="'xtreme' are unknown: use 'squad', 'squad2', 'mlqa'"):
        answer_f1("a", ["b"], "xtreme")
    with pytest.raises(ValueError, match=r"no rules for the language 'tha': use 'squad', or one of eng, spa"):
        answer_f1("a", ["b"], "mlqa", "tha")
    with pytest.raises(ValueError, match="There are 2 gold answers but 1 predicted ones"):
        answer_counts([["a"], ["b"]], ["a"], rules="squad")
    with pytest.raises(ValueError, match="There are no questions to score"):
        answer_counts([], [], rules="squad")
