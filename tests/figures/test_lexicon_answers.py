"""What is said of lexicon words is what the frames hold, and no more than the intervals allow."""

import numpy as np
import pandas as pd
import pytest

from dlfa_core.figures.sentences import lexicon as told
from dlfa_core.figures.sentences import summary
from dlfa_core.figures.sentences.attribute import sureness, value_said
from dlfa_core.figures.sentences.systems import rows_of
from tests.explained import explained
from tests.figures.lexicon_by_hand import AVERAGE_6, DLFA_3, DLFA_6, LAST, by_hand, only, task_models


def changed(measure, system=DLFA_6, language="all", **columns):
    """The result with other numbers for one score of one classifier."""
    result = by_hand()
    scores = result.scores.copy()
    own = rows_of(result, scores, system)
    rows = own.index[(own["measure"] == measure) & (own["language"] == language)]
    for name, value in columns.items():
        scores.loc[rows, name] = value
    return by_hand(scores=scores)


def test_the_answer_has_its_interval_and_n():
    assert told.answer(by_hand(), DLFA_6) == (
        "DLFA, layer 6: a positive word speaks more for “positive” than a negative one in 80 % [70, 90] of all pairs, "
        "where 50 % is chance; n = 20 sentences in 3 languages."
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"value": 0.55, "ci_low": 0.5, "ci_high": 0.6}, "words of the lexicon do not carry the sentiment."),
        ({"value": 0.55, "ci_low": 0.5, "ci_high": 0.6}, "in 55 % [50, 60] of all pairs, no more than chance (50 %);"),
        ({"value": 0.2, "ci_low": 0.1, "ci_high": 0.3}, "words of the lexicon speak against what they mean."),
        ({"value": 0.2, "ci_low": 0.1, "ci_high": 0.3}, "in 20 % [10, 30] of all pairs, less often than by chance"),
        ({"ci_low": np.nan, "ci_high": np.nan}, "in 80 % of all pairs, where 50 % is chance;"),
        ({"value": np.nan}, "No words of both kinds were found, so nothing can be said about what carries “positive”;"),
    ],
)
def test_the_answer_claims_no_more_than_the_interval_allows(columns, said):
    assert said in told.answer(changed("order", **columns), DLFA_6)


def test_a_result_without_the_number_says_so():
    result = by_hand()
    assert "nothing can be said" in told.answer(by_hand(scores=result.scores.iloc[:0]), DLFA_6)


def test_one_language_is_not_several():
    assert told.answer(only("eng"), DLFA_6).endswith("n = 20 sentences in 1 language.")
    assert told.extremes_said(only("eng"), DLFA_6) == ""
    assert told.translations_said(only("eng"), DLFA_6) == ""


def test_extremes_leave_out_languages_without_words():
    """Hindi has none, and Arabic too few sentences for an interval."""
    assert told.extremes_said(by_hand(), DLFA_6) == (
        "Most clearly in English, 90 % [80, 95], and least in Arabic, 70 %."
    )


def test_the_last_layer_alone_is_the_rival_of_all_but_itself():
    assert told.rival_said(by_hand(), DLFA_6) == "The last layer alone: 60 % [50, 70]."
    assert told.rival_said(by_hand(), LAST) == ""
    assert told.rival_said(task_models("a", "b"), 0) == ""
    assert told.rival_said(changed("order", LAST, value=np.nan), DLFA_6) == ""


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            by_hand(),
            "75 % [70, 80] of the words have the sign that the lexicon gives them; on average positive words score "
            "+0.90 [+0.70, +1.10] relative to negative ones.",
        ),
        (changed("separation", value=-0.2, ci_low=np.nan), "score −0.20 relative to negative ones."),
        (changed("separation", value=np.nan), "75 % [70, 80] of the words have the sign that the lexicon gives them."),
        (changed("agreement", value=np.nan), ""),
    ],
)
def test_signs_and_distance_are_told_where_they_are_known(result, said):
    assert told.agreement_said(result, DLFA_6).endswith(said)
    assert bool(told.agreement_said(result, DLFA_6)) == bool(said)


def test_translations_are_told_beside_chance():
    assert told.translations_said(by_hand(), DLFA_6) == (
        "A word and its translation in the same sentence: on average over pairs of languages their scores correlate "
        "with +0.17 [+0.10, +0.30], where 0 says that they have nothing to do with each other, and 80 % [70, 90] have "
        "the same sign, where 55 % do by chance; 46 pairs of words."
    )


