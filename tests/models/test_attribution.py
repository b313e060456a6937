"""Attribution against plain Captum, one text at a time, and the properties that hold for any model."""

import warnings
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
import pytest
import torch
from captum.attr import (
    DeepLift,
    FeatureAblation,
    GradientShap,
    InputXGradient,
    IntegratedGradients,
    LayerIntegratedGradients,
    ShapleyValues,
)
from torch import nn
from transformers import AutoModelForSequenceClassification

from dlfa_core.models import METHODS, DlfaForSequenceClassification, DlfaForTokenClassification, Explainer
from dlfa_core.models.attribution.explainer import EMPTY_LENGTHS
from dlfa_core.models.attribution.gradients import BLUR, SAMPLES_AT_ONCE
from dlfa_core.models.attribution.path import POINTS, RULES, Path
from dlfa_core.models.attribution.result import LARGE_DELTA, delta_advice
from dlfa_core.models.attribution.variants import EXACT_WORDS
from dlfa_core.models.blocks import find_blocks
from tests.models.tiny import FAMILIES, TERMS, save_checkpoint, tiny_tokenizer
from tests.rounding import tolerance

LABELS = ["bad", "so so", "good"]
TEXTS = ["the cat sees a dog", "Haus !", "a green dog walks home over the long hill . then the cat", "घर 家 and Maison"]
LONGEST = max(len(text.split()) for text in TEXTS)
CLOSE = {"atol": tolerance("float32", 2 * TERMS), "rtol": 0}  # through the model and back


def plain(folder, family):
    """A checkpoint of transformers with a random classifier."""
    save_checkpoint(folder, family, AutoModelForSequenceClassification, num_labels=3)
    return AutoModelForSequenceClassification.from_pretrained(folder)


def fusion(folder, name="dlfa", layer=1, weight="literal"):
    """A fusion model whose gate is far from its start."""
    torch.manual_seed(1)
    fusion_model = DlfaForSequenceClassification.from_encoder(folder, LABELS, fusion=name, layer=layer, weight=weight)
    for parameter in fusion_model.head.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return fusion_model


@pytest.fixture(scope="module")
def models(tmp_path_factory, checkpoints):
    """Explainers by name: a plain checkpoint of every family, and two fusion models."""
    root = tmp_path_factory.mktemp("classifiers")
    found = {family: Explainer(plain(root / family, family), tiny_tokenizer(family), family) for family in FAMILIES}
    found["dlfa"] = Explainer(fusion(checkpoints["bert"], layer=2), tiny_tokenizer(), "dlfa")
    found["mix"] = Explainer(fusion(checkpoints["bert"], "scalar_mix", None), tiny_tokenizer(), "mix")
    return found


EVERY = [*FAMILIES, "dlfa", "mix"]


@pytest.fixture(params=EVERY)
def explainer(request, models):
    return models[request.param]


@pytest.fixture
def bert(models):
    return models["bert"]


def inputs(explainer, text):
    """What plain Captum is given: ids, mask, ids of the [PAD] baseline, and the predicted class."""
    encoded = explainer.tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
    ids, special = encoded["input_ids"], encoded["special_tokens_mask"].bool()
    baseline = torch.where(special, ids, explainer.tokenizer.pad_token_id)
    with torch.no_grad():
        target = explainer.subject.model(ids, attention_mask=torch.ones_like(ids)).logits.argmax(-1)
    return ids, baseline, target


def on_ids(explainer):
    return lambda ids: explainer.subject.model(ids, attention_mask=torch.ones_like(ids)).logits


class OnVectors(nn.Module):
    """The classifier as a function of the vectors of its subwords, for one text without padding."""

    def __init__(self, explainer):
        super().__init__()
        self.model, self.vectors = explainer.subject.model, explainer.subject.vectors
        self.inner = explainer.subject

    def forward(self, vectors):
        mask = torch.ones(vectors.shape[:2], dtype=torch.long)
        if hasattr(self.model, "reads"):  # a fusion model takes ids: give them through its embedding
            with given_vectors(self.model, vectors):
                return self.model(torch.zeros_like(mask), mask).logits
        return self.model(inputs_embeds=vectors, attention_mask=mask).logits


