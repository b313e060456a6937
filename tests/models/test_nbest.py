"""The list of answers: every span of every window, texts once, and probabilities over what is listed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from dlfa_core.models import best_answers, likeliest_answers
from tests.models.test_spans import ASKED, batches


def said(window=16, stride=4, seed=7):
    """Random logits of one model, (m, 2), with their batches."""
    random = torch.Generator().manual_seed(seed)
    return [(torch.randn(len(batch.rows), 2, generator=random), batch) for batch in batches(window, stride)]


def by_hand(found, number, longest):
    """The scripts' own way, span by span: the best of each text, with what says that there is none."""
    best, nulls = {}, []
    for logits, batch in found:
        wide = torch.full((*batch.mask.shape, 2), -torch.inf)
        wide[batch.rows, batch.positions] = logits
        for row in np.flatnonzero(batch.numbers == number):
            nulls.append(float(wide[row, 0].sum()))
            inside = [position for position, (begin, _) in enumerate(batch.characters[row]) if begin >= 0]
            for first, last in product(inside, inside):
                if first <= last < first + longest and batch.starts[row, first]:
                    begin, end = batch.characters[row, first, 0], batch.characters[row, last, 1]
                    text = ASKED.contexts[number][begin:end]
                    best[text] = max(best.get(text, -np.inf), float(wide[row, first, 0] + wide[row, last, 1]))
    return best, min(nulls)


@pytest.mark.parametrize("n_best", [1, 5, 20, 10_000])
@pytest.mark.parametrize(("window", "stride"), [(40, 40), (16, 4)])
@pytest.mark.parametrize("longest", [2, 30])
def test_the_list_is_that_of_a_search_through_all_spans(n_best, window, stride, longest):
    found = said(window, stride)
    for number, answers in enumerate(likeliest_answers(found, ASKED, n_best, longest)):
        best, _ = by_hand(found, number, longest)
        expected = sorted(best.items(), key=lambda one: -one[1])[:n_best]
        assert [answer.text for answer in answers] == [text for text, _ in expected]
        assert [answer.score for answer in answers] == pytest.approx([score for _, score in expected])
        assert all(ASKED.contexts[number][answer.first : answer.last] == answer.text for answer in answers)
        scores = np.array([score for _, score in expected])
        weights = np.exp(scores - scores.max())
        assert [answer.probability for answer in answers] == pytest.approx(weights / weights.sum(), abs=1e-6)


@pytest.mark.parametrize("n_best", [1, 3, 10_000])
@pytest.mark.parametrize("seed", range(4))
def test_no_answer_has_its_place_and_is_always_listed(n_best, seed):
    found, lacking = said(seed=seed), replace(ASKED, no_answer=True)
    for number, answers in enumerate(likeliest_answers(found, lacking, n_best)):
        best, null = by_hand(found, number, 30)
        (nothing,) = (answer for answer in answers if not answer.text)
        assert (nothing.first, nothing.last, nothing.score) == (0, 0, pytest.approx(null))
        before = sum(score > null for score in best.values())
        assert answers.index(nothing) == min(before, n_best)
        assert sum(answer.probability for answer in answers) == pytest.approx(1)


@pytest.mark.parametrize("no_answer", [False, True])
def test_the_first_of_the_list_is_the_answer_that_is_scored(no_answer):
    found, asked = said(), replace(ASKED, no_answer=no_answer)
    (expected,) = best_answers([(logits[None], batch) for logits, batch in found], len(ASKED), no_answer)
    firsts = [(answers[0].first, answers[0].last) for answers in likeliest_answers(found, asked)]
    assert firsts == [tuple(pair) for pair in expected.reshape(-1, 2).tolist()]


def test_no_answers_are_none():
    with pytest.raises(ValueError, match="n_best=0 answers cannot be kept: use 1 or more"):
        likeliest_answers(said(), ASKED, 0)
