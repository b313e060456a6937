"""How often the statistics of `augment` claim what is not so, by simulation."""

import numpy as np
import pytest

from dlfa_core.experiments.augment.two_by_two import ARMS, EFFECTS
from dlfa_core.measures.corrections import holm
from dlfa_core.measures.trainings import mean_over_trainings

FUSIONS = ("last", "dlfa")


def p_under_the_null(runs, examples, noise, rng):
    """Return p (runs, effects) where nothing differs but by chance: 3 seeds, and models that vary with `noise` logits.

    Examples are as hard for all models; a model is as good by chance, and its heads are, besides; what hits is drawn.
    """
    hard = rng.normal(0, 1, (runs, 1, 1, 1, examples))
    model = rng.normal(0, noise, (runs, len(ARMS), 1, 3, 1))
    head = rng.normal(0, noise, (runs, len(ARMS), len(FUSIONS), 3, 1))
    hits = rng.random((runs, len(ARMS), len(FUSIONS), 3, examples)) < 1 / (1 + np.exp(-(hard + model + head)))
    weights = np.array([[cells.get((a, f), 0) for a in ARMS for f in FUSIONS] for cells in EFFECTS.values()])
    cells = hits.reshape(runs, len(ARMS) * len(FUSIONS), 3, examples)
    by_example = np.einsum("ec,xcsn->xsen", weights, cells, optimize=True)
    drawn = rng.multinomial(examples, np.full(examples, 1 / examples), size=200) / examples
    replicates = np.einsum("rn,xsen->rsxe", drawn, by_example, optimize=True)
    return mean_over_trainings(by_example.mean(axis=-1).swapaxes(0, 1), replicates).p_values()


@pytest.mark.parametrize("noise", [0.0, 0.15, 1.0])
def test_p_is_below_5_percent_hardly_more_often_than_that(noise):
    p = p_under_the_null(300, 60, noise, np.random.default_rng(7))
    assert (p < 0.05).mean() <= 0.06  # over all effects; each by itself is a matter of 300 runs
    assert 0.4 < np.quantile(p, 0.5) < 0.95  # careful where seeds hardly differ


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.05, 0.15, 0.4, 1.0])
def test_p_of_every_effect_is_below_5_percent_in_at_most_6(noise):
    p = np.concatenate([p_under_the_null(250, 87, noise, np.random.default_rng([11, part])) for part in range(4)])
    assert len(p) == 1000
    assert ((p < 0.05).mean(axis=0) <= 0.06).all()


@pytest.mark.slow
def test_the_lexicon_is_hardly_ever_said_to_gain_or_lose_once_all_effects_are_corrected():
    p = p_under_the_null(250, 87, 0.4, np.random.default_rng(13))
    assert np.mean([(holm(row) < 0.05).any() for row in p]) <= 0.06
