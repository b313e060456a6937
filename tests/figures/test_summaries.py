"""The command line says what the pages say."""

import pytest

from dlfa_core.figures import sentences
from dlfa_core.figures.sentences import gates
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.figures.sentences.profile import answer
from tests.conftest import MEASURES, small_profile
from tests.looked import small_gates


def test_a_profile_is_told_by_its_answers():
    result = small_profile()
    result.meta["warnings"] = ["read with care"]
    *lines, note = sentences.summary("profile", result).splitlines()
    for line, measure in zip(lines, MEASURES, strict=True):
        assert line.startswith(answer(result, measure))
    assert note == "Note: read with care"


def test_a_recommendation_is_told_by_its_advice(recommendation):
    lines = sentences.summary("recommend", recommendation).splitlines()
    assert lines[: 1 + len(advice.confidence(recommendation))] == [
        advice.answer(recommendation),
        *advice.confidence(recommendation),
    ]


def test_gates_are_told_model_by_model():
    result = small_gates()
    lines = sentences.summary("gates", result).splitlines()
    assert lines[: len(gates.model_names(result))] == [
        f"{model}: {gates.answer(result, model)}" for model in gates.model_names(result)
    ]


@pytest.mark.parametrize("name", ["steps", "nothing"])
def test_of_others_nothing_is_said_here(name):
    assert sentences.summary(name, None) == ""