@contextmanager
def given_vectors(model, vectors):
    hook = model.encoder.get_input_embeddings().register_forward_hook(lambda *_: vectors)
    try:
        yield
    finally:
        hook.remove()


def summed(scores):
    return scores.detach().sum(-1).squeeze(0).double().numpy()


def test_integrated_gradients_are_those_of_captum(explainer):
    """Texts of several lengths side by side against `LayerIntegratedGradients` on one at a time."""
    found = explainer.explain(TEXTS, steps=9, tolerance=0, batch_tokens=60, baseline="pad")
    embedding = explainer.subject.encoder.get_input_embeddings()
    for text, ours in zip(TEXTS, found, strict=True):
        ids, baseline, target = inputs(explainer, text)
        theirs = LayerIntegratedGradients(on_ids(explainer), embedding).attribute(ids, baseline, target, n_steps=9)
        np.testing.assert_allclose(ours.scores, summed(theirs), **CLOSE)
        assert np.abs(ours.scores).max() > 1e-3


@pytest.mark.parametrize("steps", [1, 9])
def test_deltas_are_those_of_captum(explainer, steps):
    """On vectors: given ids, Captum reads the baseline of XLM-R with other positions than those of its path."""
    found = explainer.explain(TEXTS, steps=steps, tolerance=0, baseline="pad")
    for text, ours in zip(TEXTS, found, strict=True):
        ids, baseline, target = inputs(explainer, text)
        vectors, empty = (explainer.subject.vectors(each).detach() for each in (ids, baseline))
        _, delta = IntegratedGradients(OnVectors(explainer)).attribute(
            vectors, empty, target, n_steps=steps, return_convergence_delta=True
        )
        assert ours.delta == pytest.approx(float(delta), rel=0, abs=CLOSE["atol"])
    np.testing.assert_array_equal(found.delta, [each.delta for each in found])  # the same numbers
    assert np.abs(found.delta).max() > (1e-3 if steps == 1 else 0)


@pytest.mark.parametrize("name", ["bert", "distilbert"])  # Captum cannot hook blocks that also give None (DeBERTa)
@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_integrated_gradients_at_a_layer_are_those_of_captum(models, name, layer):
    explainer = models[name]
    blocks, encoder = find_blocks(explainer.subject.encoder), explainer.subject.encoder
    module = encoder.embeddings if layer == 0 else blocks[layer - 1]
    found = explainer.explain(TEXTS, layer=layer, steps=7, tolerance=0, baseline="pad")
    for text, ours in zip(TEXTS, found, strict=True):
        ids, baseline, target = inputs(explainer, text)
        theirs = LayerIntegratedGradients(on_ids(explainer), module).attribute(ids, baseline, target, n_steps=7)
        np.testing.assert_allclose(ours.scores, summed(theirs), **CLOSE)


@pytest.mark.filterwarnings("ignore:Multiple layers provided")  # block 3 would depend on 2, were it not replaced
@pytest.mark.parametrize(("layer", "states"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 3])])
def test_a_fusion_is_explained_over_all_states_that_it_reads(models, layer, states):
    """At layer 3 the fused state 2 counts, too; Captum takes both blocks together."""
    explainer = models["dlfa"]
    blocks, encoder = find_blocks(explainer.subject.encoder), explainer.subject.encoder
    modules = [encoder.embeddings if state == 0 else blocks[state - 1] for state in states]
    found = explainer.explain(TEXTS, layer=layer, steps=7, tolerance=0, baseline="pad")
    for text, ours in zip(TEXTS, found, strict=True):
        ids, baseline, target = inputs(explainer, text)
        theirs = LayerIntegratedGradients(on_ids(explainer), modules).attribute(ids, baseline, target, n_steps=7)
        np.testing.assert_allclose(ours.scores, sum(summed(part) for part in theirs), **CLOSE)


