import functools
import tracemalloc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from dlfa_core.models import Encoder
from dlfa_core.models.encoder import BATCH_TOKENS
from dlfa_core.models.filling import Filling
from tests.models.tiny import CLOSE, save_checkpoint

TEXTS = [
    "the cat sees a dog",
    "дом",
    "the dog walks home over the long green hills , and then the cat walks home !",
    "Haus",
    "a zebra sees 家",
    "the cat sees a dog",
    "घर and home .",
]


@pytest.fixture(scope="module")
def encoder(checkpoints):
    return Encoder.from_pretrained(checkpoints["bert"], device="cpu", dtype="float32")


@functools.cache
def reference(folder):
    return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()


def pooled_by_hand(folder, text, pooling, special_tokens):
    """The second route: one text alone, transformers' own `output_hidden_states`, a plain loop."""
    tokenizer, model = reference(folder)
    ids = tokenizer(text)["input_ids"]
    with torch.no_grad():
        states = model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
    inner = slice(None) if special_tokens else slice(1, -1)
    pools = {"cls": lambda s: s[0], "mean": lambda s: s[inner].mean(0), "max": lambda s: s[inner].amax(0)}
    return np.stack([pools[pooling](state[0]).numpy() for state in states])


@pytest.mark.parametrize("special_tokens", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_states_equal_hidden_states_pooled_by_hand(checkpoint, pooling, special_tokens):
    encoder = Encoder.from_pretrained(checkpoint, device="cpu", dtype="float32")
    vectors = encoder.encode(TEXTS, pooling, special_tokens).vectors
    expected = [pooled_by_hand(checkpoint, text, pooling, special_tokens) for text in TEXTS]
    assert vectors.shape == (4, len(TEXTS), 24)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, np.stack(expected, axis=1), rtol=0, atol=CLOSE)


def test_attributes_describe_the_checkpoint(checkpoint):
    encoder = Encoder.from_pretrained(checkpoint)
    assert (encoder.name, encoder.n_states, encoder.hidden_size) == (str(checkpoint), 4, 24)
    assert encoder.max_length == (38 if checkpoint.name == "xlm-roberta" else 40)
    assert not any(parameter.requires_grad for parameter in encoder.model.parameters())


def test_rows_come_back_in_the_order_given(encoder):
    shuffled = np.random.default_rng(0).permutation(len(TEXTS))
    straight = encoder.encode(TEXTS)
    mixed = encoder.encode([TEXTS[row] for row in shuffled])
    np.testing.assert_allclose(mixed.vectors, straight.vectors[:, shuffled], rtol=0, atol=CLOSE)
    np.testing.assert_array_equal(mixed.n_subwords, straight.n_subwords[shuffled])


@pytest.mark.parametrize("batch_tokens", [1, 20, 512])
def test_a_text_does_not_depend_on_its_batch_mates(checkpoint, batch_tokens):
    encoder = Encoder.from_pretrained(checkpoint, device="cpu", dtype="float32")
    together = encoder.encode(TEXTS, batch_tokens=batch_tokens).vectors
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(together[:, row], encoder.encode([text]).vectors[:, 0], rtol=0, atol=CLOSE)


def test_batches_stay_inside_the_token_budget_and_start_with_the_longest(encoder):
    texts = [" ".join(["cat"] * length) for length in range(1, 30)]
    shapes = []
    with watched(encoder.model, lambda inputs: shapes.append(tuple(inputs["input_ids"].shape))):
        encoder.encode(texts, batch_tokens=64)
    assert max(batch * length for batch, length in shapes) <= 64
    assert [length for _, length in shapes] == sorted((length for _, length in shapes), reverse=True)
    assert sum(batch for batch, _ in shapes) == len(texts)


def test_identical_texts_are_read_once(encoder):
    rows = []
    with watched(encoder.model, lambda inputs: rows.append(len(inputs["input_ids"]))):
        states = encoder.encode(["cat", "dog", "cat", "cat"])
    assert sum(rows) == 2
    np.testing.assert_array_equal(states.vectors[:, [0, 0]], states.vectors[:, [2, 3]])  # copies


@pytest.mark.parametrize("settings", [{}, {"special_tokens": True}, {"pooling": "cls"}])
@pytest.mark.parametrize("text", ["", " "])
def test_a_text_without_subwords_is_refused_and_not_pooled_over_special_tokens(encoder, text, settings, monkeypatch):
    monkeypatch.setattr(encoder.model, "forward", None)  # nothing is read before
    with pytest.raises(
        ValueError, match=r"gives no subwords, so that no vector can stand for it: leave it out"
    ) as caught:
        encoder.encode(["the cat", text], **settings)
    assert caught.value.text == text


