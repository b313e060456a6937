"""What an accelerator computes, beside the processor: `python -m pytest -m gpu tests/models/test_accelerator.py`."""

import numpy as np
import pytest
import torch

from dlfa_core.models import Encoder, Explainer
from dlfa_core.models.hardware import free_memory, has_fast_bfloat16, to_host
from dlfa_core.models.reading import Reading, pad
from dlfa_core.projection.neighbours import nearest

TEXTS = ["the cat sees a dog", "дом", "a zebra sees 家", "the dog walks home over the long green hills", "Haus"] * 3
CUDA = torch.device("cuda")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no accelerator"),
]


def test_states_are_those_of_the_processor(checkpoint):
    ours = Encoder.from_pretrained(checkpoint, "cuda", "float32").encode(TEXTS, batch_tokens=20).vectors
    expected = Encoder.from_pretrained(checkpoint, "cpu", "float32").encode(TEXTS).vectors
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-3)


def test_half_precision_and_fused_attention_are_the_default(checkpoints):
    encoder = Encoder.from_pretrained(checkpoints["bert"])
    assert encoder.model.device.type == "cuda"
    assert (encoder.model.dtype == torch.bfloat16) == has_fast_bfloat16(CUDA)
    assert encoder.model.config._attn_implementation == "sdpa"
    expected = Encoder.from_pretrained(checkpoints["bert"], "cpu", "float32").encode(TEXTS).vectors
    ours = encoder.encode(TEXTS).vectors
    lengths = np.linalg.norm(ours, axis=-1) * np.linalg.norm(expected, axis=-1)
    assert ((ours * expected).sum(-1) / lengths).min() > 0.99


def test_copies_that_were_begun_bring_the_numbers():
    tensors = [torch.full((1000, 1000), float(number), device=CUDA) for number in range(8)]
    waiting = [to_host(tensor * 2) for tensor in tensors]
    assert [found().mean() for found in waiting] == [2.0 * number for number in range(8)]


def test_a_batch_arrives_as_it_was_read():
    rows = [np.arange(1, length) for length in (5, 3)]
    readings = [Reading(ids, 0 * ids, ids > 1, False, 0) for ids in rows]
    there, here = pad(readings, 0, CUDA), pad(readings, 0)
    assert all(torch.equal(getattr(there, name).cpu(), tensor) for name, tensor in vars(here).items())


def test_free_memory_shrinks_by_what_is_taken():
    before = free_memory(CUDA)
    taken = torch.empty(2**28, dtype=torch.uint8, device=CUDA)
    assert free_memory(CUDA) <= before
    del taken


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_exact_neighbours_are_those_of_the_processor(metric):
    vectors = np.random.default_rng(0).standard_normal((500, 48), dtype=np.float32)
    there, here = (nearest(vectors, 10, metric, device=device) for device in ("cuda", "cpu"))
    np.testing.assert_allclose(there.distances, here.distances, rtol=0, atol=1e-5)
    assert (there.indices == here.indices).mean() > 0.99  # but for ties


def test_explanations_are_those_of_the_processor():
    ours, expected = (
        Explainer.from_pretrained("demo-sentiment", device=device).explain(TEXTS[:3], steps=12, tolerance=0)
        for device in ("cuda", "cpu")
    )
    for there, here in zip(ours, expected, strict=True):
        np.testing.assert_allclose(there.scores, here.scores, rtol=0, atol=2e-2 * np.abs(here.scores).max())