@pytest.mark.parametrize(
    ("method", "relative_delta", "said"),
    [
        ("integrated_gradients", LARGE_DELTA, None),
        ("integrated_gradients", np.nan, None),
        (
            "integrated_gradients",
            0.2,
            "by 20% of the sum of their sizes: use more than 32 steps, or another baseline, nearer to the text.",
        ),
        ("integrated_gradients", np.inf, "by many times of the sum of their sizes: use more than 32 steps"),
        (
            "deep_lift",
            12.0,
            "by many times of the sum of their sizes, as DeepLIFT may: read them as a ranking",
        ),
    ],
)
def test_a_large_delta_comes_with_advice(method, relative_delta, said):
    advice = delta_advice(method, relative_delta, 32)
    assert advice is None if said is None else said in advice


@pytest.mark.parametrize("name", ["bert", "xlm-roberta", "dlfa"])
@pytest.mark.parametrize("method", ["input_x_gradient", "deep_lift", "gradient_shap"])
def test_other_gradient_methods_are_those_of_captum(models, name, method):
    explainer, model = models[name], OnVectors(models[name])
    found = explainer.explain(TEXTS, method=method, steps=6, seed=3, baseline="pad")
    for text, ours in zip(TEXTS, found, strict=True):
        ids, baseline, target = inputs(explainer, text)
        vectors, empty = (explainer.subject.vectors(each).detach() for each in (ids, baseline))
        if method == "input_x_gradient":
            theirs = InputXGradient(model).attribute(vectors.clone().requires_grad_(), target)
        elif method == "deep_lift":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = DeepLift(model).attribute(vectors.clone().requires_grad_(), empty, target)
        else:
            torch.manual_seed(3)
            np.random.seed(3)
            theirs = GradientShap(model).attribute(vectors, empty, 6, BLUR * float(vectors.std()), target)
        np.testing.assert_allclose(ours.scores, summed(theirs), **CLOSE)


def test_occlusion_is_the_feature_ablation_of_captum(explainer):
    """The mask puts the subwords of a word together."""
    model = OnVectors(explainer)
    for text, ours in zip(TEXTS, explainer.explain(TEXTS, method="occlusion", baseline="pad"), strict=True):
        ids, baseline, target = inputs(explainer, text)
        vectors, empty = explainer.subject.vectors(ids), explainer.subject.vectors(baseline)
        groups = word_groups(ours)
        with torch.no_grad():
            theirs = FeatureAblation(model).attribute(vectors, empty, target, feature_mask=groups[None, :, None])
        expected = [float(theirs[0, word.subwords[0], 0]) for word in ours.reading.words]
        np.testing.assert_allclose(ours.word_scores, expected, **CLOSE)


def test_shapley_values_of_few_words_are_those_of_captum(models):
    for name in ("bert", "dlfa"):
        explainer, model = models[name], OnVectors(models[name])
        text = "cat sees Haus"
        ours = explainer.explain([text], method="shapley", baseline="pad")[0]
        ids, baseline, target = inputs(explainer, text)
        vectors, empty = explainer.subject.vectors(ids), explainer.subject.vectors(baseline)
        with torch.no_grad():
            theirs = ShapleyValues(model).attribute(
                vectors, empty, target, feature_mask=word_groups(ours)[None, :, None]
            )
        expected = [float(theirs[0, word.subwords[0], 0]) for word in ours.reading.words]
        np.testing.assert_allclose(ours.word_scores, expected, **CLOSE)


def word_groups(explanation):
    """(length,) a number for each word, one more for all special tokens."""
    groups = torch.zeros(len(explanation.reading), dtype=torch.long)
    for number, word in enumerate(explanation.reading.words, start=1):
        groups[list(word.subwords)] = number
    return groups


def test_sampled_shapley_values_come_close_to_the_exact_ones(bert, monkeypatch):
    text = " ".join(TEXTS[2].split()[:EXACT_WORDS])
    exact = bert.explain([text], method="shapley")[0].word_scores
    monkeypatch.setattr("dlfa_core.models.attribution.variants.EXACT_WORDS", 2)
    drawn = bert.explain([text], method="shapley", steps=400)[0].word_scores
    few = bert.explain([text], method="shapley", steps=4)[0].word_scores
    assert np.abs(drawn - exact).max() < 0.1 * np.abs(exact).max()
    assert np.abs(drawn - exact).max() < np.abs(few - exact).max()
    assert drawn.sum() == pytest.approx(exact.sum(), rel=0, abs=CLOSE["atol"])