def test_scores_that_do_not_vary_have_no_correlation():
    frame = by_hand().translations
    flat = frame.assign(value=frame["value"].where(frame["measure"] != "correlation"))
    said = told.translations_said(by_hand(translations=flat), DLFA_6)
    assert "their scores do not vary, so they have no correlation, and 80 % [70, 90] have the same sign" in said
    assert "nan" not in said


def test_faithfulness_is_told_beside_random_words():
    assert told.faithful_said(by_hand(), LAST) == (
        "Erasing the 20 % of the words with the highest scores lowers the probability of the answer by 0.200, as many "
        "random words by 0.050: a difference of +0.150 [+0.130, +0.150]; n = 30 texts."
    )


def test_faithfulness_without_an_interval_or_not_measured():
    frame = by_hand().faithfulness
    few = frame.assign(gain_low=np.nan, gain=-frame["gain"], value=-frame["value"])
    assert "by −0.200, as many random words by 0.050: a difference of −0.150; n" in told.faithful_said(
        by_hand(faithfulness=few), LAST
    )
    assert told.faithful_said(by_hand(faithfulness=frame.iloc[:0]), LAST) == ""
    assert told.faithful_said(by_hand(faithfulness=pd.DataFrame()), LAST) == ""
    assert told.faithful_said(by_hand(faithfulness=frame[frame["group"] == "eng"]), LAST) == ""


def test_remarks_on_the_word_list_are_told_from_what_a_reader_must_know():
    result = by_hand()
    name = result.meta["lexicon_name"]
    joined, opposed = f"Rows of {name} that repeat a word: 7.", f"Words of {name} left out: 2."
    caution = "The heads learnt on some of these very sentences."
    result = by_hand(meta=result.meta | {"warnings": [joined, caution, opposed]})
    assert told.cautions(result) == ([caution], [joined, opposed])


@pytest.mark.parametrize(("value", "share"), [(0.0, 0.5), (np.log(3), 0.75), (-np.log(3), 0.25)])
def test_how_sure_a_model_is_of_two_labels_is_their_softmax(value, share):
    assert sureness(about_text(value=value)) == pytest.approx(share)
    assert np.exp(value) / (np.exp(value) + 1) == pytest.approx(share)


def test_one_label_alone_has_no_share():
    assert sureness(about_text(against="")) is None


def test_coverage_adds_up_over_languages():
    assert told.coverage_said(by_hand()) == (
        "Words by hand list 2,215 words; 7 of them stand in the sentences, 1,119 times: 10 negative, 9 neutral, "
        "1,100 positive."
    )


def about_text(**columns):
    row = explained([("1", "eng", "a good day")]).texts.iloc[0].copy()
    for name, value in columns.items():
        row[name] = value
    return row


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"value": 1.5, "baseline_value": -0.25, "difference": 1.75, "relative_delta": 0.002},
            "The model says “positive”. Its output for “positive” less that for “negative” is +1.50, and −0.25 for a "
            "text without words; the scores add up to the difference of +1.75, but for 0.2 % of the sum of their "
            "sizes.",
        ),
        ({"against": ""}, "The model says “positive”. Its output for “positive” is +"),
        ({"relative_delta": np.nan}, "the scores add up to the difference of +0.20."),
        ({"relative_delta": np.inf}, "the scores add up to the difference of +0.20."),
    ],
)
def test_an_explained_text_is_told_with_what_the_scores_miss(columns, said):
    told = value_said(about_text(**columns))
    assert told.startswith(said) or told.endswith(said)


def test_every_classifier_has_sentences_of_its_own():
    answers = {told.answer(by_hand(), system) for system in range(4)}
    assert len(answers) == 4
    assert told.answer(by_hand(), AVERAGE_6).startswith("Average, layer 6: a positive word speaks more")


@pytest.mark.parametrize("system", range(4))
def test_no_sentence_lets_a_missing_number_through(system):
    result = by_hand()
    said = [
        tell(result, system)
        for tell in (
            told.answer,
            told.extremes_said,
            told.rival_said,
            told.agreement_said,
            told.translations_said,
            told.faithful_said,
        )
    ]
    assert not any("nan" in each.casefold() or "None" in each for each in said)
    assert not any("-" in each for each in said)  # a minus sign is one


def test_the_command_names_the_layer_that_the_dev_set_chose_not_the_best_on_the_lexicon():
    systems = by_hand().systems.copy()
    systems.loc[DLFA_3, "dev_score"] = 0.99  # its words are told apart less well than those of layer 6
    _, *lines = summary("lexicon", by_hand(systems=systems)).splitlines()
    assert [line.partition(":")[0] for line in lines if "a positive word" in line] == [
        "demo last",
        "demo dlfa literal with layer 3, chosen on the dev set",
        "demo average with layer 6, chosen on the dev set",
    ]