def test_no_texts_give_arrays_without_rows(encoder):
    states = encoder.encode([])
    assert states.vectors.shape == (4, 0, 24)
    assert (len(states.n_subwords), len(states.unknown), states.truncated) == (0, 0, 0)


def test_subwords_and_unknown_subwords_are_counted_without_special_tokens(encoder):
    states = encoder.encode(["the cat", "a zebra sees xylophones", "hills", "the cat"])
    assert states.n_subwords.tolist() == [2, 4, 2, 2]
    assert states.unknown.tolist() == [0, 2, 0, 0]


def test_truncated_texts_are_counted_row_by_row(encoder):
    states = encoder.encode(["cat " * 9, "cat " * 6, "cat " * 9, "cat"], max_length=8)
    assert states.truncated == 2
    assert states.n_subwords.tolist() == [6, 6, 6, 1]


def test_the_limit_of_the_model_holds_where_it_is_lower(checkpoint):
    encoder = Encoder.from_pretrained(checkpoint, device="cpu")
    states = encoder.encode(["cat " * 300], max_length=256)
    assert states.n_subwords.tolist() == [encoder.max_length - 2]
    assert states.truncated == 1


def test_windows_of_texts_join_without_a_seam(encoder, monkeypatch):
    whole = encoder.encode(TEXTS).vectors
    monkeypatch.setattr("dlfa_core.models.batching.WINDOW", 3)
    fractions = []
    parts = encoder.encode(TEXTS, progress=lambda fraction, message: fractions.append(fraction)).vectors
    np.testing.assert_allclose(parts, whole, rtol=0, atol=CLOSE)
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, pytest.approx(1.0))


def test_states_that_were_given_back_are_still_there(encoder, tmp_path, monkeypatch):
    """However little of a memory map may be in memory at once, and however few texts are cut or copied at once."""
    expected = encoder.encode(TEXTS * 2).vectors
    monkeypatch.setattr("dlfa_core.models.filling.PART", 1)
    monkeypatch.setattr("dlfa_core.models.batching.CUT_AT_ONCE", 2)
    out = np.memmap(tmp_path / "states", np.float32, "w+", shape=expected.shape)
    encoder.encode(TEXTS * 2, out=out, batch_tokens=20)
    np.testing.assert_allclose(out, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize(
    ("features", "dtype", "tokens"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, torch.bfloat16, 2048),
        ({"amx_bf16": True}, torch.float32, 512),
        ({"avx512_bf16": True}, torch.bfloat16, 512),
    ],
)
def test_matrix_units_get_larger_batches(encoder, monkeypatch, features, dtype, tokens):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    monkeypatch.setattr(encoder, "model", SimpleNamespace(device=torch.device("cpu"), dtype=dtype))
    assert encoder._budget() == tokens


def test_batches_of_an_accelerator_fit_into_its_free_memory(encoder, monkeypatch):
    large = SimpleNamespace(intermediate_size=3072)
    model = SimpleNamespace(device=torch.device("cuda"), dtype=torch.bfloat16, config=large)
    monkeypatch.setattr(encoder, "model", model)
    monkeypatch.setattr(encoder, "hidden_size", 768)
    found = []
    for free in (2**40, 2**30, 2**29, 1):
        monkeypatch.setattr("dlfa_core.models.encoder.free_memory", lambda _, free=free: free)
        found.append(encoder._budget())
    assert found[0] == BATCH_TOKENS["cuda"]
    assert found[1] == pytest.approx(2 * found[2], abs=1)
    assert 100 < found[2] < found[1] < found[0]
    assert found[3] == 1


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_batches_that_were_begun_are_waited_for_in_their_order(ahead):
    vectors, waited = np.zeros((2, 5, 3), np.float32), []

    def pooled(row):
        waited.append(row)
        return np.full((2, 1, 3), row, np.float32)

    filling = Filling(vectors, ahead)
    for row in range(5):
        filling.add(np.array([row]), lambda row=row: pooled(row))
        assert waited == list(range(row + 1 - ahead))
    filling.finish()
    assert vectors[:, :, 0].tolist() == [[0, 1, 2, 3, 4]] * 2


def test_vectors_can_go_straight_into_a_memory_map(encoder, tmp_path):
    out = np.memmap(tmp_path / "states", np.float32, "w+", shape=(4, len(TEXTS), 24))
    states = encoder.encode(TEXTS, out=out)
    assert states.vectors is out
    np.testing.assert_array_equal(out, encoder.encode(TEXTS).vectors)  # the same batches, written elsewhere