def sizes(found):
    return np.array([np.abs(each.scores).sum() for each in found])


@pytest.mark.parametrize("method", ["integrated_gradients", "shapley"])
def test_complete_methods_add_up_to_the_difference(explainer, method):
    """Held against the sum of sizes: in the small head of DistilBERT a ReLU makes differences near 0 hard."""
    found = explainer.explain(TEXTS, method=method)
    assert (np.abs(found.delta) < 0.02 * sizes(found)).all()


@pytest.mark.parametrize("layer", [None, 0, 1, 2, 3])
def test_every_layer_explains_the_same_difference(explainer, layer):
    expected = explainer.explain(TEXTS, steps=2, tolerance=0).to_texts()
    explained = explainer.explain(TEXTS, steps=64, layer=layer)
    found = explained.to_texts()
    for column in ("value", "baseline_value"):
        np.testing.assert_allclose(found[column], expected[column], **CLOSE)
    assert (found["delta"].abs() < 0.03 * sizes(explained)).all()


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap", "deep_lift", "occlusion", "shapley"])
def test_a_text_does_not_depend_on_its_company(models, method):
    together = models["dlfa"].explain(TEXTS, method=method, steps=5)
    for text, beside in zip(TEXTS, together, strict=True):
        alone = models["dlfa"].explain([text], method=method, steps=5)[0]
        np.testing.assert_allclose(beside.scores, alone.scores, **CLOSE)


@pytest.mark.parametrize("tokens", [1, 17, 100000])
@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap", "occlusion"])
def test_scores_do_not_depend_on_how_much_is_read_at_once(bert, method, tokens):
    expected = bert.explain(TEXTS, method=method, steps=20)
    found = bert.explain(TEXTS, method=method, steps=20, batch_tokens=tokens)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.scores, theirs.scores, **CLOSE)


def test_more_samples_than_fit_at_once_are_averaged(bert):
    """Gradient SHAP calls Captum for a fixed number of samples at a time."""
    n = SAMPLES_AT_ONCE + 4
    ours = bert.explain(TEXTS[:1], method="gradient_shap", steps=n, seed=5, baseline="pad")[0].scores
    ids, baseline, target = inputs(bert, TEXTS[0])
    vectors, empty = bert.subject.vectors(ids), bert.subject.vectors(baseline)
    torch.manual_seed(5)
    np.random.seed(5)
    parts = [
        size * GradientShap(OnVectors(bert)).attribute(vectors, empty, size, BLUR * float(vectors.std()), target)
        for size in (SAMPLES_AT_ONCE, 4)
    ]
    np.testing.assert_allclose(ours, summed(sum(parts) / n), **CLOSE)


def test_random_methods_leave_the_global_generators_alone(bert):
    torch.manual_seed(1)
    np.random.seed(1)
    expected = torch.rand(3), np.random.rand(3)
    torch.manual_seed(1)
    np.random.seed(1)
    bert.explain(TEXTS[:1], method="gradient_shap", seed=8)
    assert torch.equal(torch.rand(3), expected[0])
    assert (np.random.rand(3) == expected[1]).all()


NO_MEMORY = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    MemoryError(),
]


@pytest.mark.parametrize("error", NO_MEMORY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_the_batch_is_halved_until_the_memory_is_enough(models, monkeypatch, method, error):
    explainer, most = models["distilbert"], 4
    expected = explainer.explain(TEXTS, method=method, steps=12)
    tried, whole = [], explainer.subject.logits

    def small(point, states, batch):
        tried.append(len(states[0]))
        if len(states[0]) > most:
            raise error
        return whole(point, states, batch)

    monkeypatch.setattr(explainer.subject, "logits", small)
    found = explainer.explain(TEXTS, method=method, steps=12)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.scores, theirs.scores, **CLOSE)
    assert max(tried) > most


