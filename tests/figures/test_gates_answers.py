"""Sentences about gates: the right numbers, and no more than the model allows to say."""

import re
from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.figures.sentences import gates as answers
from tests.looked import TEXTS, small_gates

MODEL = "demo-pos"


def about(result, **changes):
    """The result with other facts of its model."""
    return replace(result, meta=result.meta | {"models": [result.meta["models"][0] | changes]})


def gate(result, level, word_class=""):
    rows = result.means[(result.means["measure"] == "gate") & (result.means["level"] == level)]
    row = rows[rows["word_class"] == word_class].iloc[0]
    return f"{row['value']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"


def test_a_convex_mix_takes_its_share_from_the_lower_layer():
    result = small_gates()
    assert answers.answer(result, MODEL) == (
        f"The gate takes {gate(result, 'all')} of a word from layer 8 and the rest from the last, most for punctuation "
        f"({gate(result, 'class', 'PUNCT')}), least for nouns ({gate(result, 'class', 'NOUN')}); "
        "n = 40 sentences in 8 languages."
    )


def test_a_wide_interval_has_two_digits_and_a_narrow_one_three():
    result = small_gates()
    assert re.search(r"takes 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\] of", answers.answer(result, MODEL))
    wide = replace(result, means=result.means.assign(ci_low=result.means["value"] - 0.02))
    assert re.search(r"takes 0\.\d\d \[0\.\d\d, 0\.\d\d\] of", answers.answer(wide, MODEL))


def test_where_the_gate_is_not_the_weight_no_share_is_claimed():
    said = answers.answer(about(small_gates(), weight="literal"), MODEL)
    assert said.startswith("The gate opens to 0.4")
    assert "for layer 8, most for" in said
    assert "takes" not in said


def test_a_fusion_without_a_lower_layer_names_the_last():
    said = answers.answer(about(small_gates(), layer=None), MODEL)
    assert "for the last layer, most for" in said


def test_without_intervals_no_class_is_called_the_most():
    said = answers.answer(small_gates(n=12), MODEL)
    assert "most" not in said
    assert "[" not in said
    assert "n = 12 sentences" in said


def test_typed_words_speak_for_themselves():
    result = small_gates()
    one = replace(result, words=result.words[(result.words["id"] == "s00") & (result.words["language"] == "eng")])
    assert answers.typed_answer(one, MODEL) == (
        "The gate takes 0.40 of a word from layer 8 and the rest from the last, most for “.” (0.49), "
        "least for “The” (0.38); 6 words."
    )


def test_the_spread_names_the_languages_at_its_ends():
    said = answers.spread_said(small_gates(), MODEL)
    assert said.startswith("From English to Chinese its mean goes") or said.startswith("From English to")
    assert "90 % of them lie between" in said


def test_shares_say_what_the_word_itself_decides():
    assert "makes 0.70 [0.65, 0.75] in English to 0.70" in answers.shares_said(small_gates(), MODEL)


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (-0.8, -0.9, -0.5, "The gate opens less for languages that are closer to English: "),
        (0.8, 0.5, 0.9, "The gate opens further for languages that are closer to English: "),
        (0.1, -0.4, 0.5, "are closer to English, these languages do not tell: "),
        (0.1, np.nan, np.nan, "These are too few languages for an interval: "),
    ],
)
def test_a_correlation_is_only_claimed_where_its_interval_allows(value, low, high, said):
    result = small_gates()
    rows = result.correlations.assign(value=value, ci_low=low, ci_high=high)
    assert said in answers.similarity_said(replace(result, correlations=rows), MODEL)


def test_measures_of_similarity_that_disagree_are_one_answer_that_claims_nothing():
    result = small_gates()
    rows = result.correlations.assign(value=0.5, ci_low=0.2, ci_high=0.8)
    rows.loc[rows["measure"] == "cka", "ci_low"] = -0.1
    said = answers.similarity_said(replace(result, correlations=rows), MODEL)
    assert said == (
        "Whether the gate opens further for languages that are closer to English, these languages do not tell: rank "
        "correlation of the mean gate with similarity to English at the fused layer: 0.50 [−0.10, 0.80] with CKA, "
        "debiased and 0.50 [0.20, 0.80] with Retrieval, cosine, n = 7 languages."
    )


def test_no_correlation_is_no_sentence():
    result = small_gates()
    assert answers.similarity_said(replace(result, correlations=result.correlations.iloc[:0]), MODEL) == ""


def test_languages_that_open_the_same_dimensions_correlate_fully():
    assert "from 0.23 to 0.83; between two languages these profiles correlate at 1.00" in answers.dimensions_said(
        small_gates(), MODEL
    ).replace("Dimensions open ", "")


def test_profiles_without_differences_do_not_correlate():
    result = small_gates()
    flat = replace(result, dimensions=np.full_like(result.dimensions, 0.5))
    assert answers.dimensions_said(flat, MODEL) == "Dimensions open from 0.50 to 0.50, on average over words."


@pytest.mark.parametrize(
    ("source", "said"),
    [("treebank", "annotators gave"), ("characters", "characters alone"), ("demo-pos", "predicted by demo-pos")],
)
def test_where_classes_are_from_is_said(source, said):
    result = small_gates()
    assert said in answers.classes_from(replace(result, meta=result.meta | {"classes": source}))


def test_the_languages_are_those_of_the_fixture():
    assert answers.model_names(small_gates()) == [MODEL]
    assert answers.layer_of(small_gates(), MODEL) == 8
    assert small_gates().meta["languages"] == list(TEXTS)
