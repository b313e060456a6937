import numpy as np
import pytest

from dlfa_core.measures import MEASURES
from tests.rounding import tolerance


@pytest.mark.parametrize("name", MEASURES)
def test_row_counts_must_agree(name, paired_views):
    x, y = paired_views
    with pytest.raises(ValueError, match="x has 80 rows and y has 79: keep only the sentences present in both"):
        MEASURES[name](x, y[:-1])


@pytest.mark.parametrize("name", MEASURES)
def test_vectors_come_as_a_table(name, paired_views):
    with pytest.raises(ValueError, match=r"one column per neuron, but x has shape \(2, 80, 30\)"):
        MEASURES[name](paired_views, paired_views)


@pytest.mark.parametrize("name", MEASURES)
def test_values_must_be_finite(name, paired_views):
    x, y = paired_views.copy()
    y[4, 2] = np.inf
    with pytest.raises(ValueError, match=r"y holds inf at row 4, column 2 \(1 such values in all\)"):
        MEASURES[name](x, y)


@pytest.mark.parametrize("name", MEASURES)
def test_a_constant_view_is_refused(name, paired_views):
    x, y = paired_views.copy()
    x[:] = x[0]
    with pytest.raises(ValueError, match=r"all 80 rows of x are equal \(zero variance\)"):
        MEASURES[name](x, y)


@pytest.mark.parametrize("name", MEASURES)
def test_one_sentence_is_too_few(name, paired_views):
    with pytest.raises(ValueError, match=r"needs at least \d sentences, but got 1"):
        MEASURES[name](*paired_views[:, :1])


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_tensors_of_any_float_type_are_accepted(name, dtype, paired_views):
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(paired_views, dtype=getattr(torch, dtype), requires_grad=True)
    expected = MEASURES[name](x.detach().double().numpy(), y.detach().double().numpy())
    assert MEASURES[name](x, y) == pytest.approx(expected, rel=0, abs=tolerance("float64", x.numel()))