@pytest.mark.parametrize("error", NO_MEMORY, ids=lambda error: type(error).__name__)
def test_one_step_of_one_text_that_does_not_fit_is_an_error(models, monkeypatch, error):
    tried = []

    def never(point, states, batch):
        tried.append(len(states[0]))
        raise error

    monkeypatch.setattr(models["distilbert"].subject, "logits", never)
    with pytest.raises(type(error)):
        models["distilbert"].explain(TEXTS, steps=12)
    assert tried[-1] == 1


def test_an_error_that_is_not_about_memory_is_raised_at_once(models, monkeypatch):
    calls = []

    def broken(*_):
        calls.append(1)
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(models["distilbert"].subject, "logits", broken)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        models["distilbert"].explain(TEXTS)
    assert len(calls) == 1


def test_texts_that_miss_the_tolerance_get_more_steps(bert):
    rough, fine = (bert.explain(TEXTS, steps=POINTS, tolerance=most) for most in (10.0, 1e-4))
    assert (rough.to_texts()["steps"] == POINTS).all()  # one segment
    assert (fine.to_texts()["steps"] > POINTS).any()
    assert (fine.relative_delta < 1e-4 + CLOSE["atol"]).all()
    exact = bert.explain(TEXTS, steps=200, tolerance=0)
    for found, other, truth in zip(fine, rough, exact, strict=True):
        assert np.abs(found.scores - truth.scores).sum() <= 1e-3 * np.abs(truth.scores).sum()
        assert np.abs(found.scores - truth.scores).sum() <= np.abs(other.scores - truth.scores).sum() + CLOSE["atol"]


def test_the_error_is_a_share_of_the_sizes_of_scores(bert):
    found = bert.explain(TEXTS, steps=2, tolerance=0)
    expected = np.abs([each.scores.sum() - each.difference for each in found]) / sizes(found)
    np.testing.assert_allclose(found.relative_delta, expected)
    np.testing.assert_allclose(found.to_texts()["relative_delta"], expected)


def integrated(path, function, gradient):
    """Measure what waits on a path, of one position whose gradient is known."""
    for point in path.waiting:
        path.add(point, np.array([gradient(point)]), function(point))


def test_a_path_is_halved_where_the_gradient_turns():
    """An output that decides within a hundredth of the way: with as many points everywhere, the rule misses it."""

    def function(x):
        return np.tanh((x - 0.3) / 0.01)

    def gradient(x):
        return (1 - np.tanh((x - 0.3) / 0.01) ** 2) / 0.01

    path = Path(24)
    while path.waiting:
        integrated(path, function, gradient)
        path.refine(0.01, 1000)
    truth = function(1.0) - function(0.0)
    assert path.scores[0] == pytest.approx(truth, rel=0.01)
    nodes, weights = np.polynomial.legendre.leggauss(path.points)
    assert abs((weights / 2 * gradient((nodes + 1) / 2)).sum() - truth) > abs(path.scores[0] - truth)


def test_a_path_spends_no_more_points_than_it_may():
    path = Path(24)
    while path.waiting:
        integrated(path, lambda x: x, lambda x: 2.0)  # never adds up
        path.refine(0.01, 50)
    assert 50 - 2 * POINTS < path.points <= 50


@pytest.mark.parametrize(("rule", "degree"), [(0, 5), (1, 9)])
def test_a_rule_is_exact_for_polynomials(rule, degree):
    """Each part of a segment up to the degree of the polynomial through its points, all parts together beyond."""
    nodes, parts = RULES[rule].nodes, RULES[rule].parts
    for power in range(degree + 1):
        assert (parts @ nodes**power).sum() == pytest.approx(1 / (power + 1))
        if power < len(nodes):
            np.testing.assert_allclose(parts @ nodes**power, np.diff(nodes ** (power + 1)) / (power + 1), atol=1e-12)
    assert (parts @ nodes ** (degree + 1)).sum() != pytest.approx(1 / (degree + 2), rel=1e-6)


