"""Products of CKA by torch, as on an accelerator, beside those of numpy."""

from functools import partial

import numpy as np
import pytest
import torch

from dlfa_core.measures import bootstrap_weights, compare_all, products_on
from dlfa_core.models.hardware import put
from tests.rounding import tolerance

N, D = 300, 40  # more sentences than a block of rows
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["cka", "cka_biased"])
@pytest.mark.parametrize("width", [D, 2 * N])
def test_a_device_gives_the_numbers_of_numpy(device, name, width, make_views):
    views, weights = make_views(4, N, width), bootstrap_weights(N, 15, seed=0)
    here = compare_all(views, [name], weights)[name]
    with products_on(partial(put, torch.device(device))):
        there = compare_all(views, [name], weights)[name]
    np.testing.assert_array_equal(there.pairs, here.pairs)
    np.testing.assert_allclose(there.values, here.values, rtol=0, atol=1e-9)
    np.testing.assert_allclose(there.replicates, here.replicates, rtol=0, atol=tolerance("float32", N + width))


def test_afterwards_numpy_computes_again(make_views, monkeypatch):
    monkeypatch.setattr("dlfa_core.measures.on_device.forms", lambda *_: pytest.fail("torch was asked"))
    with products_on(partial(put, torch.device("cpu"))), products_on(None):
        compare_all(make_views(2, 50, 8), ["cka"], bootstrap_weights(50, 5, seed=0))