class Stop(Exception):
    pass


def test_cancelling_stops_before_the_next_batch_and_removes_the_hooks(encoder):
    batches = []

    def cancel(fraction, message):
        if fraction > 0:
            raise Stop

    with watched(encoder.model, lambda inputs: batches.append(1)), pytest.raises(Stop):
        encoder.encode(TEXTS, batch_tokens=16, progress=cancel)
    assert len(batches) == 1
    assert not any(block._forward_pre_hooks for block in encoder.blocks)


def test_hooks_go_when_a_block_fails(encoder):
    def fail(*_):
        raise RuntimeError("out of memory")

    handle = encoder.blocks[1].register_forward_hook(fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        encoder.encode(TEXTS)
    handle.remove()
    assert not any(block._forward_pre_hooks for block in encoder.blocks)
    assert np.isfinite(encoder.encode(TEXTS).vectors).all()


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_token_states_are_let_go_block_by_block(encoder, pooling):
    """However deep the model: alive are the state that enters a block and the one that leaves it."""
    alive, most = [], []

    def count(block, inputs, output):
        alive.append(weakref.ref(output))
        most.append(sum(reference() is not None for reference in alive))

    handles = [block.register_forward_hook(count) for block in encoder.blocks]
    encoder.encode(["cat dog", "a home"], pooling)
    for handle in handles:
        handle.remove()
    assert max(most) <= 2


def test_memory_beside_the_output_does_not_grow_with_the_corpus(encoder, monkeypatch, tmp_path):
    monkeypatch.setattr("dlfa_core.models.batching.WINDOW", 64)

    def peak(n):
        texts = [f"{'cat ' * (row % 20)}{row}" for row in range(n)]
        out = np.memmap(tmp_path / f"{n}", np.float32, "w+", shape=(4, n, 24))
        tracemalloc.start()
        encoder.encode(texts, out=out)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(100)  # what is made once
    bytes_a_text = (peak(1600) - peak(400)) / 1200
    assert bytes_a_text < 400  # counters and the index of texts; the vectors take 384, the subwords another 1,000


def test_half_precision_stays_close_and_still_gives_float32(checkpoint):
    full = Encoder.from_pretrained(checkpoint, device="cpu", dtype="float32").encode(TEXTS).vectors
    half = Encoder.from_pretrained(checkpoint, device="cpu", dtype="bfloat16").encode(TEXTS).vectors
    assert half.dtype == np.float32
    assert cosine(full, half).min() > 0.999


def test_every_kind_of_device_has_a_token_budget():
    assert set(BATCH_TOKENS) == {"cpu", "mps", "cuda"}


def test_a_text_without_any_subword_is_named(tmp_path):
    encoder = Encoder.from_pretrained(save_checkpoint(tmp_path, special=False))
    assert encoder.encode(["the cat"]).n_subwords.tolist() == [2]
    with pytest.raises(ValueError, match=r"The text '' gives no subwords, so that"):
        encoder.encode(["the cat", ""])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"texts": "cat"}, r"got one string: write encode\(\[text\]\)"),
        ({"texts": ["cat", None]}, r"Text 1 is None \(NoneType\): drop it"),
        (
            {"texts": ["cat", "do\ud800g"]},
            r"Text 1 \('do\\ud800g'\) holds half a character: read its file as UTF-8",
        ),
        ({"pooling": "median"}, r"pooling='median' is unknown: use one of mean, cls, max"),
        (
            {"max_length": 2},
            r"max_length=2 leaves no room for text: .* adds 2 special tokens, so use at least 3",
        ),
        (
            {"out": np.empty((4, 2, 24), np.float32)},
            r"out is float32 \(4, 2, 24\) but .* \(4, 1, 24\): make it",
        ),
        ({"out": np.empty((4, 1, 24))}, r"out is float64 .* but the states are float32"),
        ({"batch_tokens": 0}, r"batch_tokens=0 must be at least 1"),
    ],
)
def test_wrong_arguments_say_what_to_do(encoder, arguments, message):
    with pytest.raises(ValueError, match=message):
        encoder.encode(**{"texts": ["cat"], **arguments})


def watched(model, see):
    """See the inputs of the model while the `with` block lasts."""
    return model.register_forward_pre_hook(lambda module, _, named: see(named), with_kwargs=True)


def cosine(x, y):
    return (x * y).sum(-1) / (np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1))