def test_points_are_shared_and_used_again():
    path = Path(13)
    assert path.waiting[0] == 1.0  # what is predicted there says what is explained
    assert len(path.waiting) == len(set(path.waiting)) == 13
    seen = set()
    while path.waiting:
        assert seen.isdisjoint(path.waiting)
        seen |= set(path.waiting)
        integrated(path, lambda x: np.tanh((x - 0.3) / 0.02), lambda x: np.cosh((x - 0.3) / 0.02) ** -2 / 0.02)
        path.refine(1e-3, 1000)
    assert path.points == len(seen) > 13


def test_a_smooth_path_needs_no_second_look():
    path = Path(13)
    integrated(path, lambda x: x**4, lambda x: 4 * x**3)
    assert len(path.scores) == 1
    assert path.scores[0] == pytest.approx(1.0)
    path.refine(1e-9, 1000)
    assert not path.waiting
    assert path.points == 13


@pytest.mark.parametrize(("target", "against"), [("2", "0"), ("2", "")])
def test_the_most_neutral_baseline_is_taken(models, target, against):
    """By hand, on texts without content of some lengths."""
    explainer = models["bert"]
    question = explainer.question(target, against)
    leans = explainer.leans(question)
    for name, lean in leans.items():
        outputs = []
        for length in EMPTY_LENGTHS:
            text = " ".join(["the"] * length)
            empty = [np.zeros((1, length), dtype=bool)]
            logits = explainer.variants(explainer.read([text]), empty, name)[0][0].double()
            chances = logits.softmax(-1)
            far = (chances * (chances * len(chances)).log()).sum()
            outputs.append(float(logits[2] - logits[0] if against else far))
        assert lean == pytest.approx(np.mean(outputs), abs=1e-5)
    found = explainer.explain(TEXTS, target=target, against=against, method="occlusion")
    assert found.baseline == min(leans, key=lambda name: abs(leans[name])) == explainer.neutral_baseline(question)


def test_a_baseline_that_is_to_be_chosen_is_none_by_itself(bert):
    with pytest.raises(ValueError, match="'auto' names no baseline by itself: ask the explainer which one that is"):
        bert.variants(bert.read(["the cat"]), [np.ones((1, 2), dtype=bool)], "auto")


def test_backward_passes_compute_no_gradients_of_weights(explainer):
    explainer.explain(TEXTS[:2], steps=3)
    assert not any(weight.requires_grad or weight.grad is not None for weight in explainer.subject.model.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_weights_are_the_same_after_every_method(models, method):
    model = models["dlfa"].subject.model
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    models["dlfa"].explain(TEXTS[:2], method=method, steps=2)
    assert not model.training
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_the_model_is_left_as_it_was(explainer):
    """Blocks that were left out are back, and no hook stays, also after an error."""
    model, blocks = explainer.subject.model, explainer.subject.blocks
    for layer in (None, 1, 3):
        explainer.explain(TEXTS[:1], layer=layer, steps=2)
        explainer.explain(TEXTS[:1], layer=layer, method="deep_lift")
    with pytest.raises(ZeroDivisionError):
        explainer.explain(TEXTS, layer=2, steps=2, progress=lambda fraction, _: 1 / (1 - fraction))
    assert find_blocks(explainer.subject.encoder) == blocks
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in model.modules())


def test_a_layer_is_run_whole_where_its_blocks_know_their_place(bert, monkeypatch):
    """If leaving out the blocks before changed the answer, they are run."""
    expected = bert.explain(TEXTS[:1], layer=2, steps=4)[0].scores
    monkeypatch.setattr(bert.subject, "_sliceable", {2: False})
    np.testing.assert_allclose(bert.explain(TEXTS[:1], layer=2, steps=4)[0].scores, expected, **CLOSE)


def test_the_output_of_one_label_is_explained_against_another(bert):
    ask = {"steps": 40, "tolerance": 0}
    good, bad, both = (
        bert.explain(TEXTS, target=target, against=against, **ask)
        for target, against in (("LABEL_2", ""), ("0", ""), ("label_2", "LABEL_0"))
    )
    for one, other, difference in zip(good, bad, both, strict=True):
        np.testing.assert_allclose(one.scores - other.scores, difference.scores, **CLOSE)
        assert (difference.target, difference.against) == ("LABEL_2", "LABEL_0")


def test_probabilities_of_all_labels_have_scores_that_cancel(bert):
    """They add up to 1 whatever the text says."""
    found = [bert.explain(TEXTS[:2], target=str(label), output="probability", tolerance=0) for label in range(3)]
    for number in range(2):
        np.testing.assert_allclose(sum(each[number].scores for each in found), 0, **CLOSE)
        assert 0 < found[0][number].value < 1


def test_words_are_sums_of_their_subwords_and_special_tokens_stand_apart(bert):
    found = bert.explain(["the cats !", "घर"], steps=8)
    for each in found:
        assert np.nansum(each.word_scores) + each.special == pytest.approx(each.scores.sum())
        assert each.special == pytest.approx(0, abs=1e-9)  # baselines keep them
    words, subwords = found.to_words(), found.to_frame()
    assert words["form"].tolist() == ["the", "cats", "!", "घर"]
    sums = subwords[subwords["word"] >= 0].groupby(["text", "word"])["score"].sum()
    np.testing.assert_allclose(words["score"], sums)
    assert subwords.loc[subwords["word"] < 0, "token"].tolist() == ["[CLS]", "[SEP]"] * 2


def test_at_a_layer_special_tokens_have_a_share(bert):
    found = bert.explain(TEXTS, layer=3)
    for each in found:
        assert each.special == pytest.approx(each.difference, rel=0.02)  # the classifier reads [CLS] alone


def test_a_text_beyond_the_limit_is_cut_and_says_so(bert):
    cut, whole = bert.explain([TEXTS[2], TEXTS[1]], max_length=6, steps=2, tolerance=0)
    assert (cut.reading.truncated, whole.reading.truncated) == (True, False)
    assert np.isnan(cut.word_scores).sum() == LONGEST - 4
    assert bert.explain([TEXTS[2]], max_length=6, method="shapley")[0].word_scores[:4].sum() == pytest.approx(
        cut.difference, rel=0, abs=CLOSE["atol"]
    )
    assert len(bert.explain(["the " * 100], method="occlusion")[0].reading) == bert.max_length == 40


def test_pairs_of_texts_are_read_with_their_types(bert):
    """Against plain Captum with both types; words know which text they are from."""
    pair = ("the cat sees", "a dog !")
    ours = bert.explain([pair], steps=6, tolerance=0, baseline="pad")[0]
    encoded = bert.tokenizer(*pair, return_tensors="pt", return_special_tokens_mask=True, return_token_type_ids=True)
    ids, types = encoded["input_ids"], encoded["token_type_ids"]
    baseline = torch.where(encoded["special_tokens_mask"].bool(), ids, 0)
    embedding = bert.subject.encoder.get_input_embeddings()

    def logits(ids, types):
        return bert.subject.model(ids, token_type_ids=types, attention_mask=torch.ones_like(ids)).logits

    target = logits(ids, types).argmax(-1)
    theirs = LayerIntegratedGradients(logits, embedding).attribute(ids, baseline, target, types, n_steps=6)
    np.testing.assert_allclose(ours.scores, summed(theirs), **CLOSE)
    assert ours.reading.segments == (0, 0, 0, 1, 1, 1)
    assert [[mark.start for mark in marks] for marks in ours.marks] == [[0, 4, 8], [0, 2, 6]]


def test_baselines_differ_and_zero_needs_no_token(bert):
    pad, zero = (bert.explain(TEXTS[:1], baseline=name)[0] for name in ("pad", "zero"))
    assert pad.value == pytest.approx(zero.value, rel=0, abs=CLOSE["atol"])
    assert abs(pad.baseline_value - zero.baseline_value) > 1e-3


@pytest.mark.parametrize("layer", [None, 2])
def test_half_precision_gives_nearly_the_same_scores(explainer, layer):
    """Some twelve roundings of 2**-8 in each of 3 blocks add up to 0.02 of an output, or to five times that."""
    exact = explainer.explain(TEXTS, target="0", layer=layer, tolerance=0)
    half = Explainer(deepcopy(explainer.subject.model), explainer.tokenizer, "half", dtype="bfloat16")
    found = half.explain(TEXTS, target="0", layer=layer)
    assert half.subject.dtype == torch.bfloat16
    for one, other in zip(exact, found, strict=True):
        assert other.scores.dtype == np.float64
        assert other.steps == one.steps  # more of them would not mend what rounding took
        assert other.scores == pytest.approx(one.scores, abs=0.3 * np.abs(one.scores).max() + 1e-3)
        assert other.value == pytest.approx(one.value, abs=0.1 * max(1, abs(one.value)))


def test_an_unknown_dtype_is_refused(bert):
    with pytest.raises(ValueError, match="dtype='int4' is unknown: use one of auto, float32, bfloat16, float16"):
        Explainer(bert.subject.model, bert.tokenizer, dtype="int4")


def test_input_x_gradient_is_held_against_zeros(bert):
    """For a model that is linear in its vectors it would be complete."""
    found = bert.explain(TEXTS[:1], method="input_x_gradient")[0]
    zeros = torch.zeros(1, len(found.reading), 24)
    with torch.no_grad():
        expected = OnVectors(bert)(zeros)[0, bert.labels.index(found.target)]
    assert found.baseline_value == pytest.approx(float(expected), rel=0, abs=CLOSE["atol"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "integratedgradients"}, "Unknown method 'integratedgradients': did you mean integrated_gradients?"),
        ({"method": "magic"}, "Unknown method 'magic': choose from integrated_gradients, input_x_gradient"),
        ({"baseline": "black"}, "Unknown baseline 'black': choose from pad, mask, zero, auto"),
        ({"baseline": "mask"}, "has no mask token: choose another baseline"),
        ({"output": "odds"}, "Unknown output 'odds': choose from logit, probability"),
        ({"layer": 4}, r"Layer 4 does not exist: this model has layers 0 \(the embedding output\) to 3"),
        ({"layer": 1, "method": "shapley"}, "takes out words of the text, so it has no layers"),
        ({"target": "3"}, "Label 3 is out of range: this model has 3 labels, 0 to 2"),
        ({"target": "great"}, "no label 'great': choose from LABEL_0, LABEL_1, LABEL_2, or give a number"),
        ({"target": "1", "against": "LABEL_1"}, "both 'LABEL_1', so there is nothing to explain"),
        ({"against": "1"}, "against='1' needs a target"),
        ({"steps": 0}, "steps=0 computes nothing"),
        ({"max_length": 2}, "max_length=2 leaves no room for text beside 2 special tokens"),
        ({"batch_tokens": 0}, "batch_tokens=0 must be at least 1"),
        ({"languages": ["eng", "deu"]}, "1 texts but 2 languages"),
        ({"languages": ["xx"]}, "'xx' is not a language"),
    ],
)
def test_what_cannot_be_asked_is_refused(bert, settings, message):
    with pytest.raises(ValueError, match=message):
        bert.explain(["the cat"], **settings)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([""], "Text 0 is empty, so there are no words to explain"),
        (["the cat", " \n "], "Text 1 is empty"),
        (["\u200b"], r"Text 0 .* gives no subwords to explain"),
        ([None], r"Text 0 is None \(NoneType\)"),
        (["half \ud83d"], "Text 0 .* holds half a character"),
        ("the cat", r"got one string: write explain\(\[text\]\)"),
        ([("the cat", "")], "Text 0 is empty"),
    ],
)
def test_texts_without_words_are_refused(bert, texts, message):
    with pytest.raises(ValueError, match=message):
        bert.explain(texts)


def test_a_model_that_labels_no_texts_is_refused(checkpoints):
    tagger = DlfaForTokenClassification.from_encoder(checkpoints["bert"], LABELS, layer=1)
    with pytest.raises(ValueError, match="gives no label to a text: choose a model for sequence classification"):
        Explainer(tagger, tiny_tokenizer(), "tagger")


def test_progress_rises_to_one(bert):
    for method in ("integrated_gradients", "shapley"):
        seen = []
        bert.explain(TEXTS, method=method, progress=lambda fraction, _, seen=seen: seen.append(fraction))
        assert seen == sorted(seen)
        assert (seen[0], seen[-1]) == (0, 1)
